"""What docs/security.md names as the proof of a defence is there."""

from __future__ import annotations

import ast
import re

import pytest
import yaml

from scripts.project import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_the_named_tests_are_there(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert not test or test in functions


def test_each_risk_has_a_defence_and_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| (?:API|LLM)\d+ ", line)]
    numbers = [re.match(r"\| (\w+)", row)[1] for row in rows]  # type: ignore[index]
    assert numbers == [
        *(f"API{number}" for number in range(1, 11)),
        *(f"LLM{number:02}" for number in range(1, 11)),
    ]
    for row in rows:
        assert "`tests/" in row.split("|")[-2], row


def test_the_limits_are_those_of_the_page() -> None:
    """What is written out in credentials.yml, as comments, is what holds."""
    from channels.guard.settings import GuardSettings
    from channels.rest.settings import RestSettings

    text = (ROOT / "credentials.yml").read_text(encoding="utf-8")
    guard, rest = GuardSettings(), RestSettings()
    assert f"requests_per_minute: {guard.requests_per_minute} " in text
    assert f"refusals_per_minute: {guard.refusals_per_minute} " in text
    assert f"messages_per_minute: {rest.messages_per_minute} " in text
    assert f"{guard.requests_per_minute} a minute" in PAGE
    assert f"{rest.messages_per_minute} messages a minute" in PAGE
    opened = yaml.safe_load(text)
    assert list(opened) == ["channels.guard.GuardInput", "channels.rest.RestInput"]
