"""Every public address is asked what its description allows, and what it does not.

FUZZ=10000 asks so many times; `make fuzz` does. What must hold: no answer of 500 and above, none
that takes for ever, nothing of the inside in an answer, and both servers alive and no larger.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as some
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from tests.channels.conftest import Bot
from tests.channels.guard.endpoints import OPENAPI, SECONDS, Target, log_of, prove

COUNT = int(os.environ.get("FUZZ", "300"))
"""Requests in all, about."""

SHARES = {"as described": 0.4, "not as described": 0.3, "garbage": 0.3}

INSIDE = re.compile(r"Traceback|site-packages|File \"/|sqlalchemy|\.py\b|/home/|Error: ")
"""What tells of how a server is made."""

GROWTH = 96 * 2**20
"""Bytes by which both servers together may grow after the first quarter. A leak of a conversation
or a message for each request would be more, from 10,000 requests on."""

SCHEMA = schemathesis.openapi.from_path(OPENAPI)

PATHS = sorted(
    (found.ok().method.upper(), found.ok().path)
    for found in SCHEMA.get_all_operations()
    if isinstance(found, Ok)
)

ANSWERED: Counter[int] = Counter()


@schemathesis.serializer("audio/wav")
def recording(_context: object, value: object) -> bytes:
    """A recording, or what is sent in its place."""
    return value if isinstance(value, bytes) else json.dumps(value).encode("utf-8", "replace")


def ask(request: requests.PreparedRequest, target: Target) -> None:
    """Sends a request and looks at the answer."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.send(request, timeout=SECONDS, allow_redirects=False)
        except requests.exceptions.InvalidHeader:
            return
    ANSWERED[answer.status_code] += 1
    told = f"{request.method} {request.url} {request.body!r:.500} -> {answer.status_code} "
    assert answer.status_code < 500, told + answer.text[:1000]
    if answer.headers.get("Content-Type", "").startswith(("application/json", "text/plain")):
        assert not INSIDE.search(answer.text) or answer.status_code == 200, told + answer.text


def often(share: str) -> settings:
    return settings(
        max_examples=max(1, int(COUNT * SHARES[share])),
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        derandomize=False,
    )


def case_asks(case: schemathesis.Case[Any], target: Target) -> None:
    arguments = case.as_transport_kwargs(base_url=target.base_of(case.operation.path))
    arguments.pop("timeout", None)
    arguments = {
        key: value
        for key, value in arguments.items()
        if key in {"method", "url", "headers", "params", "data", "json", "cookies", "files"}
    }
    try:
        request = requests.Request(**arguments).prepare()
    except (requests.exceptions.RequestException, UnicodeError, ValueError):
        # Not to be sent over HTTP at all.
        return
    ask(prove(request, target), target)


@pytest.fixture(scope="module", autouse=True)
def _servers_stay(target: Target, everything: Bot, action_port: tuple[int, int, Path]) -> object:
    """Both servers are alive after all of it, and have logged no fault of their own."""
    yield
    for url in (f"{target.assistant}/", f"{target.actions}/health"):
        assert requests.get(url, timeout=SECONDS).status_code == 200
    log = log_of(everything, action_port[2])
    assert "Traceback" not in log, log[log.index("Traceback") - 2000 :][:6000]


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("share", ["as described", "not as described"])
def test_described(target: Target, share: str) -> None:
    mode = GenerationMode.POSITIVE if share == "as described" else GenerationMode.NEGATIVE
    sizes: list[int] = []

    @seed(random.Random(f"{share}{COUNT}").randrange(2**32))
    @often(share)
    @given(case=SCHEMA.as_strategy(generation_mode=mode))
    def asked(case: schemathesis.Case[Any]) -> None:
        case_asks(case, target)
        sizes.append(target.memory() if len(sizes) % 100 == 0 else 0)

    asked()
    measured = [size for size in sizes if size]
    if len(measured) >= 8:
        assert measured[-1] - measured[len(measured) // 4] < GROWTH, measured


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_garbage(target: Target) -> None:
    """Any bytes, of any type, by any method, with and without what proves them genuine."""
    bodies = some.one_of(
        some.binary(max_size=2000),
        some.sampled_from(
            [b"null", b"[]", b"0", b'""', b"{}", b"[" * 5000, b'{"a":' * 3000, b"NaN", b"\xff\xfe"]
        ),
        some.recursive(
            some.none() | some.booleans() | some.floats() | some.text(max_size=20),
            lambda inner: (
                some.lists(inner, max_size=4)
                | some.dictionaries(some.text(max_size=8), inner, max_size=4)
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode("utf-8", "replace")),
    )

    @seed(COUNT)
    @often("garbage")
    @given(
        path=some.sampled_from(PATHS),
        method=some.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]),
        as_described=some.booleans(),
        name=some.text(min_size=1, max_size=300),
        query=some.dictionaries(
            some.sampled_from(["sender", "token", "until", "include_events", "after", "stream"]),
            some.text(max_size=50),
            max_size=3,
        ),
        body=bodies,
        kind=some.sampled_from(
            ["application/json", "text/plain", "audio/wav", "application/x-www-form-urlencoded", ""]
        ),
        encoding=some.sampled_from(["", "", "", "deflate", "gzip"]),
        genuine=some.booleans(),
    )
    def asked(
        path: tuple[str, str],
        method: str,
        as_described: bool,
        name: str,
        query: dict[str, str],
        body: bytes,
        kind: str,
        encoding: str,
        genuine: bool,
    ) -> None:
        described, template = path
        address = template.replace(
            "{conversation}", quote(name.encode("utf-8", "replace"), safe="")
        )
        request = requests.Request(
            described if as_described else method,
            target.base_of(template) + address,
            params={key: value.encode("utf-8", "replace") for key, value in query.items()},
            data=body,
            headers={
                key: value
                for key, value in (("Content-Type", kind), ("Content-Encoding", encoding))
                if value
            },
        ).prepare()
        ask(prove(request, target) if genuine else request, target)

    asked()


@pytest.mark.services
@pytest.mark.slow
def test_nothing_was_all_refused() -> None:
    """Requests that are all turned away at the door would have tried nothing."""
    if sum(ANSWERED.values()) < 100:
        pytest.skip("the other tests of this file did not run")
    assert ANSWERED[200] > sum(ANSWERED.values()) / 20, ANSWERED
