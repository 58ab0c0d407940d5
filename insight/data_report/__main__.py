"""Tells what is missing, doubtful or of no use in training data: `make data-report`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from insight.conversations.periods import Period, PeriodError, read_period
from insight.conversations.reading import Reading
from insight.conversations.store import open_store
from insight.conversations.turns import follow
from insight.data_report.entities import check_entities
from insight.data_report.estimate import check_estimate, estimate
from insight.data_report.examples import FEWEST, check_examples
from insight.data_report.findings import Finding, Report
from insight.data_report.page import render
from insight.data_report.paths import Taken, check_paths
from insight.data_report.terminal import told
from insight.data_report.uses import Uses
from insight.options import add_options, training_data
from insight.training_data.code_use import CodeUse, read_code
from insight.training_data.elements import TrainingData
from insight.training_data.nodes import UnreadableFileError, compose, plain
from operations.tracker_address import StoreError, find_store
from scripts.console import give_up, say
from scripts.display import show
from scripts.project import process_environment
from scripts.report.writing import write_whole

_FROM_EXAMPLES = frozenset(
    {
        "DIETClassifier",
        "CRFEntityExtractor",
        "RegexEntityExtractor",
        "EntitySynonymMapper",
        "custom_components.joint_bert.JointBertClassifier",
    }
)
"""Components that find such entities only as examples, lookup tables or patterns have."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where there is training data."""
    options = _options(arguments)
    root = Path(options.project).absolute()
    try:
        period = read_period(options.since, options.period, options.until, time.time())
    except PeriodError as error:
        give_up(str(error))
    data = training_data(root, options.data)
    if not (data.examples or data.stories or data.responses or data.unreadable):
        give_up(f"There is no training data in {root}: --data names where it is.")
    report = make_report(root, data, options, period)
    if options.json:
        say(json.dumps(dataclasses.asdict(report), ensure_ascii=False, indent=1))
        return 0
    for line in told(report):
        say(line)
    output = root / options.output
    output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(output, render(report, time.time()))
    say(f"\nThe page is {output}")
    show(output.as_uri())
    return 0


def make_report(
    root: Path, data: TrainingData, options: argparse.Namespace, period: Period
) -> Report:
    """Looks at everything that there is, and says what there is not."""
    report = Report()
    report.facts.append(
        f"{len(data.examples)} examples of {len(data.intents)} intents, {len(data.stories)} "
        f"stories and rules, {len(data.responses)} responses, {len(data.slots)} slots"
    )
    for line in data.unreadable:
        place, _, why = line.partition(": ")
        report.findings.append(Finding("unreadable", place, why))
    report.findings += check_examples(data, options.fewest)
    report.findings += check_entities(data)
    report.findings += _uses(root, data, options, report)
    found = estimate(data, root / options.models, anew=options.estimate)
    (report.facts if found.estimate else report.left_out).append(found.told)
    if found.estimate:
        report.findings += check_estimate(found.estimate, data)
    report.findings += _paths(root, data, options, period, report)
    return report


def _uses(
    root: Path, data: TrainingData, options: argparse.Namespace, report: Report
) -> Iterator[Finding]:
    code = read_code([root / path for path in options.code])
    config: Any = None
    path = root / options.config
    if path.exists():
        try:
            config = plain(compose(path, options.config))
        except UnreadableFileError as error:
            report.left_out.append(f"Left out: the configuration. {error}")
    _mention(config, code)
    if not code.files:
        report.left_out.append(
            "No Python code was found: what only code says, sets or reads is told as unused. "
            "--code names where it is."
        )
    return Uses(data, code, finds_more=_finds_more(config)).check()


def _mention(value: Any, code: CodeUse) -> None:
    if isinstance(value, str):
        code.add_text(value)
    elif isinstance(value, dict):
        for one in value.values():
            _mention(one, code)
    elif isinstance(value, list):
        for one in value:
            _mention(one, code)


def _finds_more(config: Any) -> bool:
    """Whether some component may find entities that are in no example."""
    pipeline = config.get("pipeline") if isinstance(config, dict) else None
    names = [
        str(one.get("name") if isinstance(one, dict) else one)
        for one in (pipeline if isinstance(pipeline, list) else [])
    ]
    # Of a component from elsewhere nobody knows.
    return any(
        name not in _FROM_EXAMPLES and ("EntityExtractor" in name or "." in name) for name in names
    )


def _paths(
    root: Path, data: TrainingData, options: argparse.Namespace, period: Period, report: Report
) -> list[Finding]:
    try:
        with open_store(find_store(root / options.endpoints, options.store)) as store:
            reading = Reading(store, period)
            taken = Taken().add_all(follow(reading))
    except StoreError as error:
        report.left_out.append(f"Left out: stories beside conversations. {error}")
        return []
    report.left_out += reading.faults.told()
    if not taken.sessions:
        report.left_out.append(
            "Left out: stories beside conversations. Nobody said anything in the tracker store."
        )
        return []
    report.facts.append(f"{sum(taken.sessions.values())} sessions in the tracker store")
    return list(check_paths(data.stories, data.forms.keys(), taken))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m insight.data_report", description=__doc__)
    add_options(parser, output="var/data-report.html")
    parser.add_argument("--config", default="config.yml", help="the pipeline's configuration")
    parser.add_argument("--code", nargs="+", default=["."], help="the project's Python code")
    parser.add_argument("--models", default="models", help="where trained models are")
    parser.add_argument(
        "--fewest", type=int, default=FEWEST, help="examples that an intent should have"
    )
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="cross-validate the examples as they are now, not as a model was trained on them",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    # Before TensorFlow is imported, which comes with some of Rasa.
    os.environ.update(process_environment())
    sys.exit(main())
