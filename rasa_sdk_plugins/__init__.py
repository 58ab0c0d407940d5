"""What the action server has more than the SDK's: the SDK imports a package of this name."""

from pluggy import PluginManager


def init_hooks(manager: PluginManager) -> None:
    """Called by the SDK as the server starts."""
    from actions import guarding

    manager.register(guarding)
