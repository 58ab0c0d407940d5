"""What `make inspect` adds: a token where none is set, and an address that signs in once."""

from __future__ import annotations

from importlib import import_module

import pytest
from rasa.core.channels.channel import InputChannel

from scripts.credentials import CHANNELS
from scripts.inspector import CODE, TOKEN, inspector_address, inspector_environment


def test_a_token_is_made_at_each_start_where_none_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    one, other = (inspector_environment(["web", "inspector"], sign_in=True) for _ in range(2))
    assert len(one[TOKEN]) >= 32 and len(one[CODE]) >= 32
    assert one[TOKEN] != other[TOKEN] and one[CODE] != other[CODE]
    monkeypatch.setenv(TOKEN, "a token of one's own")
    assert inspector_environment(["inspector"], sign_in=True)[TOKEN] == "a token of one's own"


def test_nothing_is_made_where_it_is_not_opened_or_not_asked_for() -> None:
    assert inspector_environment(["web"], sign_in=True) == {}
    assert inspector_environment(["inspector"], sign_in=False) == {}


def test_the_code_is_where_no_server_sees_it() -> None:
    assert inspector_address("http://here", {CODE: "x"}) == "http://here/webhooks/inspector/#code=x"
    assert inspector_address("http://here", {}) == "http://here/webhooks/inspector/"


def test_the_channel_is_where_it_is_said_to_be() -> None:
    module, _, name = CHANNELS["inspector"].rpartition(".")
    assert issubclass(getattr(import_module(module), name), InputChannel)
