"""What `make slack` says of a configuration, with a Slack of the tests' own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from scripts.project import process_environment
from scripts.slack import EXAMPLE_URL, MANIFEST, needed_scopes
from tests.scripts.conftest import ROOT
from tests.services.slack import SCOPES, Refusal, SlackService

pytestmark = pytest.mark.services

PUBLIC = "https://parley.test.org"


@pytest.fixture
def slack() -> Iterator[SlackService]:
    service = SlackService().start()
    yield service
    service.stop()


def check(slack: SlackService, **changes: str) -> tuple[int, str]:
    """Exit status and what was said; the variables are right but for the changes."""
    environment = {**process_environment(), **slack.environment, "SLACK_PUBLIC_URL": PUBLIC}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.slack", "--check"],
        cwd=ROOT,
        env={**environment, **changes},
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    token = changes.get("SLACK_BOT_TOKEN", slack.environment["SLACK_BOT_TOKEN"])
    assert not token or token not in said
    assert slack.environment["SLACK_SIGNING_SECRET"] not in said
    return done.returncode, said


def test_all_is_well(slack: SlackService) -> None:
    status, said = check(slack)
    assert status == 0
    assert re.findall(r"^(..)  ", said, re.MULTILINE)[:5] == ["ok"] * 5
    assert f"the app's Request URL has to be {PUBLIC}/webhooks/slack/events" in said
    printed = yaml.safe_load(said.partition("(App Manifest):")[2])
    expected = yaml.safe_load((ROOT / MANIFEST).read_text().replace(EXAMPLE_URL, PUBLIC))
    assert printed == expected
    assert printed["settings"]["interactivity"]["request_url"].startswith(PUBLIC)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", "", "no  SLACK_BOT_TOKEN is not set"),
        ("SLACK_BOT_TOKEN", "xapp-1-A0-secret", "no  SLACK_BOT_TOKEN holds an app-level token"),
        ("SLACK_BOT_TOKEN", "xoxp-1-secret", "no  SLACK_BOT_TOKEN holds a person's token"),
        ("SLACK_BOT_TOKEN", "xoxb-wrong", "no  Slack says invalid_auth to the token: copy it"),
        ("SLACK_SIGNING_SECRET", "", "no  SLACK_SIGNING_SECRET is not set"),
        ("SLACK_SIGNING_SECRET", "xoxb-1-secret", "no  SLACK_SIGNING_SECRET holds something else"),
        ("SLACK_PUBLIC_URL", "", "no  SLACK_PUBLIC_URL is not set"),
        ("SLACK_PUBLIC_URL", "http://parley.test.org", "is no https address"),
        ("SLACK_PUBLIC_URL", "https://localhost:5005", "is not reached from outside"),
        ("SLACK_PUBLIC_URL", "https://192.168.1.7", "is not reached from outside"),
        ("SLACK_PUBLIC_URL", f"{PUBLIC}/webhooks/slack/events", "is more than the address"),
        ("SLACK_API_URL", "http://127.0.0.1:9/api/", "no  Slack cannot be reached"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(
    slack: SlackService, variable: str, value: str, said: str
) -> None:
    status, told = check(slack, **{variable: value})
    assert status == 1
    assert said in told
    assert len(re.findall(r"^no  .+: .+", told, re.MULTILINE)) == 1


def test_each_missing_scope_is_named(slack: SlackService) -> None:
    slack.scopes = ["chat:write", "im:history"]
    status, said = check(slack)
    assert status == 1
    missing = set(re.findall(r"^no  The scope (\S+) is missing", said, re.MULTILINE))
    assert missing == set(SCOPES) - set(slack.scopes)


@pytest.mark.parametrize("refusal", [Refusal(503), Refusal(error="account_inactive")])
def test_what_slack_says_is_told(slack: SlackService, refusal: Refusal) -> None:
    slack.refuse_next("auth.test", refusal)
    status, said = check(slack)
    assert status == 1
    assert f"Slack says {refusal.error or 'status 503'} to the token" in said


def test_the_manifest_asks_for_what_is_needed() -> None:
    assert set(needed_scopes()) == set(SCOPES)
