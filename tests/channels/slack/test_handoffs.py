"""A person in Slack answers somebody whom the bot has handed over, on whatever channel they are."""

from __future__ import annotations

import json
import urllib.request

import pytest

from actions.clients.handoff import send
from actions.handoff_report import Report
from actions.settings.handoff import SlackSettings
from channels import wording
from tests.channels.receiver import Receiver
from tests.channels.slack.conftest import HELP
from tests.channels.slack.workspace import MENTION, Workspace
from tests.services.slack import BOT_USER, TOKEN, Posted, SlackService

pytestmark = pytest.mark.services


def post(workspace: Workspace, path: str, body: dict[str, str]) -> None:
    """Posts to another channel of the same server."""
    request = urllib.request.Request(
        f"{workspace.bot.url}/webhooks/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60):
        pass


async def handed_over(slack: SlackService, conversation: str) -> Posted:
    """What the action server posts when a conversation is handed over."""
    report = Report(conversation, "line", "", "angry", "", [], [], 0)
    await send(report, SlackSettings(slack.api.rstrip("/"), TOKEN, HELP))
    return slack.in_channel(HELP)[-1]


def tell(workspace: Workspace, posted: Posted, text: str) -> None:
    """Writes below a message of the bot's."""
    workspace.say(HELP, "U0HELPER", text, thread_ts=posted.ts, parent_user_id=BOT_USER)


def told(slack: SlackService, posted: Posted) -> list[str]:
    """What the bot says below a message."""
    return [one.shown for one in slack.in_channel(HELP) if one.thread == posted.ts]


async def test_an_answer_reaches_the_conversation_until_it_is_handed_back(
    workspace: Workspace, slack: SlackService, receiver: Receiver
) -> None:
    post(workspace, "line/message", {"id": "hand-1", "user": "ada", "text": "a person please"})
    receiver.wait_for(lambda r: r.texts("ada") == ["A person has it."])
    posted = await handed_over(slack, "line~ada")
    tell(workspace, posted, "who takes this one?")
    slack.wait_for(lambda: told(slack, posted) == [wording.HOW_TO_PASS_ON])
    tell(workspace, posted, "I do")
    tell(workspace, posted, f"{MENTION} Hello Ada, this is *Ann* &lt;3")
    receiver.wait_for(lambda r: r.texts("ada")[1:] == ["Hello Ada, this is *Ann* <3"])
    # The bot itself is silent.
    post(workspace, "line/message", {"id": "hand-2", "user": "ada", "text": "hello"})
    tell(workspace, posted, f"{MENTION} Hand back.")
    receiver.wait_for(lambda r: r.texts("ada")[2:] == ["It's me again."])
    tell(workspace, posted, f"{MENTION} one more thing")
    slack.wait_for(lambda: len(told(slack, posted)) == 4)
    assert told(slack, posted)[1:] == [
        wording.PASSED_ON,
        wording.HANDED_BACK,
        wording.NOT_HANDED_OFF,
    ]
    post(workspace, "line/message", {"id": "hand-3", "user": "ada", "text": "hello"})
    receiver.wait_for(lambda r: r.texts("ada")[3:] == ["Hello!"])


async def test_somebody_in_slack_is_reached_as_well(
    workspace: Workspace, slack: SlackService
) -> None:
    workspace.say("D0HELPED", "U0HELPED", "a person please")
    slack.wait_for(lambda: slack.shown("D0HELPED") == ["A person has it."])
    posted = await handed_over(slack, "slack~D0HELPED~U0HELPED")
    tell(workspace, posted, f"{MENTION}: see https://example.org/help")
    slack.wait_for(lambda: slack.shown("D0HELPED")[1:] == ["see https://example.org/help"])
    tracker = workspace.bot.api("/conversations/slack~D0HELPED~U0HELPED/tracker")
    assert tracker["events"][-1]["text"] == "see https://example.org/help"


async def test_where_nothing_can_be_pushed_the_person_is_told(
    workspace: Workspace, slack: SlackService
) -> None:
    post(workspace, "rest/webhook", {"sender": "bob", "message": "a person please"})
    posted = await handed_over(slack, "bob")
    tell(workspace, posted, f"{MENTION} hello")
    slack.wait_for(lambda: told(slack, posted) == [wording.NOT_REACHED])


def test_other_threads_there_are_ordinary_ones(workspace: Workspace, slack: SlackService) -> None:
    ts = workspace.say(HELP, "U0HELPER", f"{MENTION} count")
    workspace.say(HELP, "U0HELPER", "count", thread_ts=ts)
    slack.wait_for(lambda: [one.thread for one in slack.in_channel(HELP)].count(ts) == 2)
    shown = [one.shown for one in slack.in_channel(HELP) if one.thread == ts]
    assert shown == ["That makes 1.", "That makes 2."]
