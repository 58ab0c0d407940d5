"""Adding an example changes one line of a file, and not a byte besides."""

from __future__ import annotations

import pytest

from review.nlu_text import NluTextError, add_intent, blocks, insert, remove
from scripts.project import ROOT

FILES = sorted((ROOT / "data" / "nlu").glob("*.yml"))
SMALL = """\
# Skill: tea.
version: "3.1"

nlu:
- intent: make_tea   # what one wants
  metadata:
    sentiment: neutral
  examples: |
    - make some tea
    - brew [green](kind) tea

# What follows is about sugar.
- intent: add_sugar
  examples: |
    - two lumps

- synonym: green
  examples: |
    - sencha
"""


def added(old: str, new: str) -> list[str]:
    """The lines that are new; everything else must be as it was, in its order."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    start = 0
    while start < len(before) and before[start] == after[start]:
        start += 1
    count = len(after) - len(before)
    assert after[start + count :] == before[start:]
    return after[start : start + count]


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_block_of_the_real_data_can_be_added_to(path: object) -> None:
    text = path.read_bytes().decode()  # type: ignore[attr-defined]
    for block in blocks(text)[:6]:
        new = insert(text, block.intent, block.sentiment, "a sentence of [some](item) kind")
        assert added(text, new) == ["    - a sentence of [some](item) kind\n"]
        again = remove(new, block.intent, block.sentiment, "a sentence of [some](item) kind")
        assert again == text


def test_knows_all_blocks_of_the_real_data() -> None:
    from rasa.shared.nlu.training_data.loading import load_data

    for path in FILES:
        expected = len(load_data(str(path)).intent_examples)
        found = blocks(path.read_text(encoding="utf-8"))
        # Rasa counts an example that stands there twice once.
        assert len({(block.intent, text) for block in found for _, text in block.examples}) == (
            expected
        ), path


def test_goes_behind_the_last_example_of_the_mood() -> None:
    new = insert(SMALL, "make_tea", "neutral", "a cup of [black](kind), please")
    assert added(SMALL, new) == ["    - a cup of [black](kind), please\n"]
    assert "tea\n    - a cup of [black](kind), please\n\n# What follows" in new


def test_another_mood_gets_a_block_behind_the_intents_last() -> None:
    new = insert(SMALL, "make_tea", "negative", "where is my tea")
    assert "".join(added(SMALL, new)).strip() == (
        "- intent: make_tea\n  metadata:\n    sentiment: negative\n"
        "  examples: |\n    - where is my tea"
    )
    assert new.index("where is my tea") < new.index("# What follows")
    assert remove(new, "make_tea", "negative", "where is my tea") == SMALL


def test_a_new_intent_goes_before_the_synonyms() -> None:
    new = insert(SMALL, "ask_price", "neutral", "how much is it")
    assert new.index("- two lumps") < new.index("ask_price") < new.index("- synonym")
    assert remove(new, "ask_price", "neutral", "how much is it") == SMALL


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n\n"])
def test_line_ends_stay_as_they_are(ending: str, last: str) -> None:
    text = f'version: "3.1"\nnlu:\n- intent: a\n  examples: |\n    - one{last}'.replace(
        "\n", ending
    )
    new = insert(text, "a", None, "two")
    assert new == text.replace("- one", f"- one{ending}    - two")


def test_a_list_of_examples_stays_a_list() -> None:
    structured = "- intent: a\n  examples:\n  - text: |\n      one\n"
    text = f"nlu:\n{structured}- intent: b\n  examples: |\n    - x\n"
    new = insert(text, "a", None, "two")
    assert new.replace("\n- intent: a\n  examples: |\n    - two\n", "", 1) == text


def test_an_intent_in_two_blocks_is_added_to_once() -> None:
    block = "- intent: a\n  examples: |\n    - {}\n"
    text = "nlu:\n" + block.format("one") + block.format("two")
    assert insert(text, "a", None, "three") == text + "    - three\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nlu:\n- intent: a\n\texamples: |\n    - one\n", "line 3: there is a tab"),
        ("nlu:\n- intent: [a\n", "line"),
        ("stories:\n- story: a\n", "no list of examples"),
        ("just words", "no list of examples"),
    ],
)
def test_a_broken_file_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(NluTextError, match=words):
        insert(text, "a", None, "two")


def test_an_example_that_would_be_something_else_is_refused() -> None:
    with pytest.raises(NluTextError, match="empty"):
        insert(SMALL, "make_tea", "neutral", "  - ")
    # A line of its own, whatever it looks like.
    new = insert(SMALL, "make_tea", "neutral", "tea\n- intent: gone\n#: |")
    assert added(SMALL, new) == ["    - tea - intent: gone #: |\n"]


def test_an_intent_is_added_to_the_real_domain_beside_its_skill() -> None:
    domain = (ROOT / "domain.yml").read_bytes().decode()
    new = add_intent(domain, "ask_price", {"add_items", "inform_list"})
    assert added(domain, new) == ["  - ask_price\n"]
    assert "  - inform_list\n  - ask_price\n" in new
    assert add_intent(new, "ask_price", set()) == new
    assert "  - nlu_fallback\n  - ask_price\n" in add_intent(domain, "ask_price", set())


def test_an_intent_with_settings_is_not_parted_from_them() -> None:
    domain = "intents:\n  - a:\n      use_entities: []\n  - b\nentities: []\n"
    assert "use_entities: []\n  - c\n  - b\n" in add_intent(domain, "c", {"a"})
    with pytest.raises(NluTextError, match="no list of intents"):
        add_intent("entities: []\n", "c", set())
