"""What a channel is told, and what it says of mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from channels.conversation import conversation_id, conversation_parts
from channels.payloads import typed
from channels.settings import ChannelSettingsError, Credentials, read_channel_settings


def credentials(entry: dict[str, Any] | None, **environment: str) -> Credentials:
    return Credentials("line", entry, environment)


def test_what_is_not_in_the_file_comes_from_the_environment() -> None:
    assert credentials(None, LINE_TOKEN="t").required("token", "LINE_TOKEN") == "t"
    assert credentials({"token": "u"}, LINE_TOKEN="t").required("token", "LINE_TOKEN") == "u"
    assert credentials({"token": ""}, LINE_TOKEN=" t ").required("token", "LINE_TOKEN") == "t"


@pytest.mark.parametrize("environment", [{}, {"LINE_TOKEN": ""}, {"LINE_TOKEN": "  "}])
def test_a_missing_secret_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(ChannelSettingsError, match="'line' does not start.* LINE_TOKEN"):
        credentials({}, **environment).required("token", "LINE_TOKEN")


@pytest.mark.parametrize(
    ("read", "entry", "said"),
    [
        (lambda c: c.flag("on", True), {"on": "yes"}, "'yes'.*true or false"),
        (lambda c: c.choice("of", ("a", "b")), {"of": "c"}, "'c'.*one of a, b"),
        (lambda c: c.number("days", 1, 1, 9), {"days": 10}, "'10'.*from 1 to 9"),
        (lambda c: c.number("days", 1, 1, 9), {"days": True}, "'True'.*a number"),
        (lambda c: c.number("days", 1, 1, 9), {"days": "2"}, "'2'.*a number"),
        (lambda c: c.texts("origins"), {"origins": "x"}, "'x'.*a list of texts"),
        (lambda c: c.texts("origins"), {"origins": [1]}, "a list of texts"),
    ],
)
def test_a_wrong_value_is_named_with_its_mend(read: Any, entry: dict[str, Any], said: str) -> None:
    with pytest.raises(ChannelSettingsError, match=said):
        read(credentials(entry))


def test_what_is_not_given_has_its_default() -> None:
    given = credentials(None)
    assert given.flag("on", True) is True
    assert given.choice("of", ("a", "b")) == "a"
    assert given.number("days", 30, 1, 90) == 30
    assert given.texts("origins") == ()
    given.refuse_unknown()


def test_an_unknown_key_is_refused_by_name() -> None:
    given = credentials({"tokne": "t"})
    given.text("token")
    with pytest.raises(ChannelSettingsError, match="no 'tokne'.* it knows token"):
        given.refuse_unknown()


def test_the_database_is_where_the_environment_says() -> None:
    assert read_channel_settings({}).database_url.endswith("/var/channels.db")
    url = "postgresql://parley@db/parley"
    assert read_channel_settings({"PARLEY_CHANNELS_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize("parts", [["-100123", "42"], ["a~b", "c/d é"], ["1700.0001"], [""]])
def test_a_conversation_is_named_after_its_parts(parts: list[str]) -> None:
    name = conversation_id("line", *parts)
    assert conversation_parts(name, "line") == parts
    assert all(sign.isalnum() or sign in "-_.~%" for sign in name)


@pytest.mark.parametrize("name", ["ada", "line", "other~1", ""])
def test_another_channels_conversation_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no conversation of the channel 'line'"):
        conversation_parts(name, "line")


@pytest.mark.parametrize(
    ("text", "handed_on"),
    [
        ("/affirm", "affirm"),
        (" / /affirm", "affirm"),
        ('//EXTERNAL_due{"a": 1}', 'EXTERNAL_due{"a": 1}'),
        ("\u200b/affirm", "\u200b/affirm"),
        ("half 1/2", "half 1/2"),
        ("/", ""),
    ],
)
def test_what_is_typed_is_no_payload(text: str, handed_on: str) -> None:
    assert typed(text) == handed_on
    assert not typed(text).startswith("/")
