"""The guard in front of a running server: limits, what is closed, and what errors tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from channels.guard import api
from channels.guard.settings import read_guard_settings
from channels.settings import ChannelSettingsError
from tests.channels.conftest import API_TOKEN, Bot, MakeBot

GUARD, REST = "channels.guard.GuardInput", "channels.rest.RestInput"
TOKEN = "token-of-a-program"

pytestmark = [pytest.mark.services, pytest.mark.slow]


@pytest.fixture(scope="module")
def bot(make_shared_bot: MakeBot) -> Iterator[Bot]:
    """A server that believes a proxy on this machine: each test has an address of its own."""
    credentials = {
        GUARD: {
            "requests_per_minute": 20,
            "refusals_per_minute": 5,
            "trusted_proxies": ["127.0.0.1"],
        },
        REST: {"messages_per_minute": 5},
    }
    yield make_shared_bot(credentials).start()


def call(bot: Bot, method: str, path: str, address: str = "", **more: Any) -> requests.Response:
    headers = {"X-Forwarded-For": address} if address else {}
    headers |= more.pop("headers", {})
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, bot.url + path, headers=headers, timeout=30, **more)


def say(bot: Bot, sender: Any, message: Any = "hello", **more: Any) -> requests.Response:
    body = {"sender": sender, "message": message}
    return call(bot, "POST", "/webhooks/rest/webhook", json=body, **more)


# ------------------------------------------------------------------------ limits


def test_an_address_may_ask_so_often_and_no_more(bot: Bot) -> None:
    first = [call(bot, "GET", "/version", "198.51.100.1").status_code for _ in range(20)]
    assert set(first) == {200}
    refused = call(bot, "GET", "/version", "198.51.100.1")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert call(bot, "GET", "/version", "198.51.100.2").status_code == 200


def test_a_network_of_ipv6_is_one_address(bot: Bot) -> None:
    for number in range(20):
        call(bot, "GET", "/version", f"2001:db8::{number + 1:x}")
    assert call(bot, "GET", "/version", "2001:db8::ffff").status_code == 429
    assert call(bot, "GET", "/version", "2001:db8:1::1").status_code == 200


def test_who_guesses_at_the_token_is_stopped_even_from_the_right_one(bot: Bot) -> None:
    guesses = [
        call(bot, "GET", f"/status?token=guess-{number}", "198.51.100.3").status_code
        for number in range(6)
    ]
    assert guesses == [401] * 5 + [429]
    assert call(bot, "GET", f"/status?token={API_TOKEN}", "198.51.100.3").status_code == 429
    assert call(bot, "GET", f"/status?token={API_TOKEN}", "198.51.100.4").status_code == 200


def test_this_machine_is_not_limited(bot: Bot) -> None:
    assert {call(bot, "GET", "/version").status_code for _ in range(30)} == {200}


def test_a_sender_may_say_so_much_and_no_more(bot: Bot) -> None:
    assert [say(bot, "ada").status_code for _ in range(6)] == [200] * 5 + [429]
    assert say(bot, "bob").json()[0]["text"] == "Hello!"


def test_a_body_may_be_so_large_and_no_larger(bot: Bot) -> None:
    assert say(bot, "large", "x" * 70_000).status_code == 413
    assert say(bot, "long", "x" * 5000).status_code == 413
    path = f"/model/parse?token={API_TOKEN}"
    assert call(bot, "POST", path, data=b"x" * (2**20 + 1)).status_code == 413


# ------------------------------------------------------------------------- senders


@pytest.mark.parametrize(
    ("sender", "message", "status"),
    [
        ("telegram~1~1", "hello", 403),
        ("me", "/EXTERNAL_due", 403),
        ("me", "  //EXTERNAL_due{}", 403),
        ("", "hello", 400),
        (7, "hello", 400),
        ("a\u0000b", "hello", 400),
        ("a" * 256, "hello", 400),
        ("me", "", 400),
        ("me", None, 400),
        ("me", "a\u0000b", 400),
        ("me", ["hello"], 400),
    ],
)
def test_what_is_no_message_is_refused(bot: Bot, sender: Any, message: Any, status: int) -> None:
    assert say(bot, sender, message).status_code == status


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"hello"', b"[" * 20_000, b"\xff"])
def test_what_is_no_object_is_refused(bot: Bot, body: bytes) -> None:
    answer = call(bot, "POST", "/webhooks/rest/webhook", data=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_nobody_says_that_they_came_by_another_channel(bot: Bot) -> None:
    """A reminder would be pushed to whoever has that name there."""
    body = {"sender": "eve", "message": "hello", "input_channel": "telegram"}
    assert call(bot, "POST", "/webhooks/rest/webhook", json=body).status_code == 200
    tracker = bot.api("/conversations/eve/tracker?include_events=ALL")
    assert {event.get("input_channel") for event in tracker["events"]} <= {"rest", None}


def test_a_stream_ends(bot: Bot) -> None:
    answer = say(bot, "streamed", params={"stream": "true"})
    assert answer.status_code == 200
    assert '"Hello!"' in answer.text


def test_with_a_token_only_who_has_it_may_speak(make_bot: MakeBot) -> None:
    bot = make_bot({REST: None}, {"PARLEY_REST_TOKEN": TOKEN}).start()
    assert say(bot, "me").status_code == 401
    assert say(bot, "me", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
    assert say(bot, "me", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert TOKEN not in bot.log


# ----------------------------------------------------------------------------- api


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/status"),
        ("GET", "/conversations/ada/tracker"),
        ("POST", "/conversations/ada/trigger_intent"),
        ("POST", "/conversations/ada/tracker/events"),
        ("POST", "/conversations/ada/messages"),
        ("POST", "/model/parse"),
    ],
)
def test_the_api_asks_for_its_token(bot: Bot, method: str, path: str) -> None:
    body = {"name": "greet", "text": "hello", "sender": "user", "event": "restart"}
    assert call(bot, method, path, json=body).status_code == 401
    assert call(bot, method, f"{path}?token=", json=body).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/model"),
        ("PUT", "/model/"),
        ("DELETE", "/model"),
        ("POST", "/model/train"),
        ("POST", "/model/test/stories"),
        ("POST", "/model/predict"),
        ("POST", "/conversations/ada/predict"),
        ("POST", "/conversations/ada/execute"),
        ("POST", "/conversations/a%2Fb/execute"),
        ("POST", "/conversations/%0A/execute"),
        ("PUT", "/conversations/a%0Ab/tracker/events"),
        ("PUT", "/conversations/ada/tracker/events"),
        ("GET", "/domain"),
    ],
)
def test_what_no_assistant_in_use_needs_is_closed(bot: Bot, method: str, path: str) -> None:
    assert call(bot, method, f"{path}?token={API_TOKEN}", json={}).status_code == 404


def test_what_is_closed_can_be_opened(make_bot: MakeBot) -> None:
    bot = make_bot({GUARD: {"open_api": ["domain"]}, REST: None}).start()
    assert "intents" in bot.api("/domain")


def test_an_error_tells_nothing_of_the_inside(bot: Bot) -> None:
    """An event that Rasa cannot make anything of: it answers with the exception's text."""
    path = f"/conversations/odd/tracker/events?token={API_TOKEN}"
    answer = call(bot, "POST", path, json={"event": "slot", "name": {}, "timestamp": "x"})
    assert answer.status_code in (400, 500)
    if answer.status_code == 500:
        assert set(answer.json()) == {"error"}
    assert "Traceback" not in answer.text and "site-packages" not in answer.text


def test_pages_of_other_sites_are_told_nothing(bot: Bot) -> None:
    """CORS is closed: a browser keeps the answer from the page that asked."""
    for method, path in (("POST", "/webhooks/rest/webhook"), ("GET", "/version")):
        body = {"sender": "x", "message": "hello"}
        asked = {"Origin": "https://evil.example"}
        answer = call(bot, method, path, json=body, headers=asked)
        assert "Access-Control-Allow-Origin" not in answer.headers
        asked["Access-Control-Request-Method"] = method
        preflight = call(bot, "OPTIONS", path, headers=asked)
        assert "Access-Control-Allow-Origin" not in preflight.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# ------------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"requests_per_minute": 0}, "requests_per_minute"),
        ({"unlimited": ["here"]}, "'unlimited'"),
        ({"trusted_proxies": ["there"]}, "'trusted_proxies'"),
        ({"open_api": ["all"]}, "'open_api'"),
        ({"limits": 1}, "knows no 'limits'"),
    ],
)
def test_settings_that_make_no_sense_are_named(entry: dict[str, Any], told: str) -> None:
    with pytest.raises(ChannelSettingsError, match=told):
        read_guard_settings(entry)


def test_nobody_can_be_without_limits() -> None:
    assert read_guard_settings({"unlimited": ["nobody"]}).unlimited == ()
    assert read_guard_settings(None).unlimited


@pytest.mark.parametrize(
    ("path", "query", "wrong"),
    [
        ("/conversations/a/tracker", {}, False),
        ("/conversations/a/b/tracker", {}, False),
        ("/conversations/a\x00b/tracker", {}, True),
        (f"/conversations/{'a' * 256}/tracker", {}, True),
        ("/conversations/a/tracker", {"include_events": "some"}, True),
        ("/conversations/a/tracker", {"include_events": "all"}, False),
        ("/conversations/a/tracker", {"until": "tomorrow"}, True),
        ("/model/parse", {"emulation_mode": "alexa"}, True),
    ],
)
def test_addresses_are_checked(path: str, query: dict[str, str], wrong: bool) -> None:
    assert bool(api.wrong_address(path, query)) is wrong


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"event": "restart"}, False),
        ([{"event": "slot", "name": "a", "value": 1}, {"event": "restart"}], False),
        ({"event": "slot"}, True),
        ({"event": "user"}, True),
        ({"event": "user", "text": "hello"}, False),
        ({"event": "nothing that there is"}, True),
        ([], True),
        ({"event": "slot", "name": "a", "value": "\u0000"}, True),
    ],
)
def test_events_are_checked(body: Any, wrong: bool) -> None:
    told = api.wrong_body("POST", "/conversations/a/tracker/events", body)
    assert bool(told) is wrong
    assert told is None or len(told) < 100
