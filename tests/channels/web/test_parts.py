"""The parts of the chat page's channel: settings, visitors, limits, history, sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from channels.limits import OpenSockets, RateLimit
from channels.messages import Incoming
from channels.settings import ChannelSettingsError
from channels.store import ChannelStore, open_store
from channels.tables import incoming
from channels.web.history import History, Place, message_key
from channels.web.sessions import Sessions
from channels.web.settings import DEFAULT_SUGGESTIONS, read_web_settings
from channels.web.visitors import Visitors

CONVERSATION = "web~someone"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChannelStore]:
    """The channels' database, on either kind."""
    url = f"sqlite:///{tmp_path / 'channels.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
    store = open_store(url, "web", 5.0, keeps_history=True)
    yield store
    store.database.close()


# ------------------------------------------------------------------------ settings


def test_nothing_needs_to_be_set() -> None:
    settings = read_web_settings(None)
    assert settings.suggestions == DEFAULT_SUGGESTIONS
    assert settings.origins == () and settings.assistant == "Parley"


def test_origins_are_read_as_browsers_write_them() -> None:
    given = ["https://Shop.example.org/", "http://localhost:8080", "https://[::1]:443"]
    assert read_web_settings({"origins": given}).origins == (
        "https://shop.example.org",
        "http://localhost:8080",
        "https://[::1]",
    )


@pytest.mark.parametrize(
    "entry, told",
    [
        ({"origins": ["shop.example.org"]}, "shop.example.org"),
        ({"origins": ["*"]}, "scheme and a host"),
        ({"origins": ["https://a.example; script-src *"]}, "scheme and a host"),
        ({"origins": "https://a.example"}, "list of texts"),
        ({"trusted_proxies": ["proxy"]}, "an address or a network"),
        ({"suggestions": ["a", "b", "c", "d"]}, "at most 3"),
        ({"suggestions": [" "]}, "1 to 80"),
        ({"messages_per_minute": 0}, "from 1"),
        ({"days": "many"}, "number"),
        ({"colour": "blue"}, "knows no 'colour'"),
    ],
)
def test_what_is_wrong_is_named(entry: dict[str, Any], told: str) -> None:
    with pytest.raises(ChannelSettingsError, match=told):
        read_web_settings(entry)


# ------------------------------------------------------------------------ visitors

VISITORS = Visitors(
    ["https://chat.example.org", "https://shop.example.org:8443"],
    read_web_settings({"trusted_proxies": ["10.0.0.0/8", "::1"]}).trusted_proxies,
)


@pytest.mark.parametrize(
    "host, ours",
    [
        ("localhost:5005", True),
        ("chat.localhost", True),
        ("127.0.0.1:5005", True),
        ("192.168.1.7", True),
        ("[::1]:5005", True),
        ("chat.example.org", True),
        ("CHAT.example.org.", True),
        ("shop.example.org:8443", True),
        ("evil.example:5005", False),
        ("chat.example.org.evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_a_server_knows_its_names(host: str, ours: bool) -> None:
    assert VISITORS.is_ours(host) is ours


@pytest.mark.parametrize(
    "origin, host, let_in",
    [
        ("http://localhost:5005", "localhost:5005", True),
        ("https://chat.example.org", "chat.example.org", True),
        ("https://chat.example.org", "localhost:5005", True),
        ("http://localhost:5006", "localhost:5005", False),
        ("http://evil.example", "evil.example", False),
        ("null", "localhost:5005", False),
        (None, "localhost:5005", False),
    ],
)
def test_pages_may_connect_from_here_and_from_what_is_set(
    origin: str | None, host: str, let_in: bool
) -> None:
    assert VISITORS.may_connect(origin, host) is let_in


@pytest.mark.parametrize(
    "peer, forwarded, address",
    [
        ("203.0.113.1", "198.51.100.1", "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_a_proxy_is_believed_as_far_as_it_is_trusted(
    peer: str, forwarded: str, address: str
) -> None:
    assert VISITORS.address(peer, {"x-forwarded-for": forwarded}) == address


# -------------------------------------------------------------------------- limits


def test_so_many_in_a_window_of_time() -> None:
    now = 0.0
    limit = RateLimit(2, 60.0, lambda: now)
    assert limit.take("ada") == 0
    now = 10.0
    assert limit.take("ada") == 0
    assert limit.take("ada") == 50.0
    assert limit.take("bob") == 0
    now = 60.0
    assert limit.take("ada") == 0
    assert limit.take("ada") == 10.0


def test_who_has_used_up_nothing_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.limits.MOST_REMEMBERED", 100)
    now = 0.0
    limit = RateLimit(1, 60.0, lambda: now)
    for number in range(100):
        limit.take(str(number))
    now = 61.0
    limit.take("late")
    limit.take("later")
    assert len(limit._taken) == 2


def test_sockets_are_counted_in_all_and_for_each_address() -> None:
    sockets = OpenSockets(3, 2)
    assert [sockets.open("a"), sockets.open("a"), sockets.open("a")] == [True, True, False]
    assert [sockets.open("b"), sockets.open("c")] == [True, False]
    sockets.close("a")
    assert sockets.open("c")


# ------------------------------------------------------------------------- history


def ask(store: ChannelStore, text: str, answers: int = 1) -> None:
    """A message, and its answers."""
    key = message_key(CONVERSATION, text)
    store.write_down(Incoming(CONVERSATION, (key,), {"id": text, "text": text}))
    written = store.begin_next(CONVERSATION, "test")
    assert written is not None
    store.finish(written, [{"text": f"re {text}/{number}"} for number in range(answers)])


def told(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["text"] for entry in entries]


def test_a_long_conversation_is_read_in_pages_without_gap_or_overlap(store: ChannelStore) -> None:
    history = History(store.database, "web")
    expected = []
    for number in range(20):
        ask(store, f"q{number}", answers=number % 4)
        expected += [f"q{number}", *(f"re q{number}/{one}" for one in range(number % 4))]
    store.queue(CONVERSATION, [{"text": f"push {number}"} for number in range(9)])
    expected += [f"push {number}" for number in range(9)]
    read: list[str] = []
    page = history.latest(CONVERSATION, most=7)
    while True:
        read = told(page.entries) + read
        if not page.more:
            break
        page = history.latest(CONVERSATION, page.first, most=7)
    assert read == expected
    read, place, more = [], Place(), True
    while more:
        page = history.after(CONVERSATION, place, most=7)
        read, place, more = read + told(page.entries), page.last, page.more
    assert read == expected
    assert history.latest(CONVERSATION, most=3).last == place == history.newest()
    assert history.latest("web~other").entries == []


def test_an_answer_comes_after_its_question_whatever_the_clocks_say(store: ChannelStore) -> None:
    history = History(store.database, "web")
    for text in ("one", "two"):
        ask(store, text)
    with store.database.writing() as writing:
        writing.execute(update(incoming).values(written_at=incoming.c.written_at + 3600))
    assert told(history.latest(CONVERSATION).entries) == ["one", "re one/0", "two", "re two/0"]


def test_what_is_deleted_is_one_conversation(store: ChannelStore) -> None:
    history = History(store.database, "web")
    sessions = Sessions(store.database, "web", timedelta(days=1))
    ask(store, "one")
    store.write_down(Incoming("web~someonf", (message_key("web~someonf", "x"),), {"text": "x"}))
    assert history.delete(CONVERSATION)
    assert history.latest(CONVERSATION).entries == []
    assert told(history.latest("web~someonf").entries) == ["x"]
    # Its keys went with it, and only its own.
    assert store.write_down(Incoming("c", (message_key(CONVERSATION, "one"),), {})) is not None
    assert store.write_down(Incoming("c", (message_key("web~someonf", "x"),), {})) is None
    assert sessions.ended() == []


def test_the_message_that_is_being_answered_is_deleted_after_its_turn(store: ChannelStore) -> None:
    history = History(store.database, "web")
    store.write_down(Incoming(CONVERSATION, ("k",), {"text": "one"}))
    written = store.begin_next(CONVERSATION, "test")
    store.write_down(Incoming(CONVERSATION, ("l",), {"text": "two"}))
    assert written is not None
    assert not history.delete(CONVERSATION)
    assert store.finish(written, [{"text": "late"}], None, "test") is None
    assert history.delete(CONVERSATION)
    assert history.latest(CONVERSATION).entries == []


# ------------------------------------------------------------------------ sessions


def test_a_session_ends_once_and_its_token_opens_nothing(store: ChannelStore) -> None:
    sessions = Sessions(store.database, "web", timedelta(days=1))
    token, session = sessions.begin()
    other_token, other = sessions.begin()
    assert sessions.find(token) == session and sessions.note(session)
    assert token not in (session.token_hash, session.conversation)
    sessions.end(session.conversation)
    assert sessions.find(token) is None and not sessions.note(session)
    assert sessions.ended() == [session.conversation]
    assert sessions.gone([session.conversation, other.conversation]) == {session.conversation}
    sessions.delete(session.conversation)
    sessions.delete(other.conversation)
    assert sessions.ended() == [] and sessions.find(other_token) == other


def test_silent_sessions_end(store: ChannelStore) -> None:
    sessions = Sessions(store.database, "web", timedelta(days=1))
    _, session = sessions.begin()
    sessions.end_silent()
    assert sessions.ended() == []
    Sessions(store.database, "web", timedelta(seconds=-1)).end_silent()
    assert sessions.ended() == [session.conversation]
