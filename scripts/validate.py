"""Checks domain, NLU data, rules and stories against each other; warnings count.

Intents that no person says (`EXTERNAL_…`, set off by other processes) have no examples to learn
from. Rasa's validation wants one for every intent of the domain: it finds those in a file that no
training reads.
"""

import os
import subprocess
import sys

from scripts.console import say
from scripts.project import ROOT, process_environment, python_module

EXTERNAL_INTENTS = "tests/data/external_intents.yml"


def main() -> int:
    """Run Rasa's own validation; its exit status."""
    os.chdir(ROOT)
    # From WARNING on, Rasa draws no progress bars; what is wrong is a warning or worse.
    environment = {"LOG_LEVEL": "WARNING", **process_environment()}
    arguments = ("data", "validate", "--fail-on-warnings", "--data", "data", EXTERNAL_INTENTS)
    status = subprocess.run(
        python_module("scripts.rasa_program", *arguments),
        stdin=subprocess.DEVNULL,
        env=environment,
    ).returncode
    say("Domain and data fit together." if status == 0 else "Domain and data do not fit together.")
    return status


if __name__ == "__main__":
    sys.exit(main())
