"""The connector on a real server, called by a Bot API server on this machine."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from channels.telegram.kinds import KINDS
from channels.wording import NO_VOICE, OUT_OF_DATE, TOO_LONG
from tests.channels.action_server import ActionServer
from tests.channels.telegram.conftest import INPUT, TelegramBot, environment_for
from tests.channels.telegram.people import Person
from tests.services.telegram import (
    BOT_ID,
    SECRET,
    SECRET_HEADER,
    USERNAME,
    WEBHOOK_URL,
    Telegram,
)

pytestmark = [pytest.mark.services, pytest.mark.usefixtures("bot")]

GROUP = -1001234


@pytest.fixture(autouse=True)
def nothing_held_up(actions: ActionServer) -> Iterator[None]:
    yield
    actions.go.set()


@pytest.fixture
def ada(telegram: Telegram) -> Person:
    return Person(telegram)


@pytest.fixture
def group(telegram: Telegram) -> int:
    return -1000000000000 - telegram.number()


def written(bot: TelegramBot) -> int:
    """How many rows the channel's database has of what came in."""
    connection = sqlite3.connect(bot.database)
    try:
        return sum(
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("incoming", "seen_keys")
        )
    finally:
        connection.close()


def texts_in_tracker(bot: TelegramBot, conversation: str) -> list[str]:
    """What Rasa was asked in a conversation."""
    tracker = bot.api(f"/conversations/{conversation}/tracker?include_events=ALL")
    return [event["text"] for event in tracker["events"] if event["event"] == "user"]


# ------------------------------------------------------------------------- who calls


def test_the_webhook_and_the_commands_are_registered(telegram: Telegram) -> None:
    assert telegram.webhook == {
        "url": f"{WEBHOOK_URL}/webhooks/telegram/webhook",
        "secret_token": SECRET,
        "allowed_updates": ["message", "callback_query", "my_chat_member"],
    }
    assert [one["command"] for one in telegram.commands] == ["start", "help", "cancel", "stop"]


@pytest.mark.parametrize("secret", ["", "another", SECRET[:-1], SECRET + "x", "\u00e9" * 20])
def test_forged_calls_change_nothing(
    bot: TelegramBot, telegram: Telegram, ada: Person, secret: str
) -> None:
    before = written(bot)
    assert telegram.post(ada.update("count"), secret=secret) == 403
    # Not even looked into.
    assert telegram.post(b"{", secret=secret) == 403
    assert written(bot) == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b'{"update_id": "1"}', b'{"update_id": true}', b"\xff",
     b"[" * 200_000],
    ids=["empty", "cut", "list", "null", "no id", "text id", "true id", "no utf-8", "deep"],
)  # fmt: skip
def test_malformed_calls_are_refused(bot: TelegramBot, telegram: Telegram, body: bytes) -> None:
    before, logged = written(bot), len(bot.log)
    assert telegram.post(body) == 400
    assert written(bot) == before
    assert "Traceback" not in bot.log[logged:]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_huge_calls_are_refused_before_they_are_read(bot: TelegramBot, chunked: bool) -> None:
    before = written(bot)
    size = "Transfer-Encoding: chunked" if chunked else "Content-Length: 90000000"
    head = (
        "POST /webhooks/telegram/webhook HTTP/1.1\r\nHost: localhost\r\n"
        f"{SECRET_HEADER}: {SECRET}\r\n{size}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", bot.port), timeout=60) as line:
        line.sendall(head.encode())
        if chunked:
            piece = b"x" * 65536
            for _ in range(20):
                line.sendall(b"10000\r\n" + piece + b"\r\n")
        answer = line.recv(100)
    assert answer.startswith(b"HTTP/1.1 413")
    assert written(bot) == before


def test_updates_of_other_kinds_and_forms_are_acknowledged(
    bot: TelegramBot, telegram: Telegram, ada: Person
) -> None:
    before, logged = written(bot), len(bot.log)
    channel = {"message_id": 1, "chat": {"id": -1009, "type": "channel"}, "text": "news"}
    message = ada.message("hello")
    odd: list[dict[str, Any]] = [
        {"edited_message": ada.message("count")},
        {"channel_post": channel},
        {"edited_channel_post": channel},
        {"message": channel},
        {"poll": {"id": "1"}},
        {"kind_of_next_year": {"a": 1}},
        {},
        {"message": {}},
        {"message": "hello"},
        {"message": {**message, "chat": None}},
        {"message": {**message, "from": {"id": 5}}},
        {"message": {**message, "entities": [{"type": "mention"}]}},
        {"message": {**message, "text": 5}},
        {"message": ada.message(new_chat_title="Better friends")},
        {"callback_query": {}},
        {"my_chat_member": {}},
    ]
    for update in odd:
        assert telegram.post({"update_id": telegram.number(), **update}) == 200, update
    assert written(bot) == before
    assert "Traceback" not in bot.log[logged:]


def test_bots_and_chats_are_not_people(bot: TelegramBot, telegram: Telegram, ada: Person) -> None:
    before = written(bot)
    bot_itself = {"id": BOT_ID, "is_bot": True, "first_name": "Parley"}
    for more in (
        {"from": bot_itself},
        {"via_bot": {"id": 5, "is_bot": True, "first_name": "Other"}},
        {"sender_chat": {"id": GROUP, "type": "supergroup", "title": "Friends"}},
    ):
        assert ada.says("count", **more) == 200
    assert written(bot) == before


def test_a_block_is_noted(bot: TelegramBot, telegram: Telegram, ada: Person) -> None:
    for status in ("kicked", "member"):
        change = {"chat": {"id": ada.chat}, "new_chat_member": {"status": status}}
        assert telegram.post({"update_id": telegram.number(), "my_chat_member": change}) == 200
        assert f"in chat {ada.chat} the bot is now '{status}'" in bot.log


# ---------------------------------------------------------------- once, all, in order


def test_redelivered_and_reordered_updates_count_once(telegram: Telegram, ada: Person) -> None:
    first, second = ada.update("count"), ada.update("count")
    for update in (second, first, second, first):
        assert telegram.post(update) == 200
    ada.says("hello")
    ada.hears("That makes 1.", "That makes 2.", "Hello!")


def test_two_messages_in_quick_succession_are_answered_in_order(
    actions: ActionServer, ada: Person
) -> None:
    actions.go.clear()
    ada.says("wait")
    ada.says("hello")
    actions.go.set()
    ada.hears("I waited.", "Hello!")


def test_what_was_acknowledged_outlives_a_killed_server(
    bot: TelegramBot, telegram: Telegram, actions: ActionServer, ada: Person
) -> None:
    actions.go.clear()
    first = ada.update("wait")
    telegram.post(first)
    ada.says("count")
    assert actions.waiting.acquire(timeout=60)
    bot.kill()
    actions.go.set()
    bot.start()
    telegram.deliver_to = bot.url
    assert telegram.post(first) == 200
    ada.hears("I waited.", "That makes 1.")


def test_many_people_at_once_are_all_answered(telegram: Telegram) -> None:
    people = [Person(telegram) for _ in range(200)]

    def talk(person: Person) -> None:
        assert person.says("count") == 200
        if person in people[::10]:
            assert person.says("count") == 200

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(talk, people))
    for person in people:
        said = ["That makes 1.", "That makes 2."] if person in people[::10] else ["That makes 1."]
        person.hears(*said, seconds=200)


def test_two_servers_answer_each_message_once(
    tmp_path: Path,
    small_model: Path,
    bot: TelegramBot,
    actions: ActionServer,
    telegram: Telegram,
) -> None:
    shared = {
        **environment_for(telegram),
        "PARLEY_CHANNELS_DATABASE_URL": f"sqlite:///{bot.database}",
        "TEST_TRACKER_DATABASE": str(bot.folder / "conversations.db"),
    }
    other = TelegramBot(tmp_path, small_model, actions, {INPUT: None}, shared)
    other.start()
    try:
        people = [Person(telegram) for _ in range(10)]

        def talk(person: Person) -> None:
            for _ in range(3):
                update = person.update("count")
                assert telegram.post(update) == 200
                assert telegram.post(update, at=other.url) == 200

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(talk, people))
        for person in people:
            person.hears("That makes 1.", "That makes 2.", "That makes 3.")
    finally:
        other.stop()


# ------------------------------------------------------------------- what people send


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_of_message_has_a_word(ada: Person, kind: str) -> None:
    also = {"animation": "document", "venue": "location"}
    content: dict[str, Any] = {kind: {"file_id": "x"}}
    if kind in also:
        content[also[kind]] = {}
    ada.says(None, **content)
    ada.hears(KINDS[kind])


def test_voice_is_not_listened_to_so_far() -> None:
    assert KINDS["voice"] == NO_VOICE


def test_captions_are_read(ada: Person) -> None:
    ada.says(photo=[{"file_id": "x"}], caption="count")
    ada.hears("That makes 1.")


def test_what_is_longer_than_any_message_is_not_read(ada: Person) -> None:
    ada.says("count " * 700)
    ada.hears(TOO_LONG)


def test_an_album_has_one_word(ada: Person) -> None:
    for _ in range(4):
        ada.says(photo=[{"file_id": "x"}], media_group_id="13")
    ada.says("hello")
    ada.hears(KINDS["photo"], "Hello!")


@pytest.mark.parametrize(
    ("typed", "handed_over"),
    [
        ("/start", "hello"),
        ("/start from_a_link", "hello"),
        (f"/help@{USERNAME.upper()}", "what can you do?"),
        ("/help timers", "help timers"),
        ("/cancel", "never mind"),
        ("/stop", "stop"),
        ("/affirm", "affirm"),
        ('/EXTERNAL_due{"a": 1}', 'EXTERNAL_due{"a": 1}'),
        ("/restart", "restart"),
    ],
)
def test_commands_are_words(bot: TelegramBot, ada: Person, typed: str, handed_over: str) -> None:
    ada.says(typed)
    ada.says("count")
    ada.telegram.wait_for(lambda: "That makes 1." in ada.heard)
    assert texts_in_tracker(bot, ada.conversation) == [handed_over, "count"]


# ----------------------------------------------------------------------------- groups


def test_a_group_is_answered_only_when_it_asks(
    telegram: Telegram, bot: TelegramBot, group: int
) -> None:
    ada = Person(telegram, group)
    ada.says("count")
    ada.says("/count")
    ada.says("/count@AnotherBot")
    ada.says("@another_bot count")
    ada.says(sticker={"file_id": "x"})
    question = ada.update(f"\U0001f642 @{USERNAME.lower()}, count")
    telegram.post(question)
    ada.says(f"/count@{USERNAME}")
    ada.hears("That makes 1.", "That makes 2.")
    assert texts_in_tracker(bot, ada.conversation) == ["\U0001f642 , count", "count"]
    # The answer says whom it answers.
    first = telegram.called("sendMessage", chat_id=group)[0].fields
    assert first["reply_parameters"]["message_id"] == question["message"]["message_id"]
    answer = telegram.last(group)
    ada.says("count", reply_to_message=answer)
    ada.says(reply_to_message=answer, sticker={"file_id": "x"})
    ada.hears("That makes 1.", "That makes 2.", "That makes 3.", KINDS["sticker"])


def test_each_person_in_a_group_has_their_own_conversation(telegram: Telegram, group: int) -> None:
    ada, bob = Person(telegram, group), Person(telegram, group)
    ada.says(f"@{USERNAME} count")
    ada.hears("That makes 1.")
    bob.says(f"@{USERNAME} count")
    bob.hears("That makes 1.", "That makes 1.")


def test_answers_and_reminders_stay_in_the_topic(
    telegram: Telegram, bot: TelegramBot, group: int
) -> None:
    telegram.topics[group] = {7}
    ada = Person(telegram, group)
    topic = {
        "message_thread_id": 7,
        "is_topic_message": True,
        "reply_to_message": {"from": {"id": BOT_ID}, "forum_topic_created": {"name": "Plans"}},
    }
    # What replies to nothing in a topic that the bot made is not for the bot.
    ada.says("count", **topic)
    ada.says(f"@{USERNAME} count", **topic)
    ada.hears("That makes 1.")
    assert telegram.last(group)["message_thread_id"] == 7
    bot.api(f"/conversations/{ada.conversation}/trigger_intent?output_channel=telegram",
            {"name": "EXTERNAL_due"})  # fmt: skip
    ada.hears("That makes 1.", "It is time.")
    assert telegram.last(group)["message_thread_id"] == 7
    # A topic that is gone does not keep the answer back.
    telegram.topics[group] = set()
    ada.says(f"@{USERNAME} count", **topic)
    ada.hears("That makes 1.", "It is time.", "That makes 2.")
    assert "message_thread_id" not in telegram.last(group)


def test_a_thread_of_replies_is_no_topic(telegram: Telegram, group: int) -> None:
    ada = Person(telegram, group)
    ada.says(f"@{USERNAME} count", message_thread_id=99)
    ada.hears("That makes 1.")


def test_a_group_that_got_another_number_is_followed(
    telegram: Telegram, bot: TelegramBot, group: int
) -> None:
    ada = Person(telegram, group)
    later = Person(telegram, group * 10, ada.number)
    later.message("I am here, too")
    telegram.moved[group] = later.chat
    ada.says(f"@{USERNAME} count")
    later.hears("That makes 1.")
    ada.says(f"@{USERNAME} hello")
    later.hears("That makes 1.", "Hello!")


# ---------------------------------------------------------------------------- buttons


def test_a_pressed_button_is_answered_and_shows_the_choice(telegram: Telegram, ada: Person) -> None:
    ada.says("ask me")
    ada.hears("Shall I?")
    question = dict(telegram.last(ada.chat))
    press = ada.press("Yes", question)
    again = ada.press("Yes", question)
    for update in (press, again, press):
        assert telegram.post(update) == 200
    ada.hears("Shall I?\n\n\u2713 Yes", "Done.")
    telegram.wait_for(lambda: not telegram.queries)
    shown = telegram.messages[ada.chat, question["message_id"]]
    assert "reply_markup" not in shown


def test_a_button_that_is_out_of_date_says_so(telegram: Telegram, ada: Person) -> None:
    ada.says("ask me")
    ada.hears("Shall I?")
    question = dict(telegram.last(ada.chat))
    ada.says("hello")
    ada.hears("Shall I?", "Hello!")
    press = ada.press("No", question)
    assert telegram.post(press) == 200
    ada.hears("Shall I?", "Hello!", OUT_OF_DATE)
    telegram.wait_for(lambda: not telegram.queries)
    (answer,) = telegram.called(
        "answerCallbackQuery", callback_query_id=press["callback_query"]["id"]
    )
    assert answer.fields["text"] == OUT_OF_DATE
    telegram.wait_for(
        lambda: "reply_markup" not in telegram.messages[ada.chat, question["message_id"]]
    )


def test_only_who_was_asked_may_press(telegram: Telegram, bot: TelegramBot, group: int) -> None:
    ada, eve = Person(telegram, group), Person(telegram, group)
    ada.says(f"@{USERNAME} ask me")
    ada.hears("Shall I?")
    question = dict(telegram.last(group))
    before = written(bot)
    press = eve.press("Yes", question)
    assert telegram.post(press) == 200
    telegram.wait_for(lambda: not telegram.queries)
    (answer,) = telegram.called(
        "answerCallbackQuery", callback_query_id=press["callback_query"]["id"]
    )
    assert answer.fields["text"] == "This question was put to somebody else."
    assert written(bot) == before
    assert "reply_markup" in telegram.messages[group, question["message_id"]]
    telegram.post(ada.press("Yes", question))
    ada.hears("Shall I?\n\n\u2713 Yes", "Done.")


def test_presses_that_are_no_messages_are_answered(telegram: Telegram, ada: Person) -> None:
    ada.says("ask me")
    ada.hears("Shall I?")
    question = dict(telegram.last(ada.chat))
    inline, unknown = ada.press("Yes", question), ada.press("Yes", question)
    del inline["callback_query"]["message"]
    unknown["callback_query"]["data"] = "made up"
    # Too old for Telegram to tell what it says.
    unknown["callback_query"]["message"].pop("text")
    for update in (inline, unknown):
        assert telegram.post(update) == 200
    telegram.wait_for(lambda: not telegram.queries)


# -------------------------------------------------------------------- what the bot says


def test_long_texts_come_in_parts_that_end_with_a_sentence(telegram: Telegram, ada: Person) -> None:
    ada.says("long story")
    telegram.wait_for(lambda: any("number 399" in text for text in ada.heard))
    assert len(ada.heard) == 5
    assert all(text.endswith(" story.") for text in ada.heard)
    assert all(len(text) <= 4096 for text in ada.heard)


def test_special_signs_are_shown_as_they_are(ada: Person) -> None:
    ada.says("special signs")
    ada.hears("2 < 3 & *four* _five_ `six` [seven](http://example.org) <b>eight</b> ~nine~ {ten}.")


def test_pictures_are_shown_or_else_their_address(telegram: Telegram, ada: Person) -> None:
    picture = "https://example.org/cat.png"
    ada.says("show me")
    ada.hears("Here it is.", picture)
    assert telegram.last(ada.chat)["photo"] == picture
    telegram.unreachable_pictures.add(picture)
    ada.says("show me")
    ada.hears("Here it is.", picture, "Here it is.", picture)
    assert telegram.last(ada.chat)["text"] == picture


def test_typing_is_shown_while_a_turn_takes_long(
    telegram: Telegram, actions: ActionServer, ada: Person
) -> None:
    actions.go.clear()
    ada.says("wait")
    telegram.wait_for(lambda: len(telegram.called("sendChatAction", chat_id=ada.chat)) >= 2)
    actions.go.set()
    ada.hears("I waited.")


def test_a_turn_does_not_need_the_typing(
    telegram: Telegram, actions: ActionServer, ada: Person
) -> None:
    telegram.fail("sendChatAction", 500)
    actions.go.clear()
    ada.says("wait")
    telegram.wait_for(lambda: telegram.called("sendChatAction", chat_id=ada.chat))
    actions.go.set()
    ada.hears("I waited.")


def test_a_limit_is_obeyed(telegram: Telegram, ada: Person) -> None:
    telegram.fail("sendMessage", 429, "Too Many Requests: retry after 2", retry_after=2)
    ada.says("hello")
    ada.hears("Hello!")
    refused, taken = telegram.called("sendMessage", chat_id=ada.chat)
    assert (refused.status, taken.status) == (429, 200)
    assert taken.at - refused.at >= 2


def test_a_trouble_of_telegrams_is_waited_for(telegram: Telegram, ada: Person) -> None:
    telegram.fail("sendMessage", 502, "Bad Gateway")
    ada.says("hello")
    ada.hears("Hello!")


def test_who_has_blocked_the_bot_gets_nothing_and_holds_up_nobody(
    telegram: Telegram, bot: TelegramBot, ada: Person
) -> None:
    telegram.blocked.add(ada.chat)
    ada.says("hello")
    telegram.wait_for(lambda: telegram.called("sendMessage", chat_id=ada.chat))
    telegram.blocked.discard(ada.chat)
    ada.says("count")
    ada.hears("That makes 1.")
    assert f"to {ada.conversation} was not sent: sendMessage: 403 Forbidden" in bot.log


def test_reminders_and_people_reach_a_conversation(
    telegram: Telegram, bot: TelegramBot, ada: Person
) -> None:
    ada.says("hello")
    ada.hears("Hello!")
    about = f"/conversations/{ada.conversation}"
    bot.api(f"{about}/trigger_intent?output_channel=telegram", {"name": "EXTERNAL_due"})
    ada.hears("Hello!", "It is time.")
    reminder = dict(telegram.last(ada.chat))
    bot.api(
        f"{about}/tracker/events?output_channel=telegram&execute_side_effects=true",
        [{"event": "bot", "text": "Here is Ruth, of the help desk."}],
    )
    ada.hears("Hello!", "It is time.", "Here is Ruth, of the help desk.")
    # Its button outlasts the turns after it.
    telegram.post(ada.press("Snooze", reminder))
    telegram.wait_for(lambda: ada.heard[-1] == "Shall I?")


def test_what_is_pushed_to_nobody_on_telegram_is_refused(bot: TelegramBot) -> None:
    bot.api(
        "/conversations/terminal/trigger_intent?output_channel=telegram", {"name": "EXTERNAL_due"}
    )
    wanted = "to terminal was not sent: this is no conversation on Telegram"
    deadline = time.monotonic() + 30
    while wanted not in bot.log:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_typing_ended_with_each_answer(telegram: Telegram) -> None:
    shown = telegram.called("sendChatAction", action="typing")
    assert shown
    for chat in {call.fields["chat_id"] for call in shown}:
        methods = [call.method for call in telegram.calls if call.fields.get("chat_id") == chat]
        answered = methods.index("sendMessage")
        # One may have been on its way.
        assert methods[answered:].count("sendChatAction") <= 1
