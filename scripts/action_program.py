"""The action server: rasa_sdk's, with personal data masked in its log, and a good end."""

import sys

from actions.settings import SettingsError
from privacy.log_masking import install_log_masking
from privacy.names import NamesUnavailableError


def main() -> None:
    """Run rasa_sdk's command line."""
    try:
        install_log_masking()
    except (SettingsError, NamesUnavailableError) as error:
        sys.exit(str(error))
    import rasa_sdk.__main__

    from operations import action_server

    action_server.install()
    rasa_sdk.__main__.main()


if __name__ == "__main__":
    main()
