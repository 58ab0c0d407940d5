"""Rasa's libraries imported without what they say of each other."""

import logging
import os
import warnings

from scripts.project import QUIET


def quieten() -> None:
    """Leave unsaid what concerns only the makers of libraries, and draw no progress bars.

    Several of them turn such warnings on as they are imported, so that they are not filtered but
    left unsaid.
    """
    # From ERROR on, Rasa draws no progress bars.
    for name, value in {**QUIET, "LOG_LEVEL": "ERROR"}.items():
        os.environ.setdefault(name, value)
    logging.getLogger("rasa").setLevel(logging.ERROR)
    say = warnings.showwarning

    def say_what_matters(
        message: Warning | str, category: type[Warning], *where: object, **more: object
    ) -> None:
        if not issubclass(category, (DeprecationWarning, PendingDeprecationWarning, UserWarning)):
            say(message, category, *where, **more)  # type: ignore[arg-type]

    warnings.showwarning = say_what_matters
