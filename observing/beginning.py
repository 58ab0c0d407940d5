"""What each process calls before it becomes Rasa's program, or the SDK's."""

from __future__ import annotations

import sys

from observing.settings import ObservingSettingsError, read_observing_settings

ASSISTANT, ACTIONS = "assistant", "actions"


def observe(process: str) -> None:
    """Has this process seen from outside as the environment says; by itself it says nothing.

    Args:
        process: ASSISTANT or ACTIONS.

    Raises:
        SystemExit: The environment says something that cannot be.
    """
    try:
        settings = read_observing_settings()
    except ObservingSettingsError as error:
        sys.exit(str(error))
    if not settings.measures:
        return
    if settings.json_logs:
        from observing.logs import write_json

        write_json(process)
    # What is imported here takes part in nothing where nobody looks.
    if process == ASSISTANT:
        from observing.assistant import follow
    else:
        from observing.action_server import follow
    follow(settings)
