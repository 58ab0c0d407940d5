"""A review as a person has it: by a pipe, and in a terminal of 80 columns."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pexpect
import pytest
import yaml

from review import __main__ as program
from review.data_files import DataFiles
from review.dialogue import Dialogue
from review.grouping import Cluster
from review.memory import Memory
from review.messages import Message
from review.queue import Item, Queue
from review.scoring import Signals
from review.screen import Screen
from review.session import Session
from scripts.project import ROOT
from tests.review.conversations import entity, keep, said

LISTS_FILE = Path("data/nlu/lists.yml")


def items() -> Queue:
    """Two about prices, and one about a list."""
    ranking = [("show_list", 0.4), ("add_items", 0.3)]
    texts = ("what does tea cost", "lob the [tins](item) on it", "price of oats")
    found = []
    for text, cluster in zip(texts, (0, 1, 0), strict=True):
        plain = text.replace("[", "").replace("](item)", "")
        message = Message(plain, "show_list", Signals(0.4), ranking=ranking, sentiment="neutral")
        found.append(Item(message, text, cluster))
    return Queue(found, [Cluster("price", (0, 2)), Cluster("lob_tins", (1,))], 3)


def hold(keys: str) -> str:
    """Reviews by what a pipe brings; what was shown."""
    files = DataFiles(Path(), Path("var/review.lock"))
    output = io.StringIO()
    session = Session(files, Memory(Path("var/review.db")))
    Dialogue(Screen(io.StringIO(keys), output), session, files, items()).run()
    return output.getvalue()


def test_skips_corrects_and_accepts(project: Path) -> None:
    shown = hold("x\ni\n2\na\nq\n")
    assert "1/3  what does tea cost" in shown and "like it   price of oats" in shown
    assert "1 accepted, 0 held out, 1 skipped." in shown
    assert "    - lob the [tins](item) on it\n" in LISTS_FILE.read_text(encoding="utf-8")
    # Only what was left comes back, and nothing is asked where nothing is left.
    assert "3/3  price of oats" in hold("q\n")
    assert "That was all" in hold("x\n")
    assert hold("").startswith("That was all")


def test_a_new_intent_takes_what_is_like_it(project: Path) -> None:
    shown = hold("n\nask_price\nlists\na\nx\n")
    assert "ask_price is new, in data/nlu/lists.yml and domain.yml." in shown
    text = LISTS_FILE.read_text(encoding="utf-8")
    assert "- intent: ask_price" in text and "- price of oats" in text
    assert "No rule answers ask_price yet" in shown


def test_edits_and_takes_back(project: Path) -> None:
    before = LISTS_FILE.read_text(encoding="utf-8")
    shown = hold("e\nwhat does [tea](item) cost me\ns\na\nu\nl\nq\n")
    assert "entities  item: tea" in shown and "sentiment negative" in shown
    assert "Taken back: what does tea cost" in shown
    assert LISTS_FILE.read_text(encoding="utf-8") == before


def test_says_what_cannot_be(project: Path) -> None:
    shown = hold(
        "e\nwhat does [tea](drink) cost\ni\nnone_such\n\nh\nn\nadd_items\nn\nBad Name\n\nq\n"
    )
    assert "No example has an entity called drink." in shown
    assert "none: n makes a new one" in shown
    assert "There is an intent 'add_items' already" in shown
    assert "'Bad Name' is no name for an intent" in shown


def test_a_whole_group_at_once(project: Path) -> None:
    assert "2 accepted" in hold("g\na\nq\n")
    assert LISTS_FILE.read_text(encoding="utf-8").count("oats") == 1


def test_what_people_said_steers_no_terminal(project: Path) -> None:
    output = io.StringIO()
    Screen(io.StringIO(), output).show("red\x1b[31m\x07 \u202ealert")
    assert output.getvalue() == "red [31m   alert\n"


TERMINAL = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.review.test_dialogue import DataFiles, Dialogue, Memory, Screen, Session, items
files = DataFiles(Path(), Path("var/review.lock"))
Dialogue(Screen(), Session(files, Memory(Path("var/review.db"))), files, items()).run()
"""


@pytest.mark.slow
@pytest.mark.parametrize("colours", [True, False])
def test_in_a_terminal_keys_need_no_enter(project: Path, colours: bool) -> None:
    environment = {"TERM": "xterm", "PATH": "/bin", **({} if colours else {"NO_COLOR": "1"})}
    terminal = pexpect.spawn(
        sys.executable,
        ["-c", TERMINAL, str(ROOT)],
        env=environment,
        dimensions=(40, 80),
        encoding="utf-8",
        timeout=120,
    )
    terminal.expect_exact("1/3  what does tea cost")
    terminal.expect_exact("  > ")
    shown = str(terminal.before)
    assert ("\x1b[2m" in shown) == colours
    assert all(len(line) < 80 for line in re.sub(r"\x1b\[\d+m", "", shown).splitlines())
    terminal.send("x")
    terminal.expect_exact("lob the tins on it")
    terminal.expect_exact("  > ")
    terminal.send("e")
    terminal.expect_exact("sentence: lob the [tins](item) on it")
    terminal.sendline(", please")
    terminal.expect_exact("  > ")
    terminal.send("a")
    terminal.expect_exact("Written into data/nlu/lists.yml.")
    terminal.expect_exact("  > ")
    terminal.send("\x04")
    terminal.expect_exact("1 accepted, 0 held out, 1 skipped.")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert "lob the [tins](item) on it, please" in LISTS_FILE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_from_the_tracker_store_to_the_training_data(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "lob the tins on it"
    events = [
        said(
            text, "nlu_fallback", 0.6, ("add_items", 0.4), entities=[entity(text, "tins", "item")]
        ),
        said("call me on 020 7946 0958", "out_of_scope", 0.5),
        said("add bread to my list", "add_items", 0.99),
    ]
    keep({"ann": events}, dialect="sqlite", db="conversations.db")
    store = {"tracker_store": {"type": "SQL", "dialect": "sqlite", "db": "conversations.db"}}
    Path("endpoints.yml").write_text(yaml.safe_dump(store), encoding="utf-8")

    def run(keys: str, only_list: bool = False) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO(keys))
        assert program.review(Path("endpoints.yml"), 1000, 10, False, only_list) == 0
        return capsys.readouterr().out

    assert "3 messages looked through, 2 are worth a look." in run("", only_list=True)
    shown = run("a\na\nq\n")
    assert "call me on [phone]" in shown and "020" not in shown
    assert "Something is masked in it" in shown
    assert "    - lob the [tins](item) on it\n" in LISTS_FILE.read_text(encoding="utf-8")
    assert "1 are worth a look" in run("x\n")
    assert "0 are worth a look" in run("")
