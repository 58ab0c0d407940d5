"""Rasa's command line without its false warnings, and those of its dependencies.

They warn of each other, and several turn such warnings on as they are imported, whatever
PYTHONWARNINGS says. So they are not filtered but left unsaid.

Personal data are masked in its log (docs/privacy.md), and what is to be seen of it from outside
begins here (docs/observing.md).

A server (`run`) says whether it is ready, and lets turns come to their end
(`operations/lifecycle.py`). With `--enable-api`, the token that Rasa's HTTP API asks for is taken
from PARLEY_API_TOKEN: among the arguments of a process, everybody on the machine could read it.
"""

import os
import re
import sys
import warnings
from typing import Any

from actions.settings import SettingsError
from observing.beginning import ASSISTANT, observe
from privacy.log_masking import install_log_masking
from privacy.names import NamesUnavailableError

API_TOKEN = "PARLEY_API_TOKEN"

_UNSAID = (DeprecationWarning, PendingDeprecationWarning)

# Rasa adds the retrieval intents that it finds in the training data to the domain, and then finds
# them there twice; left out of domain.yml, it misses them in the stories.
_FALSE = re.compile(
    r"The following duplicated intents have been found across multiple domain files: "
    r"(?:(?:chitchat|faq)(?:, )?)+\s*(?:\n.*)?$"
)


def main() -> None:
    """Run Rasa's command line."""
    say = warnings.showwarning

    def say_what_matters(
        message: Warning | str, category: type[Warning], *where: Any, **more: Any
    ) -> None:
        if not issubclass(category, _UNSAID) and not _FALSE.match(str(message)):
            say(message, category, *where, **more)

    warnings.showwarning = say_what_matters
    serves = sys.argv[1:2] == ["run"]
    if serves:
        observe(ASSISTANT)
    try:
        # After: whatever writes a line of the log, it is masked at the end.
        install_log_masking()
    except (SettingsError, NamesUnavailableError) as error:
        sys.exit(str(error))
    token = os.environ.get(API_TOKEN)
    if token and "--enable-api" in sys.argv and "--auth-token" not in sys.argv:
        # In one argument: by itself, a token that begins with a dash would be read as an option.
        sys.argv.append(f"--auth-token={token}")
    import rasa.__main__

    if serves:
        from operations import rasa_server

        rasa_server.install()
    rasa.__main__.main()


if __name__ == "__main__":
    main()
