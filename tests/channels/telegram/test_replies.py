"""Replies as the calls that send them."""

from __future__ import annotations

from typing import Any

import pytest

from channels.telegram.replies import call_for_choice, call_of, messages_of
from tests.services.telegram_methods import checked, plain, units


def buttons(*titles: str) -> list[dict[str, Any]]:
    return [{"title": title, "payload": "/x", "offer": "o" * 16} for title in titles]


def rows(reply: dict[str, Any]) -> list[list[str]]:
    """The titles below a message, by row; the Bot API would take all of its messages."""
    shown = []
    for message in messages_of(reply):
        method, fields = call_of(message)
        checked(method, {"chat_id": 1, **fields})
        for row in fields.get("reply_markup", {}).get("inline_keyboard", []):
            shown.append([button["text"] for button in row])
    return shown


def test_short_titles_stand_beside_each_other_and_long_ones_below() -> None:
    long = "Yes, and remind me tomorrow"
    assert rows({"text": "?", "buttons": buttons("Yes", "No", "Later", "Never")}) == [
        ["Yes", "No", "Later"],
        ["Never"],
    ]
    assert rows({"text": "?", "buttons": buttons("Yes", long, "No")}) == [["Yes"], [long], ["No"]]


def test_buttons_without_a_text_get_one() -> None:
    assert [message["text"] for message in messages_of({"buttons": buttons("Yes")})] == [
        "Please choose:"
    ]


def test_a_button_may_lead_to_a_page_and_one_without_a_title_is_none() -> None:
    given = [{"title": "Read", "url": "https://example.org/"}, {"payload": ""}]
    (message,) = messages_of({"text": "?", "buttons": given})
    assert call_of(message)[1]["reply_markup"]["inline_keyboard"] == [
        [{"text": "Read", "url": "https://example.org/"}]
    ]


def test_no_more_buttons_than_telegram_shows() -> None:
    shown = rows({"text": "?", "buttons": buttons(*[str(number) for number in range(150)])})
    assert sum(len(row) for row in shown) == 100


@pytest.mark.parametrize(
    ("reply", "calls"),
    [
        ({"text": "a", "image": "https://x.org/a.png"}, ["sendMessage", "sendPhoto"]),
        ({"attachment": "https://x.org/a.pdf"}, ["sendDocument"]),
        (
            {"attachment": {"type": "file", "payload": {"src": "https://x.org/a.pdf"}}},
            ["sendDocument"],
        ),
        ({"image": "var/cat.png"}, ["sendMessage"]),
        ({"custom": {"secret": "x"}}, []),
        ({"text": " \n "}, []),
        (
            {
                "elements": [
                    {"title": "One", "subtitle": "the first", "image_url": "https://x.org/1.png"},
                    {"title": "Two", "buttons": buttons("Take it")},
                ]
            },
            ["sendMessage", "sendPhoto", "sendMessage"],
        ),
    ],
)
def test_each_part_of_a_reply_is_a_message(reply: dict[str, Any], calls: list[str]) -> None:
    made = [call_of(message) for message in messages_of(reply)]
    assert [method for method, _ in made] == calls
    for method, fields in made:
        checked(method, {"chat_id": 1, **fields})


def test_buttons_come_with_the_last_part_of_a_long_text() -> None:
    text = "One sentence more. " * 1000
    messages = messages_of({"text": text, "buttons": buttons("Yes")})
    assert len(messages) > 4
    assert ["buttons" in message for message in messages[:-1]] == [False] * (len(messages) - 1)
    assert "buttons" in messages[-1]


def test_signs_that_html_knows_count_as_they_are_shown() -> None:
    text = "<&>" * 1365
    (message,) = messages_of({"text": text})
    assert plain(call_of(message)[1]["text"], "HTML") == text
    longer = messages_of({"text": "\U0001f600" * 4096})
    assert [units(message["text"]) for message in longer] == [4096, 4096]


def test_custom_json_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    messages_of({"custom": {"name": "Ada"}})
    assert "custom JSON" in caplog.text
    assert "Ada" not in caplog.text


@pytest.mark.parametrize(
    ("text", "title", "method"),
    [
        ("Shall I <b>?", "Yes & no", "editMessageText"),
        (None, "Yes", "editMessageReplyMarkup"),
        ("Shall I?", None, "editMessageReplyMarkup"),
        ("x" * 4094, "Yes", "editMessageReplyMarkup"),
    ],
)
def test_a_choice_is_shown_where_there_is_room(
    text: str | None, title: str | None, method: str
) -> None:
    chosen, fields = call_for_choice(text, title)
    assert chosen == method
    checked(method, {"chat_id": 1, "message_id": 1, **fields})
    if method == "editMessageText":
        assert plain(fields["text"], "HTML") == f"{text}\n\n\u2713 {title}"
