"""Texts as Slack writes them, read and written; what a press carries; settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.settings import ChannelSettingsError
from channels.slack.blocks import LONGEST_TEXT, Asked, message_of, parts_of
from channels.slack.conversations import Conversation
from channels.slack.markup import as_typed, escaped, rich_text
from channels.slack.settings import read_slack_settings
from tests.services.slack_blocks import are_valid_blocks, shown

SECRETS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret"}


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("<mailto:a@b.org|a@b.org>", "a@b.org"),
        ("<mailto:a@b.org>", "a@b.org"),
        ("<tel:+123|+1 23>", "+1 23"),
        ("<http://x.org|x.org>", "x.org"),
        ("<https://x.org/?a=1&amp;b=2>", "https://x.org/?a=1&b=2"),
        ("<@U0ANN> and <@U0BEN|ben>", "Ann and ben"),
        ("<@W0GONE>", "somebody"),
        ("<#C0AB|general> <#C0CD|> <#C0EF>", "#general #C0CD #C0EF"),
        ("<!here> <!channel> <!everyone|everyone>", "@here @channel everyone"),
        ("<!subteam^S0AB|@cooks>", "@cooks"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        ("&lt;b&gt; &amp;amp; &amp;lt;", "<b> &amp; &lt;"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_markup_is_undone(sent: str, typed: str) -> None:
    assert as_typed(sent, {"U0ANN": "Ann"}) == typed


@given(st.text(alphabet="&<>amplt;@#!| *_~`", max_size=60))
def test_what_is_escaped_is_read_back_as_it_was(text: str) -> None:
    assert as_typed(escaped(text), {}) == text.strip()


@given(st.text(min_size=1, max_size=200))
def test_rich_text_shows_every_text_as_it_is(text: str) -> None:
    block = rich_text(text)
    assert shown([block]) == text
    assert are_valid_blocks([block])


def test_addresses_can_be_followed() -> None:
    (section,) = rich_text("See https://example.org/a?b=c#d, or (http://example.org/).")["elements"]
    links = [one["url"] for one in section["elements"] if one["type"] == "link"]
    assert links == ["https://example.org/a?b=c#d", "http://example.org/"]


def test_many_and_long_buttons_fit() -> None:
    buttons = [
        {"title": f"{number} {'very ' * 20}long", "payload": "/x", "offer": f"offer{number:011d}"}
        for number in range(60)
    ]
    asked = Asked("slack~C0123456789~U0123456789", "U0123456789")
    (reply,) = parts_of({"text": "Which?", "buttons": buttons})
    message = message_of(reply, asked)
    assert are_valid_blocks(message["blocks"])
    rows = [block for block in message["blocks"] if block["type"] == "actions"]
    assert [len(row["elements"]) for row in rows] == [25, 25, 10]
    assert all(Asked.of(row["block_id"]) == asked for row in rows)


def test_a_long_reply_keeps_its_buttons_with_the_last_part() -> None:
    reply = {"text": "Word. " * 2000, "buttons": [{"title": "A", "payload": "/a"}]}
    parts = parts_of(reply)
    assert all(len(part["text"]) <= LONGEST_TEXT for part in parts)
    assert ["buttons" in part for part in parts] == [False] * (len(parts) - 1) + [True]
    assert parts_of({}) == []


@pytest.mark.parametrize(
    "conversation",
    [
        Conversation("D0AB", "U0CD"),
        Conversation("C0AB", "U0CD", "1700000000.000001"),
        Conversation("C0AB"),
        Conversation("C0AB", thread="1700000000.000001"),
    ],
)
def test_a_conversation_is_told_from_its_id(conversation: Conversation) -> None:
    assert Conversation.of(conversation.id) == conversation


@pytest.mark.parametrize("sender", ["telegram~7", "slack", "slack~C~U~x", "slack~C~U~1.1~2"])
def test_what_is_no_conversation_in_slack_says_so(sender: str) -> None:
    with pytest.raises(ValueError):
        Conversation.of(sender)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"channel_conversations": "everybody"}, "person, channel"),
        ({"thread_conversations": "yes"}, "true or false"),
        ({"slack_token": "xoxb-1"}, "knows no 'slack_token'"),
        ({"api_url": "slack.com"}, "SLACK_API_URL"),
    ],
)
def test_wrong_settings_are_named(entry: dict[str, object], named: str) -> None:
    with pytest.raises(ChannelSettingsError, match=named):
        read_slack_settings(entry, SECRETS)


@pytest.mark.parametrize("variable", SECRETS)
def test_a_missing_secret_is_named(variable: str) -> None:
    with pytest.raises(ChannelSettingsError, match=variable):
        read_slack_settings(None, {**SECRETS, variable: ""})


def test_secrets_are_not_shown() -> None:
    assert "xoxb" not in repr(read_slack_settings(None, SECRETS))
