"""What is decided is written whole, does not come back, and is never written over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from review import data_files
from review.data_files import SET_ASIDE, DataFiles, Example
from review.grouping import clusters, fold, fold_alike, normalized, suggest_name
from review.masking import masked_message
from review.memory import Memory
from review.messages import Message
from review.queue import Item, Queue, make_queue
from review.scoring import Signals, Vectors
from review.session import DecidedMeanwhileError, RefusedError, Session
from scripts.project import ROOT
from tests.review.conftest import DOMAIN, LISTS

LISTS_FILE = Path("data/nlu/lists.yml")


def session() -> Session:
    return Session(DataFiles(Path(), Path("var/review.lock")), Memory(Path("var/review.db")))


def item(text: str, intent: str = "add_items", *variants: str) -> Item:
    message = Message(text, intent, Signals(0.3), variants=variants)
    return Item(message, text, 0)


def letters(texts: Sequence[str]) -> Vectors:
    """Sentences as the letters in them: near where they share most."""
    counts = np.array(
        [[text.count(chr(code)) for code in range(97, 123)] for text in texts], dtype=np.float32
    )
    lengths = np.linalg.norm(counts, axis=1, keepdims=True).clip(1e-9)
    return np.asarray(counts / lengths, dtype=np.float32)


def queue(messages: list[Message]) -> Queue:
    one = session()
    return make_queue(messages, one.catalog, Memory(Path("var/review.db")).decided, letters)


def test_accepts_into_the_file_of_the_intent(project: Path) -> None:
    one = session()
    assert one.accept(item("x"), Example("buy [tea](item)", "add_items", "neutral")) == LISTS_FILE
    written = LISTS_FILE.read_text(encoding="utf-8")
    assert written == LISTS.replace(
        "[shopping](list_name) list\n", "[shopping](list_name) list\n    - buy [tea](item)\n"
    )


def test_a_new_intent_is_in_the_domain_and_beside_its_skill(project: Path) -> None:
    one = session()
    example = Example("what does tea cost", "ask_price", "neutral")
    with pytest.raises(RefusedError, match="needs a skill"):
        one.accept(item("x"), example)
    assert one.accept(item("x"), example, "lists") == LISTS_FILE
    domain = Path("domain.yml").read_text(encoding="utf-8")
    assert domain == DOMAIN.replace("  - show_list\n", "  - show_list\n  - ask_price\n")
    one.accept(item("y"), Example("price of tea", "ask_price", "neutral"))
    assert one.accept(item("z"), Example("are you well", "ask_health", None), "health").exists()
    assert session().catalog.counts["ask_price"] == 2


def test_what_was_decided_does_not_come_back(project: Path) -> None:
    said = [
        Message("lob the tins on it", "add_items", Signals(0.3)),
        Message("LOB the tins on it!", "add_items", Signals(0.4)),
        Message("quarterly zinc figures", "show_list", Signals(0.2)),
        Message("what is on my list?", "show_list", Signals(0.2)),
        Message("fine", "show_list", Signals(0.99)),
    ]
    shown = queue(said).items
    assert {one.message.text for one in shown} == {"lob the tins on it", "quarterly zinc figures"}
    one = session()
    one.skip(next(each for each in shown if each.message.text.startswith("quart")))
    assert [each.message.text for each in queue(said).items] == ["lob the tins on it"]
    one.accept(queue(said).items[0], Example("lob the [tins](item) on it", "add_items", "neutral"))
    assert queue(said).items == []
    # Also where what was decided was lost: the sentence is in the data.
    Path("var/review.db").unlink()
    assert [each.message.text for each in queue(said).items] == ["quarterly zinc figures"]


def test_takes_back_to_the_letter(project: Path) -> None:
    one = session()
    one.accept(item("a"), Example("buy tea", "add_items", "positive"))
    one.set_aside(item("b"), Example("buy [oats](item)", "add_items", "neutral"))
    one.skip(item("c"))
    assert SET_ASIDE.exists()
    for _ in range(3):
        one.take_back()
    assert LISTS_FILE.read_text(encoding="utf-8") == LISTS
    assert all(one.is_open(item(text)) for text in "abc")
    with pytest.raises(RefusedError, match="Nothing was decided"):
        one.take_back()


def test_what_is_held_out_is_no_training_data(project: Path) -> None:
    one = session()
    one.set_aside(item("b"), Example("buy [oats](item)", "add_items", "neutral"))
    assert LISTS_FILE.read_text(encoding="utf-8") == LISTS
    assert "    - buy [oats](item)\n" in SET_ASIDE.read_text(encoding="utf-8")
    with pytest.raises(RefusedError, match="already"):
        one.accept(item("d"), Example("Buy oats!", "add_items", "neutral"))


def test_masked_words_are_nobodys_example(project: Path) -> None:
    message = masked_message(
        Message(
            "ring 020 7946 0958 about the milk",
            "add_items",
            Signals(0.3),
            entities=[
                {"entity": "item", "start": 29, "end": 33},
                {"entity": "n", "start": 5, "end": 18},
            ],
        )
    )
    assert message.text == "ring [phone] about the milk"
    assert [message.text[e["start"] : e["end"]] for e in message.entities] == ["milk"]
    shown = Item(message, message.text, 0)
    with pytest.raises(RefusedError, match="masked"):
        session().accept(shown, Example(message.text, "add_items", "neutral"))
    # No word of it is kept in the memory either.
    session().skip(shown)
    assert b"ring" not in Path("var/review.db").read_bytes()


def test_the_second_reviewer_sees_what_the_first_did(project: Path) -> None:
    first, second = session(), session()
    shared = item("lob the tins", "add_items", "lob the tin")
    assert second.is_open(shared)
    first.accept(shared, Example("lob the [tins](item)", "add_items", "neutral"))
    assert not second.is_open(item("lob the tin"))
    with pytest.raises(DecidedMeanwhileError):
        second.accept(shared, Example("lob the tins", "show_list", "neutral"))
    second.accept(item("y"), Example("buy tea", "add_items", "neutral"))
    text = LISTS_FILE.read_text(encoding="utf-8")
    assert text.count("lob the") == 1 and "buy tea" in text


REVIEWER = """
import sys
from collections.abc import Sequence
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from tests.review.test_session import item, session
from review.data_files import Example
one = session()
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    text = f"{sys.argv[1]} brings number {number}"
    one.accept(item(text), Example(text, "add_items", "neutral"))
    print(number, flush=True)
"""


def reviewer(name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", REVIEWER, name, str(count), str(ROOT)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_two_at_once_lose_nothing_and_one_that_is_killed_leaves_nothing_half(
    project: Path,
) -> None:
    steady, killed = reviewer("ann", 30), reviewer("bob", 100_000)
    with steady, killed:
        assert killed.stdout is not None
        for line in killed.stdout:
            if line.strip() == "5":
                os.kill(killed.pid, signal.SIGKILL)
                break
        steady.communicate()
    assert steady.returncode == 0
    catalog = session().catalog
    assert all(catalog.knows(f"ann brings number {number}") for number in range(30))
    assert all(catalog.knows(f"bob brings number {number}") for number in range(6))
    # Less the examples, every byte is as it was; and nothing else lies about.
    text = LISTS_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    assert "".join(line for line in text if "brings number" not in line) == LISTS
    assert {path.name for path in LISTS_FILE.parent.iterdir() if "lists.yml-" not in path.name} == {
        "lists.yml"
    }


def test_a_disk_that_fails_leaves_the_file_as_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        session().accept(item("x"), Example("buy tea", "add_items", "neutral"))
    assert LISTS_FILE.read_text(encoding="utf-8") == LISTS
    assert [path.name for path in LISTS_FILE.parent.iterdir()] == ["lists.yml"]
    assert session().is_open(item("x"))


def test_a_file_with_a_tab_is_named_with_its_line(project: Path) -> None:
    LISTS_FILE.write_text(LISTS.replace("  metadata:", "\tmetadata:", 1), encoding="utf-8")
    with pytest.raises(
        data_files.DataFilesError, match=r"data/nlu/lists.yml, line 6: there is a tab"
    ):
        session()


def test_folds_what_is_the_same_and_keeps_apart_what_is_read_otherwise() -> None:
    on, off = Message("turn it on", "on", Signals(0.5)), Message("turn it no", "off", Signals(0.5))
    again = Message("Turn it on!", "on", Signals(0.2))
    folded = fold([on, off, again])
    assert [(one.text, one.times) for one in folded] == [("Turn it on!", 2), ("turn it no", 1)]
    assert normalized("  Turn it ON!! ") == "turn it on"
    kept, _ = fold_alike(folded, letters([one.text.lower() for one in folded]))
    assert len(kept) == 2
    same = [on, Message("turn on it", "on", Signals(0.4))]
    (one,), _ = fold_alike(same, letters([each.text for each in same]))
    assert (one.text, one.times, one.variants) == ("turn on it", 2, ("turn it on",))


def test_clusters_have_names_of_their_own_words() -> None:
    from collections import Counter

    texts = ["price of eggs", "egg price today", "play the radio", "radio louder"]
    messages = [Message(text, "x", Signals(0.3)) for text in texts]
    found = clusters(messages, np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], dtype=np.float32))
    assert [cluster.members for cluster in found] == [(0, 1), (2, 3)]
    assert found[0].name.startswith("price") and "radio" in found[1].name
    assert suggest_name(["?!"], Counter(), 1) == "unnamed"
