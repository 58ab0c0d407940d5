"""What outlasts a killed server, a restart, and a Slack that is away."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.action_server import ActionServer
from tests.channels.conftest import Bot, MakeBot
from tests.channels.slack.conftest import CHANNEL
from tests.channels.slack.workspace import MENTION, Workspace, message
from tests.services.slack import Refusal, SlackService

pytestmark = pytest.mark.services


@pytest.fixture
def slack() -> Iterator[SlackService]:
    service = SlackService().start()
    yield service
    service.stop()


def test_a_killed_server_loses_nothing_and_repeats_nothing(
    make_bot: MakeBot, slack: SlackService, actions: ActionServer
) -> None:
    bot = make_bot({CHANNEL: None}, slack.environment).start()
    workspace = Workspace(bot, slack)
    event = message("D0KILL", "U0KILL", "count", slack.time_stamp())
    workspace.event(event, "Ev0KILL")
    ts = workspace.say("C0KILL", "U0KILL", f"{MENTION} ask me")
    slack.wait_for(lambda: slack.shown("D0KILL") == ["That makes 1."])
    slack.wait_for(lambda: slack.shown("C0KILL") == ["Shall I?"])
    while workspace.unsent():
        time.sleep(0.05)
    # Acknowledged, and not answered.
    actions.go.clear()
    workspace.say("D0KILL", "U0KILL", "wait")
    workspace.say("D0KILL", "U0KILL", "count")
    assert actions.waiting.acquire(timeout=60)
    bot.kill()
    actions.go.set()
    # Slack is away when the server comes back: it starts, and redeliveries are asked for.
    slack.refuse_next("auth.test", Refusal(503))
    bot.start()
    slack.wait_for(lambda: len(slack.in_channel("D0KILL")) == 3)
    assert slack.shown("D0KILL") == ["That makes 1.", "I waited.", "That makes 2."]
    again = {"X-Slack-Retry-Num": "3", "X-Slack-Retry-Reason": "http_timeout"}
    slack.wait_for(lambda: [method for method, _ in slack.calls].count("auth.test") == 3)
    while (answer := workspace.event(event, "Ev0KILL", again)).status == 503:
        pass
    assert answer.status == 200
    # The thread, and the question in it, are known still.
    workspace.say("C0KILL", "U0KILL", "count", thread_ts=ts)
    workspace.press(slack.in_channel("C0KILL")[0], "Yes", "U0KILL")
    slack.wait_for(lambda: len(slack.in_channel("C0KILL")) == 3)
    assert slack.shown("C0KILL")[1:] == [
        "That makes 1.",
        "That button belongs to an earlier question. Please tell me in words what you want.",
    ]
    assert len(slack.in_channel("D0KILL")) == 3


@pytest.mark.parametrize(
    ("without", "refusal", "named"),
    [
        ("SLACK_SIGNING_SECRET", None, "set SLACK_SIGNING_SECRET in the environment"),
        ("", Refusal(error="invalid_auth"), "Slack says invalid_auth to the token"),
    ],
)
def test_it_does_not_start_without_what_it_needs(
    make_bot: MakeBot, slack: SlackService, without: str, refusal: Refusal | None, named: str
) -> None:
    environment = {**slack.environment, **({without: ""} if without else {})}
    if refusal:
        slack.refuse_next("auth.test", refusal, 5)
    bot = make_bot({CHANNEL: None}, environment)
    with pytest.raises(Exception, match="ended"):
        bot.start()
    assert named in re.sub(r"\s+", " ", bot.log)
    assert slack.environment["SLACK_BOT_TOKEN"] not in bot.log


@pytest.fixture(scope="module")
def other_bot(
    tmp_path_factory: pytest.TempPathFactory, small_model: Path, shared_actions: ActionServer
) -> Iterator[Workspace]:
    """The bot with every setting the other way round."""
    service = SlackService().start()
    settings = {
        "channel_conversations": "channel",
        "thread_conversations": True,
        "reply_in_thread": False,
        "command_replies": "in_channel",
    }
    folder = tmp_path_factory.mktemp("slack-otherwise")
    bot = Bot(folder, small_model, shared_actions, {CHANNEL: settings}, service.environment)
    bot.start()
    yield Workspace(bot, service)
    bot.stop()
    service.stop()


def test_all_in_a_channel_share_a_conversation_if_so_configured(other_bot: Workspace) -> None:
    slack = other_bot.slack
    other_bot.say("C0ALL", "U0ANN", f"{MENTION} count")
    other_bot.say("C0ALL", "U0BEN", f"{MENTION} count")
    slack.wait_for(lambda: len(slack.in_channel("C0ALL")) == 2)
    assert [(one.shown, one.thread) for one in slack.in_channel("C0ALL")] == [
        ("That makes 1.", ""),
        ("That makes 2.", ""),
    ]
    # A question is that of the person who brought it up, all the same.
    other_bot.say("C0ALL", "U0ANN", f"{MENTION} ask me")
    slack.wait_for(lambda: len(slack.in_channel("C0ALL")) == 3)
    question = slack.in_channel("C0ALL")[2]
    other_bot.press(question, "Yes", "U0BEN")
    slack.wait_for(lambda: len(slack.in_channel("C0ALL", "U0BEN")) == 1)
    other_bot.press(question, "Yes", "U0ANN")
    slack.wait_for(lambda: slack.shown("C0ALL")[3:] == ["Done."])


def test_a_thread_is_a_conversation_of_its_own_if_so_configured(other_bot: Workspace) -> None:
    slack = other_bot.slack
    other_bot.say("C0OWN", "U0ANN", f"{MENTION} count")
    thread = slack.time_stamp()
    other_bot.say("C0OWN", "U0ANN", f"{MENTION} count", thread_ts=thread)
    slack.wait_for(lambda: len(slack.in_channel("C0OWN")) == 2)
    assert slack.shown("C0OWN") == ["That makes 1.", "That makes 1."]
    # What is said unasked to it goes into the thread.
    due = f"/conversations/slack~C0OWN~{thread}/trigger_intent?output_channel=slack"
    other_bot.bot.api(due, {"name": "EXTERNAL_due"})
    slack.wait_for(lambda: len(slack.in_channel("C0OWN")) == 3)
    reminder = slack.in_channel("C0OWN")[2]
    assert (reminder.shown, reminder.thread) == ("It is time.", thread)
    # It is nobody's in particular: anybody may press.
    other_bot.press(reminder, "Snooze", "U0BEN")
    slack.wait_for(lambda: len(slack.in_channel("C0OWN")) == 4)
    assert [(one.shown, one.thread) for one in slack.in_channel("C0OWN")[3:]] == [
        ("Shall I?", thread)
    ]


def test_a_command_is_answered_for_all_if_so_configured(other_bot: Workspace) -> None:
    slack = other_bot.slack
    slack.closed_channels.add("C0OPEN")
    answer = other_bot.command("C0OPEN", "U0ANN", "ask me")
    assert answer.body == b'{"response_type":"in_channel"}'
    slack.wait_for(lambda: len(slack.in_channel("C0OPEN")) == 1)
    # Parley is not in the channel: the press itself says where its answer may go.
    other_bot.press(slack.in_channel("C0OPEN")[0], "Yes", "U0ANN")
    slack.wait_for(lambda: len(slack.in_channel("C0OPEN")) == 2)
    assert slack.shown("C0OPEN") == ["Shall I?\n[✓ Yes]", "Done."]
