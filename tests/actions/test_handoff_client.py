"""Sending a conversation to Slack and to a webhook: real servers, real sockets."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from actions.clients import handoff
from actions.clients.handoff import HandoffError, send, sign
from actions.clients.slack_message import slack_message
from actions.handoff_report import LONGEST_LINE, MOST_LINES, Line, Report
from actions.settings.handoff import (
    HandoffSettings,
    SlackSettings,
    SlackWebhookSettings,
    WebhookSettings,
    read_handoff_settings,
)
from tests.services.handoff import CHANNEL, SECRET, TOKEN, HandoffService, fault_of

pytestmark = pytest.mark.services

REPORT = Report(
    conversation="ada",
    channel="rest",
    since="2026-11-20T15:00:00+00:00",
    mood="angry",
    doing="add items",
    wanted=["show_list", "add_items"],
    transcript=[
        Line("user", "add milk & <bread>", "2026-11-20T15:00:00+00:00"),
        Line("parley", "Which list?", "2026-11-20T15:00:01+00:00"),
    ],
    left_out=0,
)


@pytest.fixture
def service() -> Iterator[HandoffService]:
    one = HandoffService()
    one.start()
    yield one
    one.stop()


def configured(variables: Mapping[str, str]) -> HandoffSettings:
    settings = read_handoff_settings(variables)
    assert settings is not None
    return settings


@pytest.fixture
def slack(service: HandoffService) -> HandoffSettings:
    return configured(service.environment)


@pytest.fixture
def webhook(service: HandoffService) -> HandoffSettings:
    return configured(service.webhook_environment)


async def test_slack_gets_the_summary_and_the_transcript(
    service: HandoffService, slack: HandoffSettings
) -> None:
    await send(REPORT, slack)
    (message,) = service.received
    said = "\n".join(block["text"]["text"] for block in message["blocks"])
    assert message["channel"] == CHANNEL
    for part in ("ada", "rest", "2026-11-20T15:00", "angry", "add items", "show_list, add_items"):
        assert part in said
    assert "*User:* add milk &amp; &lt;bread&gt;\n*Parley:* Which list?" in said


async def test_an_incoming_webhook_of_slack_gets_the_same(service: HandoffService) -> None:
    await send(REPORT, SlackWebhookSettings(f"{service.url}/services/T0/B0/x"))
    assert service.received == [slack_message(REPORT)]


async def test_the_webhook_gets_json_that_is_signed(
    service: HandoffService, webhook: HandoffSettings
) -> None:
    await send(REPORT, webhook)
    (content,) = service.received
    assert content["event"] == "handoff"
    assert {key: content[key] for key in REPORT.as_json()} == json.loads(
        json.dumps(REPORT.as_json())
    )


def test_the_signature_is_that_of_time_and_body() -> None:
    # echo -n '1700000000.{}' | openssl dgst -sha256 -hmac secret
    assert sign("secret", "1700000000", b"{}") == EXPECTED_SIGNATURE


EXPECTED_SIGNATURE = "sha256=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"


async def test_another_secret_is_refused(service: HandoffService) -> None:
    with pytest.raises(HandoffError, match="401"):
        await send(REPORT, WebhookSettings(f"{service.url}/in", "another"))
    assert service.received == []


@pytest.mark.parametrize(
    ("change", "error"),
    [({"token": "xoxb-wrong"}, "invalid_auth"), ({"channel": "C0NOWHERE"}, "channel_not_found")],
)
async def test_what_slack_refuses_is_an_error(
    service: HandoffService, slack: HandoffSettings, change: dict[str, str], error: str
) -> None:
    assert isinstance(slack, SlackSettings)
    with pytest.raises(HandoffError, match=error) as raised:
        await send(REPORT, replace(slack, **change))
    assert not raised.value.unsure
    assert len(service.tries) == 1


@pytest.mark.parametrize("kind", ["slack", "webhook"])
async def test_the_rate_limit_is_waited_out_once(
    service: HandoffService, kind: str, request: pytest.FixtureRequest
) -> None:
    service.be_busy_once("0.2")
    before = time.monotonic()
    await send(REPORT, request.getfixturevalue(kind))
    assert time.monotonic() - before >= 0.2
    assert (len(service.tries), len(service.received)) == (2, 1)


async def test_a_long_wait_is_not_waited(service: HandoffService, slack: HandoffSettings) -> None:
    service.be_busy_once("60")
    with pytest.raises(HandoffError, match="60 seconds"):
        await send(REPORT, slack)
    assert service.received == []


async def test_a_second_failure_is_an_error(
    service: HandoffService, webhook: HandoffSettings
) -> None:
    service.fail_once()
    service.fail_once()
    with pytest.raises(HandoffError) as raised:
        await send(REPORT, webhook)
    assert not raised.value.unsure
    assert (len(service.tries), service.received) == (2, [])


@pytest.mark.parametrize("kind", ["slack", "webhook"])
async def test_nobody_there_is_an_error(
    service: HandoffService, kind: str, request: pytest.FixtureRequest
) -> None:
    settings = request.getfixturevalue(kind)
    service.stop()
    with pytest.raises(HandoffError) as raised:
        await send(REPORT, settings)
    assert not raised.value.unsure


async def test_without_an_answer_slack_is_not_asked_twice(
    service: HandoffService, slack: HandoffSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handoff, "ANSWER_SECONDS", 0.3)
    service.keep_quiet_once()
    with pytest.raises(HandoffError) as raised:
        await send(REPORT, slack)
    assert raised.value.unsure
    assert len(service.received) == 1


async def test_without_an_answer_the_webhook_gets_the_same_delivery_again(
    service: HandoffService, webhook: HandoffSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handoff, "ANSWER_SECONDS", 0.3)
    service.keep_quiet_once()
    await send(REPORT, webhook)
    assert (len(service.tries), len(service.received)) == (2, 1)


def test_the_longest_report_is_within_slacks_limits() -> None:
    lines = [Line("user", "&" * LONGEST_LINE, "") for _ in range(MOST_LINES)]
    longest = replace(
        REPORT, transcript=lines, left_out=9, conversation="<" * 500, wanted=["&" * 400]
    )
    assert fault_of(slack_message(longest)) is None


async def test_nothing_secret_or_said_is_logged(
    service: HandoffService,
    slack: HandoffSettings,
    webhook: HandoffSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    errors = []
    with caplog.at_level(logging.DEBUG):
        slack_webhook = SlackWebhookSettings(f"{service.url}/services/T0/B0/hush")
        for settings in (slack, webhook, slack_webhook):
            await send(REPORT, settings)
            service.fail_once(500)
            with pytest.raises(HandoffError) as raised:
                await send(REPORT, settings)
            errors.append(str(raised.value))
    told = caplog.text + " ".join(errors) + repr((slack, webhook, slack_webhook))
    for secret in (TOKEN, SECRET, "hush", "milk"):
        assert secret not in told
