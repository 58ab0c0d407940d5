"""Answers as sentences to be spoken."""

from __future__ import annotations

import re
import unicodedata

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scripts.conftest import ROOT
from voice.speaking import speakable
from voice.speaking_text import FIRST, LONGEST

MARKUP = re.compile(r"[*_`#<>|~\[\]{}()\\/^\"=+@]|://")
WORDS = st.text("abcdefghijklmnopqrstuvwxyzäéß", min_size=2, max_size=12).filter(
    lambda word: word not in {"am", "pm", "vs"}
)
WRAPPED = st.tuples(
    WORDS, st.sampled_from(["{}", "**{}**", "*{}*", "_{}_", "`{}`", "~~{}~~", "<b>{}</b>"])
).map(lambda both: (both[0], both[1].format(both[0])))
LINES = st.lists(WRAPPED, min_size=1, max_size=12)
STARTS = st.sampled_from(["", "# ", "- ", "* ", "> ", "1. ", "• ", "    "])


@settings(max_examples=50)
@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    for sentence in speakable(text):
        assert sentence == sentence.strip() != ""
        assert not MARKUP.search(sentence)
        assert not any(unicodedata.category(one)[0] in "SCN" for one in sentence)
        assert any(one.isalpha() for one in sentence)
        assert len(sentence) <= LONGEST + 1


@given(st.text(alphabet="*_`#<>|~[]()!-+.:/ \n\t\\1a&;\"'@=$€%°", max_size=60))
def test_no_markup_is_too_strange(text: str) -> None:
    for sentence in speakable(text):
        assert not MARKUP.search(sentence)


@settings(max_examples=50)
@given(st.lists(st.tuples(STARTS, LINES), min_size=1, max_size=6))
def test_no_word_is_lost(blocks: list[tuple[str, list[tuple[str, str]]]]) -> None:
    text = "\n\n".join(start + " ".join(marked for _, marked in line) for start, line in blocks)
    said = re.findall(r"[^\W\d_]+", " ".join(speakable(text)))
    remaining = iter(said)
    for _, line in blocks:
        for word, _ in line:
            assert word in remaining, text


@settings(max_examples=50)
@given(st.lists(WORDS, min_size=1, max_size=80), st.sampled_from([" ", ", ", "; "]))
def test_long_sentences_come_in_parts(words: list[str], between: str) -> None:
    pieces = speakable(between.join(words))
    assert [word for piece in pieces for word in re.findall(r"\w+", piece)] == words
    assert all(len(piece) <= LONGEST + 1 for piece in pieces)
    if between != " " and len(between.join(words)) > FIRST + 1:
        assert len(pieces[0]) <= FIRST + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", []),
        ("🙂 👍🏽 :-)", []),
        ("Done! 🎉", ["Done!"]),
        ("**Milk** and _two_ `eggs`.", ["Milk and two eggs."]),
        ("# Lists\nThere are two.", ["Lists.", "There are two."]),
        ("On it:\n- milk\n- 2 eggs\n- bread", ["On it: milk, two eggs, and bread."]),
        ("On it:\n• milk\n• eggs", ["On it: milk, and eggs."]),
        ("- I can do this.\n- Then that.", ["I can do this.", "Then that."]),
        ("1. milk\n2. eggs", ["One, milk.", "Two, eggs."]),
        ("5. December", ["the fifth of December."]),
        ("- rooms:\n  - hall\n  - attic", ["rooms: hall, and attic."]),
        ("one\ntwo lines\nThree", ["one two lines.", "Three."]),
        ("|lamp|state|\n|-|-|\n|hall|on|", ["lamp, state.", "hall, on."]),
        ("See [the manual](https://example.org/x_y).", ["See the manual."]),
        ("See https://www.example.org/a?b=c.", ["See example dot org."]),
        ("Write to anna@example.org!", ["Write to anna at example dot org!"]),
        ("It is in `var/parley.db`.", ["It is in var slash parley dot db."]),
        ("docs/training-data.md", ["docs slash training data dot md."]),
        ("on/off", ["on or off."]),
        ("Bring e.g. a coat, etc. Bye.", ["Bring for example a coat, and so on.", "Bye."]),
        ("Dr. Smith vs. the U.S. team", ["Doctor Smith versus the U S team."]),
        ('Say "stop" or ‘go’, it’s easy', ["Say stop or go, it's easy."]),
        ("Really?! Yes… no", ["Really?", "Yes.", "no."]),
        ("Tea (hot) — now", ["Tea, hot, now."]),
        ("At 7 a.m. Not before 6:30.", ["At seven A M.", "Not before six thirty."]),
        ("٣ und ４ eggs", ["three und four eggs."]),
        ("well-bred - and more", ["well-bred, and more."]),
        ("It is 3.5. Then 4.", ["It is three point five.", "Then four."]),
    ],
)
def test_what_is_said(text: str, said: list[str]) -> None:
    assert speakable(text) == said


def responses() -> list[str]:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return [
        variation["text"]
        for variations in domain["responses"].values()
        for variation in variations
        if variation.get("text")
    ]


def test_every_response_of_the_assistant_is_speakable() -> None:
    texts = responses()
    assert len(texts) > 300
    for text in texts:
        # A slot's value takes the place of its name.
        filled = re.sub(r"\{\w+\}", "kitchen", text)
        said = speakable(filled)
        if not any(one.isalpha() for one in filled):
            continue
        assert said, text
        assert not any(MARKUP.search(sentence) for sentence in said), text
        assert all(sentence[-1] in ".!?," or len(sentence) > 20 for sentence in said), text
        spoken = set(re.findall(r"[^\W\d_]+", " ".join(said).lower()))
        plain = re.sub(r"[`/]\S*|\S*[`/.]\S+|\b[ie]\.\w\.", " ", filled).lower()
        missing = set(re.findall(r"(?<![\d'’])\b[a-z]{3,}\b", plain)) - spoken
        assert not missing, text
