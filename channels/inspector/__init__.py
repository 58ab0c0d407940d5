"""A page for developers: what was understood, decided and said, turn by turn (docs/inspector.md).

It is opened like a channel, and only where it is named: `make serve CHANNELS="web inspector"`.
"""

from channels.inspector.channel import InspectorInput

__all__ = ["InspectorInput"]
