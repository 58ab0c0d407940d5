"""The action server: rasa_sdk's, with what `scripts/rasa_program.py` has, too.

Personal data are masked in its log, it can be seen from outside, says whether it is ready, and
comes to a good end.
"""

import sys

from actions.settings import SettingsError
from observing.beginning import ACTIONS, observe
from privacy.log_masking import install_log_masking
from privacy.names import NamesUnavailableError


def main() -> None:
    """Run rasa_sdk's command line."""
    observe(ACTIONS)
    try:
        # After: whatever writes a line of the log, it is masked at the end.
        install_log_masking()
    except (SettingsError, NamesUnavailableError) as error:
        sys.exit(str(error))
    import rasa_sdk.__main__

    from operations import action_server

    action_server.install()
    rasa_sdk.__main__.main()


if __name__ == "__main__":
    main()
