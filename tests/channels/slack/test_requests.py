"""What is let in, and what is not: a real server, requests as Slack and as others make them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.channels.action_server import ActionServer
from tests.channels.slack.workspace import MENTION, Workspace, message, signature
from tests.services.slack import SECRET, SlackService

pytestmark = pytest.mark.services

MINUTES = 60


def forged(name: str) -> Callable[[Workspace, str, bytes], int]:
    """A way to post a body as somebody who is not Slack, or not now."""

    def post(workspace: Workspace, path: str, body: bytes) -> int:
        now = time.time()
        moment = str(int(now))
        genuine = signature(SECRET, moment, body)
        arguments: dict[str, dict[str, Any]] = {
            "altered body": {"headers": {"X-Slack-Signature": signature(SECRET, moment, b"{}")}},
            "stale": {"at": now - 6 * MINUTES},
            "from the future": {"at": now + 6 * MINUTES},
            "wrong secret": {"secret": "0" * 32},
            "no signature": {"headers": {"X-Slack-Signature": None}},
            "no time": {"headers": {"X-Slack-Request-Timestamp": None}},
            "empty signature": {"headers": {"X-Slack-Signature": ""}},
            "time is no number": {"headers": {"X-Slack-Request-Timestamp": "now"}},
            "signature is no ASCII": {"headers": {"X-Slack-Signature": "v0=\xe9"}},
            "another version": {"headers": {"X-Slack-Signature": f"v1{genuine[2:]}"}},
            "another time": {"headers": {"X-Slack-Request-Timestamp": str(int(now) - 100)}},
        }
        return workspace.post(path, body, **arguments[name]).status

    post.__name__ = name
    return post


FORGERIES = [
    *("altered body", "stale", "from the future", "wrong secret", "no signature", "no time"),
    *("empty signature", "time is no number", "signature is no ASCII", "another version"),
    "another time",
]


@pytest.mark.parametrize("name", FORGERIES)
def test_what_slack_did_not_sign_just_now_is_turned_away(workspace: Workspace, name: str) -> None:
    before = workspace.kept()
    event = workspace.envelope(message("D0FORGED", "U0FORGED", "count", "1700000001.000001"))
    command = urlencode(
        {"channel_id": "D0FORGED", "user_id": "U0FORGED", "text": "count", "trigger_id": "1"}
    )
    challenge = json.dumps({"type": "url_verification", "challenge": "secret"}).encode()
    for path, body in (
        ("events", event),
        ("events", challenge),
        ("commands", command.encode()),
        ("interactive", urlencode({"payload": "{}"}).encode()),
    ):
        assert forged(name)(workspace, path, body) == 403, path
    assert workspace.kept() == before


def test_the_address_is_verified_for_slack_alone(workspace: Workspace) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    answer = workspace.post("events", body)
    assert (answer.status, answer.body) == (200, b"3eZbrw1aB")


MALFORMED: list[tuple[str, bytes]] = [
    ("events", b""),
    ("events", b"{"),
    ("events", b"[]"),
    ("events", b"null"),
    ("events", b"\xff\xfe"),
    ("events", b"[" * 100_000),
    ("events", json.dumps({"type": "event_callback"}).encode()),
    ("events", json.dumps({"type": "event_callback", "event": [], "event_id": "E"}).encode()),
    ("events", json.dumps({"type": "event_callback", "event": {}, "event_id": 7}).encode()),
    ("events", json.dumps({"type": "url_verification"}).encode()),
    (
        "events",
        json.dumps(
            {
                "type": "event_callback",
                "event_id": "E",
                "event": {"type": "message", "user": "U1", "channel": {"id": "C1"}, "text": 3},
            }
        ).encode(),
    ),
    ("commands", b""),
    ("commands", b"text"),
    ("commands", b"text=%FF"),
    ("commands", b"text=hello"),
    ("commands", b"&".join([b"a=1"] * 1000)),
    ("interactive", b"payload="),
    ("interactive", b"payload=%5B%5D"),
    ("interactive", urlencode({"payload": '{"type": "block_actions"}'}).encode()),
    (
        "interactive",
        urlencode({"payload": '{"type": "block_actions", "actions": [7], "user": 1}'}).encode(),
    ),
]


@pytest.mark.parametrize(("path", "body"), MALFORMED)
def test_what_is_malformed_is_refused_without_a_trace(
    workspace: Workspace, path: str, body: bytes
) -> None:
    before, log = workspace.kept(), len(workspace.bot.log)
    answer = workspace.post(path, body)
    # A body that is no text cannot have been signed.
    assert answer.status == (403 if b"\xff" in body else 400)
    assert answer.headers.get("X-Slack-No-Retry") == ("1" if answer.status == 400 else None)
    assert workspace.kept() == before
    assert "Traceback" not in workspace.bot.log[log:]
    assert b"Traceback" not in answer.body


@pytest.mark.parametrize("in_chunks", [False, True])
def test_what_is_huge_is_refused(workspace: Workspace, in_chunks: bool) -> None:
    before = workspace.kept()
    body = workspace.envelope(message("D0HUGE", "U0HUGE", "x" * 1_500_000, "1700000001.000001"))
    assert workspace.post("events", body, in_chunks=in_chunks).status == 413
    assert workspace.kept() == before


def test_a_long_message_gets_a_word(workspace: Workspace, slack: SlackService) -> None:
    workspace.say("D0LONG", "U0LONG", "x" * 40_000)
    slack.wait_for(lambda: len(slack.in_channel("D0LONG")) == 1)
    assert "longer than I can read" in slack.shown("D0LONG")[0]


@pytest.mark.parametrize("reason", ["http_timeout", "http_error", "connection_failed", ""])
def test_a_redelivery_is_acknowledged_and_changes_nothing(
    workspace: Workspace, slack: SlackService, reason: str
) -> None:
    channel = f"D0AGAIN{len(reason)}"
    event = message(channel, "U0AGAIN", "count", slack.time_stamp())
    first = workspace.event(event, f"Ev0AGAIN{reason}")
    assert first.status == 200
    slack.wait_for(lambda: slack.shown(channel) == ["That makes 1."])
    before = workspace.kept()
    again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": reason}
    answer = workspace.event(event, f"Ev0AGAIN{reason}", again)
    assert (answer.status, answer.headers.get("X-Slack-No-Retry")) == (200, "1")
    # The very same bytes again, as somebody would who had overheard them.
    assert workspace.event(event, f"Ev0AGAIN{reason}").status == 200
    assert workspace.kept() == before
    workspace.say(channel, "U0AGAIN", "count")
    slack.wait_for(lambda: len(slack.in_channel(channel)) == 2)
    assert slack.shown(channel) == ["That makes 1.", "That makes 2."]


def test_a_redelivery_of_what_never_arrived_is_answered(
    workspace: Workspace, slack: SlackService
) -> None:
    event = message("D0LATE", "U0LATE", "count", slack.time_stamp())
    workspace.event(event, "Ev0LATE", {"X-Slack-Retry-Num": "2"})
    slack.wait_for(lambda: slack.shown("D0LATE") == ["That makes 1."])


def test_what_cannot_be_written_down_is_to_be_delivered_again(
    workspace: Workspace, slack: SlackService
) -> None:
    event = message("D0LOCKED", "U0LOCKED", "count", slack.time_stamp())
    with sqlite3.connect(workspace.bot.database, isolation_level=None) as database:
        database.execute("BEGIN IMMEDIATE")
        answer = workspace.event(event, "Ev0LOCKED")
        database.execute("ROLLBACK")
    assert answer.status == 503
    assert "X-Slack-No-Retry" not in answer.headers
    again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert workspace.event(event, "Ev0LOCKED", again).status == 200
    slack.wait_for(lambda: slack.shown("D0LOCKED") == ["That makes 1."])


@pytest.mark.parametrize("order", [("message", "app_mention"), ("app_mention", "message")])
def test_message_and_mention_of_one_message_are_one(
    workspace: Workspace, slack: SlackService, order: tuple[str, ...]
) -> None:
    channel = f"C0BOTH{order[0][0].upper()}"
    ts = slack.time_stamp()
    event = message(channel, "U0BOTH", f"{MENTION} count", ts)
    for kind in order:
        assert workspace.event({**event, "type": kind}).status == 200
    workspace.say(channel, "U0BOTH", f"{MENTION} hello", thread_ts=ts)
    slack.wait_for(lambda: len(slack.in_channel(channel)) >= 2)
    assert slack.shown(channel) == ["That makes 1.", "Hello!"]


def test_messages_that_arrive_the_wrong_way_round_are_answered_once_each(
    workspace: Workspace, slack: SlackService
) -> None:
    earlier, later = slack.time_stamp(), slack.time_stamp()
    workspace.say("D0ROUND", "U0ROUND", "hello", ts=later)
    workspace.say("D0ROUND", "U0ROUND", "count", ts=earlier)
    workspace.say("D0ROUND", "U0ROUND", "hello", ts=later)
    workspace.say("D0ROUND", "U0ROUND", "ask me")
    slack.wait_for(lambda: len(slack.in_channel("D0ROUND")) >= 3)
    assert slack.shown("D0ROUND") == ["Hello!", "That makes 1.", "Shall I?"]


def test_it_is_acknowledged_before_it_is_worked_on_and_answered_in_order(
    workspace: Workspace, slack: SlackService, shared_actions: ActionServer
) -> None:
    with shared_actions.held_up():
        # Each of these returns when the bot has acknowledged; the first is answered when `go`
        # is set, so an acknowledgement that waited for the answer would never come.
        for text in ("wait", "count", "hello", "count"):
            workspace.say("D0QUEUE", "U0QUEUE", text)
        workspace.say("D0OTHER", "U0OTHER", "hello")
        slack.wait_for(lambda: slack.shown("D0OTHER") == ["Hello!"])
        assert slack.shown("D0QUEUE") == []
    slack.wait_for(lambda: len(slack.in_channel("D0QUEUE")) == 4)
    assert slack.shown("D0QUEUE") == ["I waited.", "That makes 1.", "Hello!", "That makes 2."]


def test_200_people_at_once_all_get_their_own_answers(
    workspace: Workspace, slack: SlackService
) -> None:
    people = [f"0MANY{number}" for number in range(200)]

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda person: workspace.say(f"D{person}", f"U{person}", "count"), people))
    slack.wait_for(lambda: all(slack.in_channel(f"D{person}") for person in people), 240)
    for person in people:
        assert slack.shown(f"D{person}") == ["That makes 1."]
