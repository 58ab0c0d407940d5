"""The action server as it is shipped: it tells nobody how it is made."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
import requests

from actions.guarding import LARGEST_CALL, wrong_call
from scripts.processes import running, wait_until_healthy
from scripts.project import process_environment
from tests.channels.conftest import START_SECONDS, free_port

pytestmark = [pytest.mark.services, pytest.mark.slow]

SECRET = "words that somebody said"


def call(port: int, path: str = "/webhook", **more: Any) -> requests.Response:
    return requests.post(f"http://127.0.0.1:{port}{path}", timeout=30, **more)


def a_call(action: str, **tracker: Any) -> dict[str, Any]:
    return {
        "next_action": action,
        "tracker": {"sender_id": "ada", "slots": {}, "latest_message": {}, "events": [], **tracker},
        "domain": {},
    }


def test_an_action_that_fails_says_no_more_than_that(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "actions.log"
    arguments = ("--actions", "tests.channels.guard.failing", "--port", str(port))
    with running("rasa_sdk", *arguments, environment=process_environment(), log=log) as server:
        wait_until_healthy(server, port, "/health", START_SECONDS)
        answer = call(port, json=a_call("action_fail", slots={"said": SECRET}))
    assert answer.status_code == 500, answer.text
    assert set(answer.json()) == {"error"}
    assert SECRET not in answer.text and "Traceback" not in answer.text
    # Who runs it can find the fault.
    assert "FailingError" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"7", b"[" * 20_000, b"\xff", b'{"next_action": 7}']
)
def test_what_is_no_call_is_refused(action_port: tuple[int, int, Path], body: bytes) -> None:
    answer = call(action_port[0], data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_an_unknown_address_is_unknown(action_port: tuple[int, int, Path]) -> None:
    assert call(action_port[0], "/nothing").status_code == 404
    assert (
        requests.delete(f"http://127.0.0.1:{action_port[0]}/webhook", timeout=30).status_code == 405
    )


def test_an_unknown_action_is_unknown(action_port: tuple[int, int, Path]) -> None:
    assert call(action_port[0], json=a_call("action_of_nobody")).status_code == 404


def test_a_small_body_that_inflates_without_end_is_refused(
    action_port: tuple[int, int, Path],
) -> None:
    bomb = zlib.compress(b" " * (4 * LARGEST_CALL))
    assert len(bomb) < LARGEST_CALL / 100
    answer = call(action_port[0], data=bomb, headers={"Content-Encoding": "deflate"})
    assert answer.status_code == 400


def test_a_compressed_call_is_taken(action_port: tuple[int, int, Path]) -> None:
    body = zlib.compress(json.dumps(a_call("action_of_nobody")).encode())
    answer = call(action_port[0], data=body, headers={"Content-Encoding": "deflate"})
    assert answer.status_code == 404


def test_pages_of_other_sites_are_told_nothing(action_port: tuple[int, int, Path]) -> None:
    answer = call(
        action_port[0], json=a_call("action_of_nobody"), headers={"Origin": "https://evil.example"}
    )
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, False),
        ({"version": 3}, True),
        ({"domain": []}, True),
        ({"tracker": None}, True),
        ({"tracker": {"sender_id": ""}}, True),
        ({"tracker": {"sender_id": "a", "slots": []}}, True),
        ({"tracker": {"sender_id": "a", "events": [7]}}, True),
        ({"tracker": {"sender_id": "a", "events": [{"event": "user"}]}}, False),
        ({"next_action": None, "tracker": None}, False),
    ],
)
def test_calls_are_checked(changes: dict[str, Any], wrong: bool) -> None:
    assert bool(wrong_call({**a_call("action_x"), **changes})) is wrong
