"""Runs the behavioural tests on a trained model: `make audit`."""

import argparse
import json
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.audit.figures import TestFigures, as_json, figures_of
from scripts.audit.page import render
from scripts.audit.reading import read_all
from scripts.audit.suite import InvalidSuiteError, read_suite
from scripts.audit.table import lines_of
from scripts.console import complain, give_up, say
from scripts.display import show
from scripts.freshness import newest_model
from scripts.project import ROOT

SUITE = Path("audit")
MODELS = Path("models")
_SEED = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the audit; 0 where no rate is above its limit, 1 otherwise, 2 for wrong settings."""
    os.chdir(ROOT)
    options = _options(arguments)
    model = options.model or newest_model(MODELS)
    if model is None or not model.is_file():
        give_up("There is no model to audit: `make train` first, or name one: MODEL=….")
    try:
        examples = None if options.examples is None else _examples(options)
        tests = read_suite(options.data, examples, terms_of=[SUITE])
    except InvalidSuiteError as error:
        complain(str(error))
        return 2
    if not any(test.cases for test in tests):
        complain("There is nothing to test in that.")
        return 2
    texts = {text for test in tests for text in test.texts}
    progress = _progress if sys.stderr.isatty() else lambda done, of: None
    figures = figures_of(tests, read_all(model, texts, progress), options.limit / 100)
    _report(figures, model, options)
    return int(any(one.is_above_limit for one in figures))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make audit ARGS='…'", description=__doc__)
    parser.add_argument(
        "data",
        nargs="*",
        type=Path,
        default=[SUITE],
        help=f"files or folders with tests, in place of {SUITE}/, whose terms they may use",
    )
    parser.add_argument("--model", type=Path, help="the model's archive; the newest, if not given")
    parser.add_argument(
        "--examples", type=Path, help="Rasa's training data to make the tests' sentences of"
    )
    parser.add_argument(
        "--sample", type=int, default=400, help="how many examples are drawn, at most (400)"
    )
    parser.add_argument(
        "--limit", type=float, default=20.0, help="percent that may fail in a test (20)"
    )
    parser.add_argument("--json", type=Path, help="write all figures into this file; - prints them")
    parser.add_argument(
        "--page", type=Path, default=Path("var/audit.html"), help="the page (var/audit.html)"
    )
    parser.add_argument("--short", action="store_true", help="no lines for groups")
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    return parser.parse_args(arguments)


def _examples(options: argparse.Namespace) -> list[str]:
    """A bot's own sentences: drawn, but the same each time."""
    from rasa.shared.nlu.training_data.loading import load_data

    if not options.examples.exists():
        raise InvalidSuiteError(f"There is no {options.examples}.")
    found = load_data(str(options.examples)).intent_examples
    texts = sorted({str(example.get("text")) for example in found})
    if len(texts) > options.sample:
        texts = sorted(random.Random(_SEED).sample(texts, options.sample))
    return texts


def _report(figures: Sequence[TestFigures], model: Path, options: argparse.Namespace) -> None:
    told = json.dumps(as_json(figures, model.name), indent=1, ensure_ascii=False)
    if options.json == Path("-"):
        say(told)
    else:
        if options.json is not None:
            options.json.write_text(told + "\n", encoding="utf-8")
        for line in lines_of(figures, groups=not options.short):
            say(line)
    page = options.page
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(
        render(figures, model.name, model.stat().st_mtime), encoding="utf-8", errors="replace"
    )
    if options.json != Path("-"):
        say(f"\nThe failures, each with its sentence: {page.resolve()}")
    if options.open:
        show(page.resolve().as_uri())


def _progress(done: int, of: int) -> None:
    sys.stderr.write(f"\r{done} of {of} sentences read" + ("\n" if done == of else ""))
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
