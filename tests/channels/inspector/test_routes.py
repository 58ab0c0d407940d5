"""The inspector on a real server: who sees what, and that it is what happened."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import pytest

from tests.channels.conftest import Bot
from tests.channels.inspector.conversation import (
    answered,
    did,
    entity,
    filled,
    listens,
    loop,
    said,
    session,
)
from tests.channels.inspector.watching import CODE, Watcher, say, write_down

pytestmark = pytest.mark.services

GUARDED: list[tuple[str, Any]] = [
    ("turns?conversation=ada", None),
    ("slots?conversation=ada&turn=1", None),
    ("events?conversation=ada&turn=1", None),
    ("course?conversation=ada", None),
    ("story?conversation=ada&kind=story&first=1&last=1", None),
    ("conversations", {}),
]


@pytest.mark.parametrize(("path", "body"), GUARDED)
def test_nothing_is_told_to_who_is_not_signed_in(bot: Bot, path: str, body: Any) -> None:
    say(bot, "ada", "hello")
    for cookie in ("", "parley_inspector=", "parley_inspector=9999999999.abc.def"):
        stranger = Watcher(bot)
        stranger.cookie = cookie
        answer = stranger.ask(path, body)
        assert answer.status == 401
        assert b"hello" not in answer.body


@pytest.mark.parametrize(("path", "body"), GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_are_refused_even_with_the_cookie(
    watcher: Watcher, path: str, body: Any, headers: dict[str, str]
) -> None:
    answer = watcher.ask(path, body, headers=headers)
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


def test_the_cookie_is_for_this_site_and_no_script(bot: Bot) -> None:
    stranger = Watcher(bot)
    answer = stranger.sign_in()
    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/webhooks/inspector"} <= attributes
    assert "secure" not in attributes
    behind_tls = stranger.ask(
        "login", {"token": "a token for the tests alone"}, headers={"X-Forwarded-Proto": "https"}
    )
    assert "secure" in behind_tls.headers["set-cookie"].lower()
    assert stranger.get("session") == {"signed_in": True}
    assert stranger.ask("logout", {}).status == 204
    assert stranger.get("session") == {"signed_in": False}
    assert stranger.ask("turns?conversation=ada").status == 401


def test_the_code_signs_in_once(bot: Bot) -> None:
    assert Watcher(bot).sign_in(CODE).status == 204
    late = Watcher(bot)
    assert late.sign_in(CODE).status == 403
    time.sleep(0.6)
    assert late.sign_in().status == 204


def test_wrong_tokens_are_slowed_down_and_what_is_no_token_is_wrong(bot: Bot) -> None:
    stranger = Watcher(bot)
    for body in (b"{", b"[]", {"token": 5}, {"token": None}, {}, {"token": "x" * 9000}):
        answer = stranger.ask("login", body)
        assert answer.status == 403
        slowed = stranger.ask("login", {"token": "wrong"})
        assert slowed.status == 429
        time.sleep(int(slowed.headers["retry-after"]))
        assert stranger.sign_in().status == 204  # and the failures are forgotten
    assert "a token for the tests alone" not in bot.log
    assert "wrong" not in bot.log.split("Rasa server is up", 1)[1]


def test_the_page_runs_no_script_but_its_own(bot: Bot) -> None:
    for path in ("", "inspector.js", "turn.js", "inspector.css", "icon.svg"):
        answer = Watcher(bot).ask(path)
        assert answer.status == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert b"http://" not in answer.body.replace(b"http://www.w3.org", b"")
        assert b"https://" not in answer.body
    assert Watcher(bot).ask("../../channels.db").status == 404
    assert Watcher(bot).ask("secret.js").status == 404


def test_a_turn_tells_what_happened(bot: Bot, watcher: Watcher) -> None:
    say(bot, "eve", "hello")
    say(bot, "eve", "count")
    say(bot, "eve", "ask me")
    say(bot, "eve", "/affirm")
    told = watcher.get("turns", conversation="eve")
    greeted, counted, asked, affirmed = told["turns"]
    assert told["total"] == 4
    assert greeted["begins_session"] and not counted["begins_session"]
    assert (greeted["text"], greeted["intent"]["name"]) == ("hello", "greet")
    assert [step["name"] for step in counted["steps"] if step["kind"] == "action"] == [
        "action_count",
        "action_listen",
    ]
    (action, *_) = (step for step in counted["steps"] if step["kind"] == "action")
    assert (action["policy"], action["confidence"]) == ("RulePolicy", 1.0)
    assert counted["slots"] == [{"name": "counted", "before": None, "after": 1}]
    (question,) = (step for step in asked["steps"] if step["kind"] == "bot")
    assert question["response"] == "utter_ask"
    assert [button["payload"] for button in question["buttons"]] == ["/affirm", "/deny"]
    assert affirmed["kind"] == "payload"
    everything = watcher.get("slots", conversation="eve", turn=2)["slots"]
    assert {"name": "counted", "before": None, "after": 1} in everything
    kept = watcher.get("events", conversation="eve", turn=2)["events"]
    assert kept[0]["event"] == "user" and kept[0]["text"] == "count"


def test_entities_moods_forms_and_what_was_taken_back(bot: Bot, watcher: Watcher) -> None:
    text = "milk at seven"
    write_down(
        bot,
        "ida",
        *(session(), said("hello", "greet", sentiment="positive"), did("utter_greet")),
        *(answered("Hello!", "utter_greet"), listens()),
        said(
            text,
            "ask",
            [
                entity(text, "milk", "item", extractor="One"),
                entity(text, "milk at", "item", extractor="Another", role="thing"),
                entity(text, "seven", "time", {"value": "07:00", "grain": "hour"}),
            ],
            sentiment="negative",
        ),
        *(did("tea_form"), loop("tea_form"), filled("counted", 5), listens()),
        *(said("yes please", "affirm", message_id=None), did("tea_form"), loop(None), listens()),
    )
    first, second, third = watcher.get("turns", conversation="ida")["turns"]
    assert [s["entities"] for s in second["segments"]] == [[0, 1], [1], [], [2]]
    assert second["entities"][1]["role"] == "thing"
    assert second["entities"][2]["value"] == {"value": "07:00", "grain": "hour"}
    assert (second["loop_before"], second["loop_after"]) == (None, "tea_form")
    assert (third["loop_before"], third["loop_after"]) == ("tea_form", None)
    assert third["kind"] == "on_behalf"
    course = watcher.get("course", conversation="ida")["points"]
    assert [(point["turn"], point["name"]) for point in course] == [
        (1, "positive"),
        (2, "negative"),
    ]
    assert course[0]["score"] > 0 > course[1]["score"]
    assert watcher.listed("ida")["conversations"][0]["mood"] is None


def test_the_list_is_newest_first_counted_and_searched(bot: Bot, watcher: Watcher) -> None:
    say(bot, "list-one", "hello")
    say(bot, "list-two", "count")
    say(bot, "list-one", "Ärger mit 100% <b>Tee_</b>")
    ids = [one["id"] for one in watcher.listed()["conversations"]]
    assert ids.index("list-one") < ids.index("list-two")
    (found,) = watcher.listed("list-one")["conversations"]
    assert (found["turns"], found["channel"]) == (2, "rest")
    assert found["text"] == "Ärger mit 100% <b>Tee_</b>"
    say(bot, "list-one", "hello")
    assert watcher.listed("LIST-ONE")["conversations"][0]["turns"] == 3
    for words in ("ärger", "100% <b>", "Tee_", "mit 100"):
        assert [one["id"] for one in watcher.listed(words)["conversations"]] == ["list-one"]
    # What is in the database, but was not said.
    for words in ("parse_data", "1000", "Tee__", '"text"', "nobody said this"):
        assert watcher.listed(words)["conversations"] == []
    # What the bot said counts as well.
    assert "list-two" in [one["id"] for one in watcher.listed("That makes")["conversations"]]
    cut = watcher.listed(limit=1)
    assert len(cut["conversations"]) == 1 < cut["total"]


def test_new_turns_alone_are_sent(bot: Bot, watcher: Watcher) -> None:
    say(bot, "live", "hello")
    told = watcher.get("turns", conversation="live", first=-20)
    version = told["version"]
    assert watcher.get("turns", conversation="live", known=version)["unchanged"]
    say(bot, "live", "count")
    news = watcher.get("turns", conversation="live", first=2, last=-1, known=version)
    assert [turn["number"] for turn in news["turns"]] == [2]
    assert watcher.ask("turns?conversation=nobody").status == 404
    assert watcher.ask("slots?conversation=live&turn=3").status == 404
    assert watcher.ask("slots?conversation=live&turn=x").status == 404


def test_a_long_conversation_is_sent_in_parts(bot: Bot, watcher: Watcher) -> None:
    say(bot, "long", "count")
    with sqlite3.connect(bot.folder / "conversations.db") as database:
        rows = database.execute(
            "SELECT type_name, timestamp, intent_name, action_name, data FROM events"
            " WHERE sender_id = 'long' ORDER BY id"
        ).fetchall()
        begin = next(number for number, row in enumerate(rows) if row[0] == "user")
        for turn in range(1, 5000):
            database.executemany(
                "INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name,"
                " data) VALUES ('long', ?, ?, ?, ?, ?)",
                [
                    (
                        kind,
                        at + turn,
                        intent,
                        action,
                        data.replace('"value": 1', f'"value": {turn}'),
                    )
                    for kind, at, intent, action, data in rows[begin:]
                ],
            )
    newest = watcher.ask("turns?conversation=long")
    assert newest.json["total"] == 5000
    assert [turn["number"] for turn in newest.json["turns"]] == list(range(4981, 5001))
    # All of it would be more than two hundred times as much.
    assert len(newest.body) < 200_000
    assert newest.json["turns"][0]["slots"] == [{"name": "counted", "before": 4979, "after": 4980}]
    part = watcher.get("turns", conversation="long", first=100, last=4000)
    assert [turn["number"] for turn in part["turns"]] == list(range(3951, 4001))
    assert len(watcher.get("course", conversation="long")["points"]) == 0
    assert watcher.ask("story?conversation=long&kind=story&first=1&last=5000").status == 400
    (listed,) = watcher.listed("long")["conversations"]
    assert listed["turns"] == 5000


def test_nothing_is_changed_by_looking(bot: Bot, watcher: Watcher) -> None:
    say(bot, "kept", "hello")
    before = bot.api("/conversations/kept/tracker?include_events=ALL")
    watcher.listed()
    for path in ("turns", "course"):
        watcher.get(path, conversation="kept")
    watcher.get("story", conversation="kept", kind="test", first=1, last=1)
    for path in ("slots", "events"):
        watcher.get(path, conversation="kept", turn=1)
    assert watcher.ask("turns?conversation=not-yet").status == 404
    assert bot.api("/conversations/kept/tracker?include_events=ALL") == before
    assert "not-yet" not in [one["id"] for one in watcher.listed()["conversations"]]


def test_turns_become_a_story_with_the_running_domain(bot: Bot, watcher: Watcher) -> None:
    say(bot, "tale", "hello")
    say(bot, "tale", "count")
    told = watcher.get("story", conversation="tale", kind="test", first=1, last=2, name="two")
    assert "  - story: two\n" in told["yaml"] and "          count\n" in told["yaml"]
    assert (told["notes"], told["file"]) == ([], "test_conversation.yml")
    wrong = watcher.get("story", conversation="tale", kind="rule", first=1, last=2)
    assert wrong["yaml"] == "" and "one turn" in wrong["problem"]
    assert watcher.ask("story?conversation=tale&kind=poem&first=1&last=1").status == 400
