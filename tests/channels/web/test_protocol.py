"""The chat's socket on a real server: sessions, delivery, order, buttons, limits."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

from actions.storage.database import Database
from actions.storage.models import ItemRecord, ListRecord, items_table, lists_table
from channels.payloads import LONGEST_TEXT
from channels.web.connection import AGAIN_SECONDS
from channels.wording import NOT_NOW, OUT_OF_DATE, TOO_LONG, TOO_MANY
from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot
from tests.channels.web.page import Page, client_id

pytestmark = pytest.mark.services

ENTRY = {
    "assistant": "<b>Ada</b> & Co",
    "messages_per_minute": 20,
    "messages_per_minute_of_address": 30,
    "sessions_per_hour": 6,
    "sockets_per_address": 4,
    "origins": ["https://shop.example.org"],
    "trusted_proxies": ["127.0.0.1"],
    "most_waiting": 4,
}


@pytest.fixture(scope="module")
def answering() -> Iterator[ActionServer]:
    with ActionServer() as server:
        yield server


@pytest.fixture(scope="module")
def bot(
    small_model: Any, answering: ActionServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("web")
    kept = {"PARLEY_DATABASE_URL": f"sqlite:///{folder}/parley.db"}
    bot = Bot(folder, small_model, answering, {"channels.web.WebInput": ENTRY}, kept)
    bot.start()
    yield bot
    bot.stop()


def rows(bot: Bot, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{bot.database}?mode=ro", uri=True) as database:
        return database.execute(query, values).fetchall()


def conversation_of(bot: Bot, text: str) -> str:
    """The conversation in which somebody wrote a text."""
    found = rows(bot, "SELECT DISTINCT conversation, content FROM incoming")
    (conversation,) = (name for name, content in found if json.loads(content).get("text") == text)
    return str(conversation)


# ------------------------------------------------------------------------- talking


async def test_a_message_is_acknowledged_shown_and_answered(bot: Bot) -> None:
    async with Page(bot.url) as page:
        welcome = await page.greet()
        assert welcome["entries"] == [] and not welcome["typing"] and welcome["suggestions"]
        number = await page.write("hello")
        await page.hear_of(number)
        await page.hear_text("Hello!")
        assert page.texts == [("person", "hello"), ("bot", "Hello!")]
        assert page.entries[0]["id"] == number


async def test_typing_lasts_from_the_acknowledgement_to_the_end_of_the_turn(
    bot: Bot, answering: ActionServer
) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        with answering.held_up():
            await page.write("wait")
            await page.hear(lambda frame: frame["type"] == "news" and frame["typing"])
            assert page.texts == [("person", "wait")]
        await page.hear(lambda frame: frame["type"] == "news" and not frame["typing"])
        await page.hear_text("I waited.")


async def test_a_turn_without_an_answer_ends_the_typing_too(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        await page.write("nothing that the small bot understands")
        if not any(frame.get("typing") for frame in page.frames):
            await page.hear(lambda frame: bool(frame.get("typing")))
        await page.hear(lambda frame: frame.get("typing") is False)
        assert [side for side, _ in page.texts] == ["person"]


async def test_messages_of_one_conversation_are_answered_in_order(
    bot: Bot, answering: ActionServer
) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        with answering.held_up():
            for text in ("wait", "count", "hello"):
                await page.hear_of(await page.write(text))
        await page.hear_text("Hello!")
        said = [text for side, text in page.texts if side == "bot"]
        assert said == ["I waited.", "That makes 1.", "Hello!"]


async def test_a_message_that_is_sent_again_is_taken_once(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        number = await page.write("count")
        await page.hear_of(number)
        await page.write("count", number)
        await page.hear_of(number)
        await page.write("count")
        await page.hear_text("That makes 2.")
        assert [text for _, text in page.texts if text.startswith("That")] == [
            "That makes 1.",
            "That makes 2.",
        ]


async def test_the_same_id_in_another_session_is_another_message(bot: Bot) -> None:
    number = client_id()
    for _ in range(2):
        async with Page(bot.url) as page:
            await page.greet()
            await page.write("count", number)
            await page.hear_text("That makes 1.")


async def test_the_time_zone_travels_with_the_message_if_there_is_one(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        await page.write("hello Tokyo", timezone="Asia/Tokyo")
        await page.write("hello", timezone="Middle/Earth\n")
        await page.write("count", timezone={"not": "a name"})
        await page.hear_text("That makes 1.")
    events = bot.api(f"/conversations/{conversation_of(bot, 'hello Tokyo')}/tracker")["events"]
    said = [event["metadata"] for event in events if event["event"] == "user"]
    assert [metadata.get("timezone") for metadata in said] == ["Asia/Tokyo", None, None]


async def test_a_typed_intent_is_a_text(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        for text in ("/affirm", ' //EXTERNAL_due{"a": 1}', "/", "count"):
            await page.write(text)
        await page.hear_text("That makes 1.")
        said = [text for side, text in page.texts if side == "bot"]
        assert "Done." not in said and "It is time." not in said
        assert ("person", "/affirm") in page.texts


# ------------------------------------------------------------------------ sessions


async def test_a_known_token_opens_its_conversation_and_others_open_none(bot: Bot) -> None:
    async with Page(bot.url) as page:
        welcome = await page.greet()
        token = welcome["token"]
        assert len(token) == 43
        await page.write("hello")
        await page.hear_text("Hello!")
    async with Page(bot.url) as again:
        welcome = await again.greet(token)
        assert "token" not in welcome
        assert again.texts == [("person", "hello"), ("bot", "Hello!")]
    guesses: list[Any] = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.swapcase(),
        token + "=",
        "",
        "x" * 4000,
        "' OR 1=1 --",
        "\u0000" * 43,
    ]
    for guess in guesses:
        async with Page(bot.url) as other:
            welcome = await other.greet(guess)
            assert welcome["entries"] == [] and welcome["token"] not in (token, guess)


async def test_neither_token_nor_words_are_kept_where_they_do_not_belong(bot: Bot) -> None:
    async with Page(bot.url) as page:
        token = (await page.greet())["token"]
        await page.write("hello secret words")
        await page.hear(lambda frame: frame.get("typing") is False)
    assert token.encode() not in bot.database.read_bytes()
    wal = bot.database.with_name(bot.database.name + "-wal")
    assert not wal.exists() or token.encode() not in wal.read_bytes()
    assert token not in bot.log and "secret words" not in bot.log


async def test_an_expired_session_opens_nothing(bot: Bot) -> None:
    async with Page(bot.url) as page:
        token = (await page.greet())["token"]
        await page.write("hello old friend")
        await page.hear(lambda frame: frame.get("typing") is False)
    conversation = conversation_of(bot, "hello old friend")
    with sqlite3.connect(bot.database) as database:
        database.execute(
            "UPDATE web_sessions SET seen_at = seen_at - 31 * 86400 WHERE conversation = ?",
            (conversation,),
        )
    async with Page(bot.url) as again:
        welcome = await again.greet(token)
        assert welcome["entries"] == [] and welcome["token"] != token


async def test_starting_anew_deletes_what_was_said_here_and_in_rasa(
    bot: Bot, answering: ActionServer
) -> None:
    async with Page(bot.url) as page, Page(bot.url) as other_tab:
        token = (await page.greet())["token"]
        await other_tab.greet(token)
        await page.write("count these my secrets")
        await page.hear(lambda frame: frame.get("typing") is False)
        conversation = conversation_of(bot, "count these my secrets")
        store = Database(f"sqlite:///{bot.folder}/parley.db", 5.0)
        with store.writing() as writing:
            for user in (conversation, "somebody else"):
                milk = ItemRecord("milk", "milk", "")
                writing.add(ListRecord(user, "shopping", "shopping", [milk]))
        with answering.held_up():
            while answering.waiting.acquire(blocking=False):
                pass  # Of other tests.
            await page.hear_of(await page.write("wait"))
            assert answering.waiting.acquire(timeout=60)
            await page.say(type="forget")
            await page.hear(lambda frame: frame["type"] == "forgotten")
        await other_tab.hear(lambda frame: frame["type"] == "forgotten")
        for tab in (page, other_tab):
            assert await tab.closed() == 1000
    async with Page(bot.url) as again:
        assert (await again.greet(token))["entries"] == []
    for _ in range(200):
        left = rows(bot, "SELECT 1 FROM web_sessions WHERE conversation = ?", conversation)
        if not left:
            break
        await asyncio.sleep(0.1)
    assert not left
    for table in ("incoming", "outgoing", "offers"):
        assert not rows(bot, f"SELECT 1 FROM {table} WHERE conversation = ?", conversation)
    assert not rows(bot, "SELECT 1 FROM seen_keys WHERE key LIKE ?", f"{conversation}%")
    with sqlite3.connect(bot.folder / "conversations.db") as trackers:
        kept = trackers.execute("SELECT 1 FROM events WHERE sender_id = ?", (conversation,))
        assert kept.fetchall() == []
    with store.reading() as reading:
        assert reading.execute(select(lists_table.c.user_id)).scalars().all() == ["somebody else"]
        assert len(reading.execute(select(items_table)).all()) == 1
    store.close()


# ---------------------------------------------------------- coming back, several pages


async def test_who_comes_back_gets_what_they_missed(bot: Bot, answering: ActionServer) -> None:
    async with Page(bot.url) as page:
        token = (await page.greet())["token"]
        await page.write("count")
        await page.hear_text("That makes 1.")
        place = page.place
        answering.go.clear()
        await page.hear_of(await page.write("wait"))
    answering.go.set()
    async with Page(bot.url) as again:
        welcome = await again.greet(token, place)
        assert welcome["continues"]
        await again.hear_text("I waited.")
        assert again.texts == [("person", "wait"), ("bot", "I waited.")]


async def test_two_tabs_see_the_same_conversation(bot: Bot) -> None:
    async with Page(bot.url) as one, Page(bot.url) as two:
        token = (await one.greet())["token"]
        await two.greet(token)
        await one.write("hello")
        await one.hear_text("Hello!")
        await two.hear_text("Hello!")
        await two.write("count")
        await one.hear_text("That makes 1.")
        await two.hear_text("That makes 1.")
        assert one.texts == two.texts


async def test_a_reminder_while_nobody_is_there_is_in_the_history(bot: Bot) -> None:
    async with Page(bot.url) as page:
        token = (await page.greet())["token"]
        await page.write("hello reminder")
        await page.hear(lambda frame: frame.get("typing") is False)
    conversation = conversation_of(bot, "hello reminder")
    due = f"/conversations/{conversation}/trigger_intent?output_channel=web"
    await asyncio.to_thread(bot.api, due, {"name": "EXTERNAL_due"})
    async with Page(bot.url) as again:
        await again.greet(token)
        reminder = await again.hear_text("It is time.")
        assert reminder["answers"] is None
        await again.press(reminder, "Snooze")
        await again.hear_text("Shall I?")
        await asyncio.to_thread(bot.api, due, {"name": "EXTERNAL_due"})
        while [text for _, text in again.texts].count("It is time.") < 2:
            await again.hear(lambda frame: bool(frame.get("entries")))


async def test_what_another_process_wrote_arrives(
    bot: Bot, small_model: Any, answering: ActionServer, tmp_path: Any
) -> None:
    other = Bot(
        tmp_path,
        small_model,
        answering,
        {"channels.web.WebInput": ENTRY},
        {
            "PARLEY_CHANNELS_DATABASE_URL": f"sqlite:///{bot.database}",
            "PARLEY_DATABASE_URL": f"sqlite:///{bot.folder}/parley.db",
            "TEST_TRACKER_DATABASE": str(bot.folder / "conversations.db"),
        },
    )
    other.start()
    try:
        async with Page(bot.url) as here, Page(other.url) as there:
            token = (await here.greet())["token"]
            await there.greet(token)
            await there.write("hello")
            await here.hear_text("Hello!")
            await there.hear_text("Hello!")
            assert here.texts == there.texts == [("person", "hello"), ("bot", "Hello!")]
            await there.say(type="forget")
            await here.hear(lambda frame: frame["type"] == "forgotten")
    finally:
        other.stop()


async def test_what_was_said_earlier_is_told_when_asked(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        await page.write("hello")
        await page.hear_text("Hello!")
        await page.write("ask me")
        reply = await page.hear_text("Shall I?")
        await page.say(type="earlier", before=[page.entries[-2]["number"], reply["number"]])
        earlier = await page.hear(lambda frame: frame["type"] == "earlier")
        told = [entry["text"] for entry in earlier["entries"]]
        assert told == ["hello", "Hello!"] and not earlier["more"]


# ------------------------------------------------------------------------- buttons


async def test_buttons_are_ids_and_go_out_of_date(bot: Bot) -> None:
    async with Page(bot.url) as page, Page(bot.url) as eve:
        await page.greet()
        await eve.greet()
        await page.write("ask me")
        reply = await page.hear_text("Shall I?")
        assert "/affirm" not in json.dumps(page.frames)
        await eve.press(reply, "Yes")
        assert (await eve.hear(lambda f: f["type"] == "error"))["reason"] == "malformed"
        await page.press(reply, "Yes")
        await page.hear_text("Done.")
        assert page.entries[2]["pressed"] == [reply["number"], reply["buttons"][0]["offer"]]
        assert page.texts[2] == ("person", "Yes")
        await page.press(reply, "No")
        await page.hear_text(OUT_OF_DATE)
        assert ("bot", "I left it.") not in page.texts


# --------------------------------------------------------------------------- files


def get(bot: Bot, path: str, **headers: str) -> httpx.Response:
    with httpx.Client(base_url=bot.url, trust_env=False) as client:
        return client.get(f"/webhooks/web{path}", headers=headers)


def test_the_page_has_strict_headers_and_the_name_as_text(bot: Bot) -> None:
    page = get(bot, "/")
    assert '<h1 id="name">&lt;b&gt;Ada&lt;/b&gt; &amp; Co</h1>' in page.text
    assert "{{" not in page.text
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "frame-ancestors 'self' https://shop.example.org" in policy
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert get(bot, "/", Host="evil.example").status_code == 403
    assert get(bot, "").headers["Location"] == "web/"


@pytest.mark.parametrize(
    "path, content_type",
    [
        ("/", "text/html; charset=utf-8"),
        ("/chat.js", "text/javascript; charset=utf-8"),
        ("/talk.js", "text/javascript; charset=utf-8"),
        ("/message.js", "text/javascript; charset=utf-8"),
        ("/chat.css", "text/css; charset=utf-8"),
        ("/embed.js", "text/javascript; charset=utf-8"),
    ],
)
def test_files_have_fixed_types(bot: Bot, path: str, content_type: str) -> None:
    file = get(bot, path)
    assert file.status_code == 200 and file.headers["Content-Type"] == content_type
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Referrer-Policy"] == "no-referrer"
    again = get(bot, path, **{"If-None-Match": file.headers["ETag"]})
    assert again.status_code == 304 and not again.content


@pytest.mark.parametrize("path", ["/../credentials.yml", "/%2e%2e/credentials.yml", "/index.html"])
def test_nothing_else_is_served(bot: Bot, path: str) -> None:
    assert get(bot, path).status_code == 404


# -------------------------------------------------------------------------- limits


MALFORMED = [
    "",
    "no JSON",
    "[]",
    "null",
    "[" * 30_000,
    '{"type": "nothing"}',
    '{"type": "message", "text": "no id"}',
    '{"type": "message", "id": "short", "text": "hello"}',
    json.dumps({"type": "message", "id": client_id(), "text": 7}),
    json.dumps({"type": "message", "id": client_id(), "text": "  \n "}),
    json.dumps({"type": "message", "id": client_id(), "text": "\ud800"}),
    json.dumps({"type": "press", "id": client_id(), "reply": True, "offer": "a" * 16}),
    json.dumps({"type": "press", "id": client_id(), "reply": 10**30, "offer": "a" * 16}),
    json.dumps({"type": "press", "id": client_id(), "reply": 1, "offer": "/affirm"}),
    json.dumps({"type": "earlier", "before": [1]}),
    json.dumps({"type": "earlier", "before": [-1, 2]}),
    json.dumps({"type": "hello", "token": None}),
]


@pytest.mark.parametrize("raw", MALFORMED)
async def test_a_malformed_frame_is_answered_and_changes_nothing(bot: Bot, raw: str) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        await page.socket.send(raw)
        assert (await page.hear(lambda f: f["type"] == "error"))["reason"] == "malformed"
        await page.write("count")
        await page.hear_text("That makes 1.")
        assert len(page.entries) == 2


async def test_after_some_malformed_frames_the_socket_is_closed(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        for _ in range(5):
            await page.socket.send("{")
            await page.hear(lambda f: f["type"] == "error")
        assert await page.closed() == 1008


async def test_a_socket_that_does_not_greet_is_told_so(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.write("hello")
        assert (await page.hear(lambda f: f["type"] == "error"))["reason"] == "malformed"
        await page.greet()
        assert page.entries == []


async def test_a_huge_frame_ends_the_socket(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        with pytest.raises(ConnectionClosed):
            await page.write("x" * 200_000)
            await page.hear(lambda _frame: False)
        assert page.socket.close_code == 1009


async def test_a_text_over_the_limit_is_refused_in_words(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        refused = await page.hear_of(await page.write("é" * (LONGEST_TEXT + 1)), "refused")
        assert refused["text"] == TOO_LONG and refused["after"] is None
        await page.hear_of(await page.write("é" * LONGEST_TEXT))


async def test_a_conversation_holds_a_limited_number_of_messages(
    bot: Bot, answering: ActionServer
) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        with answering.held_up():
            for text in ("wait", "count", "count", "count"):
                await page.hear_of(await page.write(text))
            refused = await page.hear_of(await page.write("count"), "refused")
            assert refused["text"] == TOO_MANY and refused["after"] > 0
        await page.hear_text("That makes 3.")


async def test_an_address_has_a_limited_number_of_sockets(bot: Bot) -> None:
    where = {"X_Forwarded_For": "198.51.100.1"}
    async with AsyncExitStack() as stack:
        for _ in range(4):
            await (await stack.enter_async_context(Page(bot.url, **where))).greet()
        async with Page(bot.url, **where) as fifth:
            assert await fifth.closed() == 1013
        # What a visitor writes into the header stands before what the proxy adds.
        async with Page(bot.url, X_Forwarded_For="203.0.113.9, 198.51.100.1") as forged:
            assert await forged.closed() == 1013
        async with Page(bot.url, X_Forwarded_For="198.51.100.2") as other:
            await other.greet()
    async with Page(bot.url, **where) as later:
        await later.greet()


async def test_an_address_gets_a_limited_number_of_new_sessions(bot: Bot) -> None:
    where = {"X_Forwarded_For": "198.51.100.3"}
    for _ in range(6):
        async with Page(bot.url, **where) as page:
            token = (await page.greet())["token"]
    async with Page(bot.url, **where) as page:
        refused = await page.greet()
        assert refused["type"] == "error" and refused["text"] == TOO_MANY and refused["after"] > 0
        assert await page.closed() == 1013
    async with Page(bot.url, **where) as page:
        assert (await page.greet(token))["type"] == "welcome"


async def test_a_session_says_a_limited_number_of_things_in_a_minute(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        answers = []
        for _ in range(21):
            number = await page.write("nothing")
            answers.append(await page.hear(lambda f, n=number: f.get("id") == n))  # type: ignore[misc]
        assert answers[-1]["type"] == "refused" and answers[-1]["text"] == TOO_MANY
        # Not because too many wait: that would be said with another time.
        assert answers[-1]["after"] > AGAIN_SECONDS
        assert not any((answer.get("after") or 0) > AGAIN_SECONDS for answer in answers[:-1])


async def test_a_message_that_cannot_be_written_down_is_not_acknowledged(bot: Bot) -> None:
    async with Page(bot.url) as page:
        await page.greet()
        with closing(sqlite3.connect(bot.database, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            number = await page.write("count")
            refused = await page.hear_of(number, "refused")
            database.execute("ROLLBACK")
        assert refused["text"] == NOT_NOW and refused["after"] > 0
        await page.write("count", number)
        await page.hear_of(number)
        await page.hear_text("That makes 1.")


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        "http://127.0.0.1:1",
        "https://shop.example.org.evil.example",
        "http://shop.example.org",
        "https://shop.example.org:8443",
    ],
)
async def test_pages_of_other_origins_get_no_socket(bot: Bot, origin: str) -> None:
    with pytest.raises(InvalidStatusCode) as refused:
        async with Page(bot.url, origin):
            pass
    assert refused.value.status_code == 403


async def test_a_configured_origin_gets_a_socket(bot: Bot) -> None:
    async with Page(bot.url, "https://shop.example.org") as page:
        assert (await page.greet())["token"]


async def test_a_name_that_was_pointed_here_is_refused(bot: Bot) -> None:
    """A page that rebinds its own name to this machine is of one origin with it."""
    evil = f"evil.example:{bot.port}"
    with pytest.raises(InvalidStatusCode) as refused:
        async with Page(bot.url, f"http://{evil}", Host=evil):
            pass
    assert refused.value.status_code == 403


async def test_two_hundred_pages_at_once_all_get_their_answers(bot: Bot) -> None:
    pages = 200
    greeted = 0
    all_there = asyncio.Event()

    async def talk() -> None:
        nonlocal greeted
        async with Page(bot.url) as page:
            await page.greet()
            greeted += 1
            if greeted == pages:
                all_there.set()
            await asyncio.wait_for(all_there.wait(), 240)
            await page.write("count")
            await page.hear_text("That makes 1.")
            assert [side for side, _ in page.texts] == ["person", "bot"]

    await asyncio.gather(*(talk() for _ in range(pages)))
