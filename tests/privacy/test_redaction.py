"""What is masked, and what is not: measured on sentences of our own, and case by case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import spacy
import yaml
from hypothesis import given
from hypothesis import strategies as st

from privacy.names import NamesUnavailableError, names_finder
from privacy.redaction import Finding, find, passes_luhn, passes_mod_97, redact
from scripts.project import ROOT

SENTENCES = ROOT / "tests" / "data" / "personal_data.yml"
_MARKED = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<kind>\w+)\)")


def sentences(part: str) -> list[tuple[str, list[Finding]]]:
    """Each as it was written, and what is to be found in it."""
    read = []
    for line in yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))[part]:
        text, found, last = "", [], 0
        for mark in _MARKED.finditer(line):
            text += line[last : mark.start()]
            found.append(Finding(len(text), len(text) + len(mark["text"]), mark["kind"]))
            text += mark["text"]
            last = mark.end()
        read.append((text + line[last:], found))
    return read


@pytest.mark.parametrize(
    # What docs/privacy.md says, and some room.
    ("parts", "least"),
    [(("personal", "harmless"), 0.97), (("heldout",), 0.87)],
)
def test_precision_and_recall(parts: tuple[str, ...], least: float) -> None:
    right = wrong = missed = 0
    told = []
    for text, wanted in (one for part in parts for one in sentences(part)):
        found = list(redact(text).findings)
        right += sum(one in wanted for one in found)
        wrong += sum(one not in wanted for one in found)
        missed += sum(one not in found for one in wanted)
        if found != wanted:
            told.append((text, redact(text).text))
    precision, recall = right / (right + wrong), right / (right + missed)
    assert precision >= least, told
    assert recall >= least, told


@pytest.mark.parametrize("text", [text for text, _ in sentences("personal")])
def test_nothing_that_was_found_is_left(text: str) -> None:
    shown = redact(text).text
    again = redact(shown)
    assert again.text == shown
    for found in redact(text).findings:
        assert text[found.start : found.end] not in shown


@given(st.text(max_size=200))
def test_any_text_is_masked_or_stays(text: str) -> None:
    shown = redact(text)
    assert bool(shown.findings) == (shown.text != text)
    last = 0
    for found in shown.findings:
        assert last <= found.start < found.end <= len(text)
        last = found.end


@given(st.text("0123456789 +-().@aé\n", max_size=400))
def test_no_jumble_of_digits_takes_for_ever(text: str) -> None:
    redact(text)


def test_places_move_with_the_text() -> None:
    text = "write to anna@example.com about milk"
    shown = redact(text)
    assert shown.text == "write to [email] about milk"
    assert shown.text[shown.moved(text.index("milk")) :] == "milk"
    assert shown.moved(text.index("example")) == shown.text.index("[email]")
    assert shown.moved(5) == 5


def test_check_digits() -> None:
    assert passes_luhn("4111111111111111") and not passes_luhn("4111111111111112")
    assert passes_mod_97("DE89370400440532013000") and not passes_mod_97("DE88370400440532013000")


def test_a_wrong_check_digit_is_no_card_and_no_iban() -> None:
    kinds = {one.kind for one in find("4111 1111 1111 1112 and DE88 3704 0044 0532 0130 00")}
    assert not kinds & {"card", "account"}


def test_names_are_found_by_a_model_of_spacys(tmp_path: Path) -> None:
    # A real pipeline; in place of weights it knows the names by rules.
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "PERSON", "pattern": "Priya Raman"},
            {"label": "PERSON", "pattern": "Lars"},
            {"label": "GPE", "pattern": "Oslo"},
        ]
    )
    nlp.to_disk(tmp_path / "names")
    more = names_finder(str(tmp_path / "names"))
    for text, wanted in sentences("names"):
        assert list(redact(text).findings) == []
        assert list(redact(text, more).findings) == wanted


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(NamesUnavailableError, match="no_such_model"):
        names_finder("no_such_model")
