"""Deletes what is older than PARLEY_KEEP_DAYS: `make retention` (docs/privacy.md)."""

import os
import sys

from actions.settings import SettingsError
from privacy.retention import expire
from privacy.settings import KEEP_DAYS_VARIABLE, read_privacy_settings
from privacy.stores import ErasureError
from scripts.console import complain, say
from scripts.project import ROOT


def main() -> int:
    """Delete it, and say what; the exit status."""
    os.chdir(ROOT)
    try:
        settings = read_privacy_settings()
        if settings.keep_days is None:
            say(f"Nothing is deleted by age: {KEEP_DAYS_VARIABLE} is not set.")
            return 0
        gone = expire(settings)
    except (ErasureError, SettingsError) as error:
        complain(str(error))
        return 1
    say(f"Deleted what is older than {settings.keep_days} days:" if gone else "Nothing is so old.")
    for called, count in sorted(gone.items()):
        say(f"  {count:6d}  {called}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
