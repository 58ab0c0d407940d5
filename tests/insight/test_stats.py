"""The statistics: counted rightly, masked, as terminal, page and JSON, whatever is in the store."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from datetime import timezone
from pathlib import Path

import numpy as np
import pytest

from insight.conversations.periods import Period
from insight.conversations.reading import Reading
from insight.conversations.store import open_store
from insight.conversations.turns import FormRun, Session, Step, Turn, follow
from insight.skills import Skills
from insight.stats import __main__ as command
from insight.stats.figures import Figures
from insight.stats.pieces import pieces_for
from insight.stats.questions import Vectors, cluster
from insight.stats.tally import Tally, Unanswered
from insight.training_data.reading import read_training_data
from operations.tracker_address import find_store
from tests.insight.talking import BEGIN, Talk, keep

PROJECT = Path(__file__).parent / "projects" / "clean"
HOUR = 3600.0


def order(talk: Talk) -> Talk:
    """A form that asks for one thing, and gets it."""
    talk.say("a pizza", "order_pizza").do("pizza_form").loop("pizza_form")
    talk.fill("requested_slot", "topping").answer("What shall be on it?").listen()
    talk.say("olives", "nlu_fallback").do("pizza_form").fill("topping", "olives")
    talk.fill("requested_slot", None).loop(None)
    return talk.do("action_order", "utter_ordered").answer("On its way.").listen()


def happened(path: Path) -> tuple[list[Turn], list[FormRun], list[Session]]:
    with open_store(find_store(Path("no.yml"), str(path), {})) as store:
        found = list(follow(Reading(store, Period())))
    return (
        [one for one in found if isinstance(one, Turn)],
        [one for one in found if isinstance(one, FormRun)],
        [one for one in found if isinstance(one, Session)],
    )


def figures(path: Path) -> Figures:
    skills = Skills(read_training_data(PROJECT, [PROJECT]))
    with open_store(find_store(Path("no.yml"), str(path), {})) as store:
        found = command.collect(Reading(store, Period()), skills)
    assert found is not None
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.db"


def test_a_turn_lasts_until_the_next_message(path: Path) -> None:
    talk = Talk("ann", channel="web").say("hello", "greet", mood="positive")
    talk.do("utter_greet").answer(after=0.25).answer(after=0.5).listen()
    keep(path, talk.say("bye", "goodbye"))
    first, second = happened(path)[0]
    assert (first.text, first.actions, first.answers) == ("hello", ["utter_greet"], 2)
    assert first.first_answer == pytest.approx(0.25, abs=0.01)
    assert first.last_answer == pytest.approx(0.75, abs=0.01)
    assert (second.answers, second.first_answer) == (0, None)


def test_what_an_action_says_for_the_person_is_no_turn(path: Path) -> None:
    talk = Talk("ann").say("no, seven", "correct").do("action_correct").listen()
    talk.say("a pizza", "order_pizza", on_behalf=True).do("action_order").answer().listen()
    keep(path, talk)
    turns, _, (session,) = happened(path)
    assert [(turn.text, turn.answers) for turn in turns] == [("no, seven", 1)]
    assert session.steps == [
        *(Step(True, "correct"), Step(False, "action_correct")),
        *(Step(True, "order_pizza"), Step(False, "action_order")),
    ]


def test_a_form_is_finished_by_itself(path: Path) -> None:
    keep(path, order(Talk("ann")))
    _, (form,), (session,) = happened(path)
    assert (form.name, form.outcome, form.turns) == ("pizza_form", "finished", 2)
    # The turn that filled the form is the form's own affair.
    assert [step.name for step in session.steps] == [
        *("order_pizza", "pizza_form", "action_order", "utter_ordered")
    ]


def begun(sender: str) -> Talk:
    talk = Talk(sender).say("a pizza", "order_pizza").do("pizza_form").loop("pizza_form")
    return talk.fill("requested_slot", "topping").answer().listen()


def test_a_form_is_left_when_something_else_ends_it(path: Path) -> None:
    cancelled = begun("ann").say("never mind", "deny").do("action_deactivate_loop").loop(None)
    gives_up = begun("bob").say("what?", "deny").do("pizza_form").fill("topping", None)
    gives_up.fill("requested_slot", None).loop(None)
    expired = begun("cyd").session()
    waits = begun("dan")
    keep(path, cancelled, gives_up, expired, waits)
    forms = {form.sender: form.outcome for form in happened(path)[1]}
    assert forms == {"ann": "left", "bob": "left", "cyd": "left", "dan": "open"}


def test_a_form_that_was_interrupted_goes_on(path: Path) -> None:
    talk = begun("ann").say("rain?", "ask_weather").do("weather_form").loop("weather_form")
    talk.loop(None).do("action_tell_weather").answer().loop("pizza_form").listen()
    talk.say("olives", "deny").do("pizza_form").fill("topping", "olives").loop(None)
    keep(path, talk)
    assert [(form.name, form.outcome) for form in happened(path)[1]] == [
        ("weather_form", "finished"),
        ("pizza_form", "finished"),
    ]


def test_conversations_may_be_mixed(path: Path) -> None:
    keep(path, order(Talk("ann")), order(Talk("bob", at=BEGIN + 1.0005)))
    with sqlite3.connect(path) as database:
        # As they would lie there had both talked at once.
        database.execute("UPDATE events SET id = -CAST(timestamp * 10000 AS INTEGER)")
        database.execute("UPDATE events SET id = -id")
    turns, forms, sessions = happened(path)
    assert [form.outcome for form in forms] == ["finished", "finished"]
    assert len(turns) == 4 and sessions[0].steps == sessions[1].steps


def test_everything_is_counted(path: Path) -> None:
    ann = order(Talk("ann", channel="web"))
    ann.say("fly me to Rome", "out_of_scope", mood="negative").do("utter_sorry").answer()
    bob = Talk("bob", at=BEGIN + 30 * HOUR)
    bob.say("blorp", "nlu_fallback", guess="ask_weather", mood="negative").do("action_ask_back")
    bob.answer(after=2.0).listen().say("rain?", "ask_weather", mood="neutral")
    bob.do("action_tell_weather").answer(after=1.0).listen()
    bob.say("/EXTERNAL_due", "EXTERNAL_due", metadata={"is_external": True}).answer()
    keep(path, ann, bob)
    found = figures(path)
    whole = found.all
    assert (whole.conversations, whole.turns, found.sessions, found.external) == (2, 5, 2, 1)
    assert (whole.fallbacks, whole.declined, whole.silent) == (1, 1, 0)
    assert whole.sentiments == {"negative": 2, "neutral": 1}
    assert found.moods == ["neutral", "negative"]
    (form,) = found.forms
    assert (form.name, form.started, form.finished, form.completion) == ("pizza_form", 1, 1, 1.0)
    channels = {row.name: row for row in found.channels}
    assert (channels["web"].turns, channels["rest"].turns) == (3, 2)
    latency = channels["rest"].latency
    assert latency is not None and latency.median == pytest.approx(1.5, abs=0.02)
    # What was not understood counts where it was nearest to.
    weather = next(row for row in found.skills if row.name == "ask_weather")
    assert (weather.turns, weather.fallbacks) == (2, 1)
    assert sum(piece.turns for piece in found.pieces) == 5
    assert {one.name for one in found.questions.clusters} == {"fly me to Rome", "blorp"}


def test_a_skill_is_the_file_that_its_examples_are_in(tmp_path: Path) -> None:
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu" / "weather.yml").write_text(
        "nlu:\n- intent: rain\n  examples: |\n    - rain?\n", encoding="utf-8"
    )
    (tmp_path / "nlu.yml").write_text("nlu:\n- intent: chat/hi\n  examples: |\n    - hi\n")
    (tmp_path / "rain.yml").write_text(
        "forms: {f: {}}\nrules:\n- rule: r\n  steps:\n  - intent: rain\n  - action: f\n"
    )
    skills = Skills(read_training_data(tmp_path, [tmp_path]))
    assert (skills.of_intent("rain"), skills.of_intent("chat")) == ("weather", "chat")
    assert (skills.of_form("f"), skills.of_intent("")) == ("rain", "none")


class Letters:
    """Tells texts apart by their first word."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), 27), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row, ord(text[0].lower()) % 27] = 1
        return vectors


def test_what_was_not_answered_is_masked_and_put_together() -> None:
    asked = {
        "mail ann@example.org": Unanswered(2, {"a"}),
        "mail bob@example.org": Unanswered(1, {"b"}),
        "Mail somebody": Unanswered(1, {"a"}),
        "fly": Unanswered(1, {"a"}),
    }
    found = cluster(asked, Letters(), lambda text: re.sub(r"\S+@\S+", "[email]", text))
    first, second = found.clusters
    assert first.texts == [("mail [email]", 3), ("Mail somebody", 1)]
    assert (first.count, first.conversations, second.name) == (4, 2, "fly")
    assert cluster(asked, Letters(), str, most=1).left_out == 3
    assert cluster({}, Letters(), str).clusters == []


def test_messages_of_one_meaning_are_one_group(path: Path) -> None:
    talk = Talk("ann")
    for text in (
        *("book me a flight to Rome", "can you book a flight to Paris", "book a flight please"),
        *("what is my bank balance", "tell me the balance of my bank account"),
        "my name is Bartholomew, call me on +44 20 7946 0958",
    ):
        talk.say(text, "nlu_fallback").do("action_default_fallback").answer().listen()
    keep(path, talk)
    clusters = figures(path).questions.clusters
    assert sorted(one.count for one in clusters) == [1, 2, 3]
    told = json.dumps([one.texts for one in clusters])
    assert "Bartholomew" not in told and "7946" not in told


def test_pieces_leave_no_day_out() -> None:
    days = pieces_for(BEGIN, BEGIN + 50 * 86400, timezone.utc)
    pieces = days.all(BEGIN, BEGIN + 50 * 86400)
    assert (days.unit, len(pieces), pieces[0]) == ("day", 51, "2026-09-21")
    assert pieces_for(BEGIN, BEGIN + 3600).unit == "hour"
    assert pieces_for(BEGIN, BEGIN + 200 * 86400).unit == "week"
    assert pieces_for(BEGIN, BEGIN + 2000 * 86400).unit == "month"


def run(path: Path, output: Path, *more: str) -> int:
    return command.main(
        ["--store", str(path), "--output", str(output), "--project", str(PROJECT), *more]
    )


def test_the_command_tells_and_writes_a_page(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    keep(path, order(Talk("<b>ann</b>", channel="<i>web</i>")))
    output = tmp_path / "page.html"
    assert run(path, output) == 0
    told = capsys.readouterr().out
    assert "conversations 1, sessions 1, turns 2" in told and "100%" in told
    page = output.read_text(encoding="utf-8")
    assert "pizza_form" in page and "&lt;i&gt;web" in page and "<i>web" not in page
    assert "src=" not in page and "http" not in page.replace("http-equiv", "")
    assert run(path, output, "--json") == 0
    assert json.loads(capsys.readouterr().out)["all"]["turns"] == 2


def test_what_steers_a_terminal_is_not_told(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(path, Talk("ann", channel="we\x1b[2Jb").say("hi", "greet\x07").answer())
    assert run(path, tmp_path / "page.html") == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told and "\x07" not in told


def test_nothing_to_tell_is_said_in_a_line(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "page.html"
    for fill, more, expected in (
        (None, (), "nobody has talked yet"),
        ((), (), "has no events"),
        ((Talk("ann"),), (), "nobody said anything"),
        ((Talk("bob").say("hi", "greet"),), ("--since", "2030-01-01"), "of that time"),
        ((), ("--since", "whenever"), "is no day"),
        ((), ("--period", "7d", "--since", "2026-01-01"), "not both"),
    ):
        if fill is not None:
            keep(path, *fill)
        with pytest.raises(SystemExit):
            run(path, output, *more)
        told = capsys.readouterr()
        assert expected in told.err and told.err.count("\n") == 1, told.err
        assert "Traceback" not in told.err and not output.exists()


def test_a_store_of_broken_events_alone_ends_in_a_line(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(path, Talk("ann").say("hi", "greet"))
    with sqlite3.connect(path) as database:
        database.execute("UPDATE events SET data = substr(data, 1, 20)")
    with pytest.raises(SystemExit):
        run(path, tmp_path / "page.html")
    told = capsys.readouterr()
    assert "Events passed over: 3, the event is no JSON." in told.out
    assert "nobody said anything" in told.err


def test_tallies_need_no_training_data() -> None:
    skills = Skills(read_training_data(PROJECT, []))
    tally = Tally(skills).add_all([])
    assert tally.all.turns == 0 and skills.of_intent("greet") == "greet"
