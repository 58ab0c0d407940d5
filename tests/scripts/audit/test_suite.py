"""Tests as they are written in YAML: read, filled, and refused where they make no sense."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from scripts.audit.cases import Case
from scripts.audit.suite import InvalidSuiteError, read_suite
from scripts.project import ROOT

TERMS = """
terms:
  name:
    north: [Astrid, Olaf]
    south: [Pilar]
  person:
    she: [{she: she, her: her}]
    he: [{she: he, her: him}]
"""


def suite(folder: Path, tests: str, terms: str = TERMS) -> Path:
    path = folder / "suite.yml"
    path.write_text(f"{terms}\ntests:\n{tests}", encoding="utf-8")
    return path


def test_templates_are_filled_with_every_term(tmp_path: Path) -> None:
    path = suite(
        tmp_path,
        "- {name: names, kind: invariance, terms: name, templates: ['call {name}, {name}!']}",
    )
    [test] = read_suite([path])
    assert [(case.text, case.group) for case in test.cases] == [
        ("call Astrid, Astrid!", "north"),
        ("call Olaf, Olaf!", "north"),
        ("call Pilar, Pilar!", "south"),
    ]
    assert all(
        case.text[start:end] == case.unit for case in test.cases for start, end in case.marks
    )
    assert (test.exchange, test.entities) == ("units", "values")


def test_a_term_with_several_forms_fills_each_gap_with_its_own(tmp_path: Path) -> None:
    path = suite(
        tmp_path,
        "- {name: a, kind: invariance, terms: person, templates: ['{she} said I saw {her}']}",
    )
    [test] = read_suite([path])
    assert [case.text for case in test.cases] == ["she said I saw her", "he said I saw him"]
    # One term a group: there is nothing to exchange between groups but the sentences.
    assert test.exchange == "within"


def test_changes_keep_the_sentence_that_they_are_held_against(tmp_path: Path) -> None:
    path = suite(
        tmp_path,
        "- {name: a, kind: direction, sentiment: not more negative, sentences: [wake me, HUSH],"
        " changes: {loud: upper_case, polite: ['please {text}', '{text}, please']}}",
    )
    [test] = read_suite([path])
    assert [(case.text, case.group, case.reference) for case in test.cases] == [
        ("WAKE ME", "loud", "wake me"),
        ("please wake me", "polite", "wake me"),
        ("wake me, please", "polite", "wake me"),
        ("please HUSH", "polite", "HUSH"),
        ("HUSH, please", "polite", "HUSH"),
    ]
    assert {"wake me", "HUSH"} < test.texts


def test_sets_say_what_is_right(tmp_path: Path) -> None:
    path = suite(
        tmp_path,
        "- {name: a, kind: wording, sets: [{intent: [hi, hello], sentiment: neutral, "
        "entities: [x], wordings: {here: [good day], there: [ahoy]}}]}",
    )
    [test] = read_suite([path])
    expected = test.cases[1].expected
    assert expected is not None
    assert expected.intents == ("hi", "hello")
    assert (expected.sentiments, expected.entities) == (("neutral",), ("x",))
    assert [case.group for case in test.cases] == ["here", "there"]
    assert test.exchange == "within"


def test_plain_sentences_are_grouped_by_intent(tmp_path: Path) -> None:
    path = suite(
        tmp_path,
        "- {name: a, kind: wording, grouped_by: intent, sets: "
        "[{intent: hi, sentences: [hey, hello]}, {intent: bye, sentences: [cheerio]}]}",
    )
    [test] = read_suite([path])
    assert [case.group for case in test.cases] == ["hi", "hi", "bye"]
    assert test.exchange == "units"


def test_terms_of_one_file_serve_the_tests_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        yaml.safe_dump(
            {"tests": [{"name": "a", "kind": "invariance", "terms": "x", "templates": ["a {x}"]}]}
        )
    )
    (tmp_path / "b.yml").write_text(yaml.safe_dump({"terms": {"x": {"g": ["1st"]}}}))
    [test] = read_suite([tmp_path])
    assert [case.text for case in test.cases] == ["a 1st"]
    [alone] = read_suite([tmp_path / "a.yml"], terms_of=[tmp_path / "b.yml"])
    assert alone == test


def test_templates_are_made_of_ones_own_examples(tmp_path: Path) -> None:
    path = suite(
        tmp_path,
        "- {name: own, kind: invariance, terms: name, templates: examples}\n"
        "- {name: typed, kind: invariance, sentences: examples, changes: {loud: upper_case}}\n"
        "- {name: other, kind: invariance, terms: name, templates: ['call {name}']}",
    )
    examples = ["ring Olaf or Pilar", "Pilarmore is no name", "an Olaf-like one", "hello"]
    own, typed = read_suite([path], examples)
    assert [case.text for case in own.cases] == [
        "ring Astrid or Pilar",
        "ring Olaf or Pilar",
        "ring Pilar or Pilar",
    ]
    assert [case.reference for case in typed.cases] == examples
    assert [test.name for test in read_suite([path])] == ["other"]


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ("- {name: a, kind: guess}", "kind 'guess' is none of invariance"),
        ("- {name: a, kind: invariance, sets: []}", "sets means nothing there"),
        ("- {name: a, kind: invariance, terms: towns, templates: ['{x}']}", "no terms 'towns'"),
        ("- {name: a, kind: invariance, terms: name, templates: ['hello']}", "has no gap"),
        ("- {name: a, kind: invariance, terms: person, templates: ['{hers}']}", "nothing fills"),
        (
            "- {name: a, kind: invariance, sentences: [x], changes: {b: twist}}",
            "'twist' is neither",
        ),
        ("- {name: a, kind: invariance, sentences: [yes], changes: {b: upper_case}}", "quotes"),
        ("- {name: a, kind: invariance, sentences: [], changes: {b: upper_case}}", "no sentences"),
        ("- {name: a, kind: invariance, sentences: [x]}", "`changes` names"),
        ("- {name: a, kind: direction, sentiment: up, sentences: [x]}", "sentiment 'up'"),
        ("- {name: a, kind: wording, sets: [{intent: x}]}", "either `wordings`"),
        ("- {name: a, kind: wording, limit: 200, sets: []}", "no percentage"),
        ("- {name: a, kind: wording}\n- {name: a, kind: wording}", "Two tests are called a"),
        ("- [", "is no YAML"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_place(
    tmp_path: Path, tests: str, told: str
) -> None:
    with pytest.raises(InvalidSuiteError, match=r".") as refused:
        read_suite([suite(tmp_path, tests)])
    assert told in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSuiteError, match=r"There is no .*absent\.yml"):
        read_suite([tmp_path / "absent.yml"])


def test_the_shipped_tests_are_whole() -> None:
    tests = read_suite([ROOT / "audit"])
    assert len(tests) >= 15
    for test in tests:
        assert test.about and test.cases
        # A sentence that stands twice in a group would count twice.
        counts = Counter((case.block, case.group, case.text) for case in test.cases)
        drawn = any("letter" in case.group or "key" in case.group for case in test.cases)
        assert drawn or max(counts.values()) == 1, (test.name, counts.most_common(3))
    of_examples = read_suite([ROOT / "audit"], ["remind me to call my wife Emily in Paris"])
    assert of_examples and all(test.cases for test in of_examples)


def test_groups_of_the_shipped_tests_say_the_same_things() -> None:
    """Groups are compared: each has to have as many cases as the others, of the same templates."""
    for test in read_suite([ROOT / "audit"]):
        if any(case.reference for case in test.cases) or test.exchange == "units":
            continue
        by_block: dict[str, list[Case]] = {}
        for case in test.cases:
            by_block.setdefault(case.block, []).append(case)
        groups = {case.group for case in test.cases}
        for block, cases in by_block.items():
            counts = Counter(case.group for case in cases)
            assert counts.keys() == groups, (test.name, block)
            assert len(set(counts.values())) == 1, (test.name, block, counts)
