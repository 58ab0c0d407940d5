"""Opens the report of the newest model, or says where it is: `make report`."""

import os
import sys
from pathlib import Path

from scripts.console import give_up, say
from scripts.display import show
from scripts.freshness import newest_model
from scripts.project import ROOT
from scripts.report.archive import UnreadableDiagnosisError
from scripts.report.writing import write_report

MODELS = Path("models")


def main() -> int:
    """Write the newest model's report anew and show it; 0 where there is one in the end."""
    os.chdir(ROOT)
    model = newest_model(MODELS)
    if model is None:
        give_up("Nothing is trained yet: `make train` first.")
    try:
        report = write_report(model)
    except UnreadableDiagnosisError as error:
        give_up(str(error))
    if report is None:
        give_up(f"{model} holds no figures for a report: `make train FORCE=1` makes them.")
    say(f"The report is {report.resolve()}")
    show(report.resolve().as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main())
