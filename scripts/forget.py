"""Erases everything that is kept of a person: `make forget USER=…` (docs/privacy.md).

DRY_RUN=1 shows what there is and erases nothing. Who is unknown is told, with status 1.
"""

import os
import sys

from actions.settings import SettingsError
from privacy.erasing import Erasure, check_registered, conversations_like, find, forget
from privacy.settings import read_privacy_settings
from privacy.stores import ErasureError
from scripts.console import complain, say
from scripts.project import ROOT, setting


def main() -> int:
    """Erase, or show; the exit status."""
    os.chdir(ROOT)
    person = setting("FORGET_USER", "")
    if not person:
        complain("Whose? make forget USER=… takes the conversation's id, as in USER=telegram~4242.")
        return 2
    only_show = setting("DRY_RUN", "0") != "0"
    try:
        settings = read_privacy_settings()
        try:
            check_registered(settings)
        except ErasureError as error:
            # Another program's tables in the same database, perhaps.
            complain(str(error))
        erased = find(settings, person) if only_show else forget(settings, person)
        if not erased.total:
            complain(f"Nothing is kept of '{person}'.")
            for like in conversations_like(settings, person):
                complain(f"  There is '{like}'.")
            return 1
        if not only_show and settings.tracker_url and not settings.tracker_is_safe:
            complain(
                "endpoints.yml names another tracker store than Parley's: a message that was being "
                "answered just now may have been written back. Do it once more when it is quiet."
            )
    except (ErasureError, SettingsError) as error:
        complain(str(error))
        return 1
    _tell(person, erased, "There is" if only_show else "Erased")
    return 0


def _tell(person: str, erased: Erasure, what: str) -> None:
    say(f"{what} of '{person}':")
    for called, count in sorted(erased.counts.items()):
        say(f"  {count:6d}  {called}")
    for place in erased.outside:
        say(f"Not looked into: {place}.")


if __name__ == "__main__":
    sys.exit(main())
