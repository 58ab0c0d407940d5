"""What Parley says, as Slack gets it: markup, length, images, failures, what is said unasked."""

from __future__ import annotations

import pytest

from tests.channels.action_server import LONG_TEXT
from tests.channels.slack.workspace import MENTION, Workspace
from tests.services.slack import TOKEN, Refusal, SlackService

pytestmark = pytest.mark.services


def test_nothing_in_a_reply_formats_anything(workspace: Workspace, slack: SlackService) -> None:
    workspace.say("D0SIGNS", "U0SIGNS", "special signs")
    slack.wait_for(lambda: len(slack.in_channel("D0SIGNS")) == 1)
    (posted,) = slack.in_channel("D0SIGNS")
    # Word for word on the screen, with the address as a link and all else as plain text.
    assert posted.shown.startswith("2 < 3 & *four* _five_ `six` [seven](http://example.org) <b>")
    elements = posted.blocks[0]["elements"][0]["elements"]
    assert [element["type"] for element in elements] == ["text", "link", "text"]
    assert elements[1]["url"] == "http://example.org"
    assert not any("style" in element for element in elements)
    assert posted.text.startswith("2 &lt; 3 &amp; *four*")
    assert posted.fields["mrkdwn"] is False


def test_a_long_reply_is_split_at_sentences(workspace: Workspace, slack: SlackService) -> None:
    workspace.say("D0STORY", "U0STORY", "long story")
    slack.wait_for(lambda: len(slack.in_channel("D0STORY")) == 7)
    texts = slack.shown("D0STORY")
    assert " ".join(texts) == LONG_TEXT
    assert all(text.endswith(".") and len(text) <= 3000 for text in texts)


def test_an_image_has_words_for_who_does_not_see_it(
    workspace: Workspace, slack: SlackService
) -> None:
    workspace.say("D0IMAGE", "U0IMAGE", "show me")
    slack.wait_for(lambda: len(slack.in_channel("D0IMAGE")) == 1)
    (posted,) = slack.in_channel("D0IMAGE")
    assert posted.blocks[1] == {
        "type": "image",
        "image_url": "https://example.org/cat.png",
        "alt_text": "Here it is.",
    }


def test_an_image_that_slack_cannot_fetch_is_sent_as_its_address(
    workspace: Workspace, slack: SlackService
) -> None:
    slack.refuse_next("chat.postMessage", Refusal(error="invalid_blocks"))
    workspace.say("D0NOIMAGE", "U0NOIMAGE", "show me")
    slack.wait_for(lambda: len(slack.in_channel("D0NOIMAGE")) == 1)
    assert slack.shown("D0NOIMAGE") == ["Here it is.\nhttps://example.org/cat.png"]


def test_a_rate_limit_is_obeyed(workspace: Workspace, slack: SlackService) -> None:
    limited = Refusal(429, "ratelimited", {"Retry-After": "3"})
    slack.refuse_next("chat.postMessage", limited)
    before = len(slack.calls)
    workspace.say("D0LIMIT", "U0LIMIT", "hello")
    slack.wait_for(lambda: slack.shown("D0LIMIT") == ["Hello!"])
    first, second = [
        at
        for at, (method, fields) in zip(slack.times, slack.calls, strict=True)
        if fields.get("channel") == "D0LIMIT" and method == "chat.postMessage"
    ]
    assert len(slack.calls) > before and second - first >= 3


@pytest.mark.parametrize(
    "passing",
    [Refusal(500, "Internal"), Refusal(503, ""), Refusal(200, "service_unavailable")],
)
def test_what_slack_fails_to_take_is_sent_again(
    workspace: Workspace, slack: SlackService, passing: Refusal
) -> None:
    channel = f"D0FAILS{passing.status}"
    slack.refuse_next("chat.postMessage", passing)
    workspace.say(channel, "U0FAILS", "hello")
    slack.wait_for(lambda: slack.shown(channel) == ["Hello!"])


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "account_inactive"])
def test_what_slack_refuses_is_logged_with_its_word_and_the_next_is_sent(
    workspace: Workspace, slack: SlackService, code: str
) -> None:
    channel = f"C0REFUSED{len(code)}"
    slack.refuse_next("chat.postMessage", Refusal(error=code))
    ts = workspace.say(channel, "U0REFUSED", f"{MENTION} hello")
    workspace.say(channel, "U0REFUSED", "count", thread_ts=ts)
    slack.wait_for(lambda: slack.shown(channel) == ["That makes 1."])
    assert f"to slack~{channel}~U0REFUSED was not sent: Slack says {code}" in workspace.bot.log


def test_a_reminder_reaches_the_conversation(workspace: Workspace, slack: SlackService) -> None:
    due = "/conversations/{}/trigger_intent?output_channel=slack"
    body = {"name": "EXTERNAL_due"}
    workspace.bot.api(due.format("slack~D0DUE~U0DUE"), body)
    # In a channel, the one whom it is for is told so.
    workspace.bot.api(due.format("slack~C0DUE~U0DUE"), body)
    # Where it was set with a command, Parley may not be in the channel.
    slack.closed_channels.add("C0CLOSED")
    workspace.bot.api(due.format("slack~C0CLOSED~U0ELSEWHERE"), body)
    slack.wait_for(lambda: len(slack.in_channel("D0ELSEWHERE")) == 1)
    slack.wait_for(lambda: len(slack.in_channel("D0DUE")) == 1)
    slack.wait_for(lambda: len(slack.in_channel("C0DUE")) == 1)
    assert slack.shown("D0DUE") == ["It is time."]
    assert slack.shown("C0DUE") == ["@U0DUE It is time."]
    # Its buttons outlast the next turn.
    workspace.say("D0DUE", "U0DUE", "hello")
    slack.wait_for(lambda: len(slack.in_channel("D0DUE")) == 2)
    workspace.press(slack.in_channel("D0DUE")[0], "Snooze", "U0DUE")
    slack.wait_for(lambda: slack.shown("D0DUE")[2:] == ["Shall I?"])
    workspace.press(slack.in_channel("D0ELSEWHERE")[0], "Snooze", "U0ELSEWHERE")
    slack.wait_for(lambda: slack.shown("D0ELSEWHERE")[1:] == ["Shall I?"])


def test_what_a_person_writes_reaches_the_conversation(
    workspace: Workspace, slack: SlackService
) -> None:
    workspace.bot.api(
        "/conversations/slack~D0HAND~U0HAND/tracker/events"
        "?output_channel=slack&execute_side_effects=true",
        [{"event": "bot", "text": "This is *Ann*. How can I help?"}],
    )
    slack.wait_for(lambda: slack.shown("D0HAND") == ["This is *Ann*. How can I help?"])


def test_what_is_pushed_nowhere_is_given_up(workspace: Workspace, slack: SlackService) -> None:
    workspace.bot.api(
        "/conversations/telegram~7/trigger_intent?output_channel=slack", {"name": "EXTERNAL_due"}
    )
    workspace.say("D0AFTER", "U0AFTER", "hello")
    slack.wait_for(lambda: slack.shown("D0AFTER") == ["Hello!"])
    slack.wait_for(lambda: "no conversation of the channel 'slack'" in workspace.bot.log)


def test_no_secret_is_in_the_log_at_its_most_talkative(
    workspace: Workspace, slack: SlackService
) -> None:
    slack.refuse_next("chat.postMessage", Refusal(error="invalid_auth"))
    workspace.say("D0TOKEN", "U0TOKEN", "hello")
    workspace.say("D0TOKEN", "U0TOKEN", "count")
    slack.wait_for(lambda: slack.shown("D0TOKEN") == ["That makes 1."])
    log = workspace.bot.log
    assert "DEBUG" in log and "Slack says invalid_auth" in log
    assert TOKEN not in log and TOKEN.removeprefix("xoxb-") not in log
    assert slack.environment["SLACK_SIGNING_SECRET"] not in log
    # Who knows a `response_url` may post to it; and what the SDK would log are people's words.
    assert "/respond/" not in log
    assert "Sending a request" not in log and "Received the following response" not in log
