"""Actions of a small assistant with faults; the tests read them, and run nothing."""

from rasa_sdk import Action


class NobodyCalls(Action):
    """Is there, and is never called."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_that_nobody_calls"
