"""The domain is sent to the actions that read it, and to no others."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml
from rasa.shared.core.domain import Domain

ROOT = Path(__file__).resolve().parents[2]
RUNS = sorted((ROOT / "actions").glob("*.py"))


def actions_that_read_the_domain(module: Path) -> list[str]:
    """The names of a module's actions whose `run` does not put the domain aside (`_domain`)."""
    found = []
    for kind in ast.parse(module.read_text(encoding="utf-8")).body:
        if not isinstance(kind, ast.ClassDef):
            continue
        methods = {part.name: part for part in kind.body if isinstance(part, ast.AsyncFunctionDef)}
        names = [
            str(part.body[-1].value.value)
            for part in kind.body
            if isinstance(part, ast.FunctionDef)
            and part.name == "name"
            and isinstance(part.body[-1], ast.Return)
            and isinstance(part.body[-1].value, ast.Constant)
        ]
        run = methods.get("run")
        if run is not None and names and run.args.args[-1].arg == "domain":
            found += names
    return found


def test_who_reads_the_domain_is_sent_it() -> None:
    domain = Domain.load(str(ROOT / "domain.yml"))
    reading = [name for module in RUNS for name in actions_that_read_the_domain(module)]
    assert "action_answer_by_meaning" in reading
    for name in reading:
        assert domain.does_custom_action_explicitly_need_domain(name), name


def test_nobody_else_is() -> None:
    listed = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["actions"]
    sent = {name for entry in listed if isinstance(entry, dict) for name in entry}
    reading = {name for module in RUNS for name in actions_that_read_the_domain(module)}
    assert sent == {name for name in reading if not name.startswith("validate_")}


@pytest.mark.parametrize("form", ["validate_add_items_form", "validate_home_form"])
def test_the_validation_of_forms_always_is(form: str) -> None:
    domain = Domain.load(str(ROOT / "domain.yml"))
    assert domain.does_custom_action_explicitly_need_domain(form)


def test_it_is_switched_on() -> None:
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    assert endpoints["action_endpoint"]["enable_selective_domain"] is True
