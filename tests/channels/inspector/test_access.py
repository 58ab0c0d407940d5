"""Who may look: tokens, sessions, attempts, and pages of other sites."""

from __future__ import annotations

import pytest

from channels.inspector import InspectorInput
from channels.inspector.access import (
    CODE_SECONDS,
    FORGIVEN_AFTER,
    LONGEST_DELAY,
    SESSION_SECONDS,
    Access,
    Attempts,
    is_foreign,
)
from channels.settings import ChannelSettingsError

TOKEN = "a token that nobody guesses"


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_session_is_known_until_it_is_over_or_ended() -> None:
    clock = Clock()
    access = Access(TOKEN, clock=clock)
    session, other = access.open_session(), access.open_session()
    assert access.knows(session)
    # Another process of the server knows it as well.
    assert Access(TOKEN, clock=clock).knows(session)
    access.end_session(session)
    assert not access.knows(session)
    assert access.knows(other)
    clock.now += SESSION_SECONDS + 1
    assert not access.knows(other)


@pytest.mark.parametrize(
    "session", [None, "", ".", "1", "9999999999.x.", "9999999999.x.0", "é.é.é"]
)
def test_what_is_no_session_is_not_known(session: str | None) -> None:
    assert not Access(TOKEN).knows(session)


def test_a_session_cannot_be_made_longer_and_ends_with_the_token() -> None:
    access = Access(TOKEN)
    until, nonce, signature = access.open_session().split(".")
    assert not access.knows(f"{int(until) + 1}.{nonce}.{signature}")
    assert not Access("another token, as long").knows(f"{until}.{nonce}.{signature}")


def test_a_code_signs_in_once_and_soon() -> None:
    clock = Clock()
    access = Access(TOKEN, "the code", clock)
    assert not access.admits("another code")
    assert access.admits("the code")
    assert not access.admits("the code")
    assert access.admits(TOKEN)
    late = Access(TOKEN, "the code", clock)
    clock.now += CODE_SECONDS + 1
    assert not late.admits("the code")
    assert not Access(TOKEN, "").admits("")


def test_each_failure_doubles_the_wait_of_the_address_alone() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    waits = []
    for _ in range(12):
        attempts.failed("10.0.0.1")
        waits.append(attempts.wait("10.0.0.1"))
        clock.now += waits[-1]
    assert waits[:4] == pytest.approx([0.5, 1, 2, 4])
    assert waits[-1] == pytest.approx(LONGEST_DELAY)
    assert attempts.wait("10.0.0.2") == 0
    clock.now += FORGIVEN_AFTER + 1
    attempts.failed("10.0.0.1")
    assert attempts.wait("10.0.0.1") == pytest.approx(0.5)
    attempts.succeeded("10.0.0.1")
    assert attempts.wait("10.0.0.1") == 0


def test_the_addresses_of_one_ipv6_network_count_as_one() -> None:
    attempts = Attempts(Clock())
    attempts.failed("2001:db8::1")
    assert attempts.wait("2001:db8::ffff") > 0
    assert attempts.wait("2001:db8:0:1::1") == 0


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"origin": "http://localhost:5005"}, False),
        ({"origin": "http://localhost:5006"}, True),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, True),
    ],
)
def test_pages_of_other_sites_are_told_apart(headers: dict[str, str], foreign: bool) -> None:
    assert is_foreign(headers, "localhost:5005") is foreign


def test_it_does_not_start_without_a_good_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARLEY_INSPECTOR_TOKEN", raising=False)
    with pytest.raises(ChannelSettingsError, match="PARLEY_INSPECTOR_TOKEN"):
        InspectorInput.from_credentials(None)
    with pytest.raises(ChannelSettingsError, match="too short"):
        InspectorInput.from_credentials({"token": "secret"})
    with pytest.raises(ChannelSettingsError, match="tokken"):
        InspectorInput.from_credentials({"token": TOKEN, "tokken": "x"})
    monkeypatch.setenv("PARLEY_INSPECTOR_TOKEN", TOKEN)
    assert InspectorInput.from_credentials(None).name() == "inspector"
