"""What people send, and what becomes of it: texts, files, edits, mentions, threads, commands."""

from __future__ import annotations

from typing import Any

import pytest

from channels import wording
from tests.channels.action_server import ActionServer
from tests.channels.slack.workspace import MENTION, Workspace, message
from tests.services.slack import BOT_ID, BOT_USER, SlackService

pytestmark = pytest.mark.services

OWN = {"bot_id": BOT_ID, "user": BOT_USER}
IGNORED: dict[str, dict[str, Any]] = {
    "an edit": {
        "subtype": "message_changed",
        "hidden": True,
        "message": {"type": "message", "user": "U0IGNORED", "text": "count", "ts": "1.1"},
    },
    "a deletion": {"subtype": "message_deleted", "hidden": True, "deleted_ts": "1.1"},
    "another bot": {"subtype": "bot_message", "bot_id": "B0OTHER"},
    "a bot with a user": {"bot_id": "B0OTHER"},
    "itself": OWN,
    "itself, in another form": {"user": BOT_USER},
    "an app's post": {"app_id": "A0OTHER"},
    "Slackbot": {"user": "USLACKBOT"},
    "a join": {"subtype": "channel_join"},
    "a topic": {"subtype": "channel_topic", "topic": "count"},
    "a message without a person": {"user": None},
    "an edited mention": {"type": "app_mention", "edited": {"user": "U0IGNORED", "ts": "1.2"}},
    "a reaction": {"type": "reaction_added", "reaction": "count"},
    "something new": {"type": "moonlight", "text": "count"},
}


@pytest.mark.parametrize("kind", IGNORED)
@pytest.mark.parametrize("channel", ["D0IGNORED", "C0IGNORED"])
def test_what_is_no_new_message_of_a_person_is_acknowledged_and_ignored(
    workspace: Workspace, slack: SlackService, kind: str, channel: str
) -> None:
    before = workspace.kept()
    event = message(channel, "U0IGNORED", f"{MENTION} count", slack.time_stamp())
    assert workspace.event({**event, **IGNORED[kind]}).status == 200
    assert workspace.kept() == before


@pytest.mark.parametrize(
    ("file", "answer"),
    [
        ({"mimetype": "image/png"}, wording.NOT_TEXT),
        ({"mimetype": "audio/webm", "subtype": "slack_audio"}, wording.NO_VOICE),
        ({"mimetype": "video/mp4", "subtype": "slack_audio"}, wording.NO_VOICE),
        ({}, wording.NOT_TEXT),
    ],
)
def test_a_file_gets_a_kind_word(
    workspace: Workspace, slack: SlackService, file: dict[str, Any], answer: str
) -> None:
    before = len(slack.in_channel("D0FILE"))
    workspace.say("D0FILE", "U0FILE", "", subtype="file_share", files=[file])
    slack.wait_for(lambda: len(slack.in_channel("D0FILE")) > before)
    assert slack.shown("D0FILE")[-1] == answer


def test_the_words_beside_a_file_are_read(workspace: Workspace, slack: SlackService) -> None:
    files = [{"mimetype": "image/png"}]
    workspace.say("D0CAPTION", "U0CAPTION", "count", subtype="file_share", files=files)
    slack.wait_for(lambda: slack.shown("D0CAPTION") == ["That makes 1."])


def test_in_a_channel_it_answers_who_addresses_it_in_a_thread_below(
    workspace: Workspace, slack: SlackService
) -> None:
    before = workspace.kept()
    workspace.say("C0TALK", "U0ANN", "hello")
    workspace.say("C0TALK", "U0ANN", "<@U0BEN> hello")
    assert workspace.kept() == before
    ts = workspace.say("C0TALK", "U0ANN", f"{MENTION} count")
    slack.wait_for(lambda: len(slack.in_channel("C0TALK")) == 1)
    # In the thread that it takes part in, nobody need mention it; each has their own count.
    workspace.say("C0TALK", "U0ANN", "count", thread_ts=ts)
    workspace.say("C0TALK", "U0BEN", "count", thread_ts=ts, subtype="thread_broadcast")
    slack.wait_for(lambda: len(slack.in_channel("C0TALK")) == 3)
    # What begins with somebody else's name is for them; so is another thread.
    before = workspace.kept()
    workspace.say("C0TALK", "U0ANN", "<@U0BEN> count", thread_ts=ts)
    workspace.say("C0TALK", "U0ANN", "count", thread_ts=slack.time_stamp())
    assert workspace.kept() == before
    posted = slack.in_channel("C0TALK")
    assert {one.thread for one in posted} == {ts}
    assert sorted(one.shown for one in posted) == [
        *("That makes 1.", "That makes 1.", "That makes 2.")
    ]


def test_below_its_own_message_it_is_meant(workspace: Workspace, slack: SlackService) -> None:
    thread = slack.time_stamp()
    workspace.say("C0BELOW", "U0ANN", "hello", thread_ts=thread, parent_user_id=BOT_USER)
    slack.wait_for(lambda: slack.shown("C0BELOW") == ["Hello!"])
    assert slack.in_channel("C0BELOW")[0].thread == thread


def test_direct_messages_are_answered_where_they_are(
    workspace: Workspace, slack: SlackService
) -> None:
    workspace.say("D0PLACE", "U0PLACE", "count")
    thread = slack.time_stamp()
    workspace.say("D0PLACE", "U0PLACE", "count", thread_ts=thread)
    slack.wait_for(lambda: len(slack.in_channel("D0PLACE")) == 2)
    assert [(one.shown, one.thread) for one in slack.in_channel("D0PLACE")] == [
        ("That makes 1.", ""),
        ("That makes 2.", thread),
    ]


def test_a_mention_alone_is_answered(workspace: Workspace, slack: SlackService) -> None:
    workspace.say("C0ALONE", "U0ALONE", MENTION)
    slack.wait_for(lambda: slack.shown("C0ALONE") == [wording.LISTENING])


def test_what_is_typed_reaches_the_bot_as_it_was_seen(
    workspace: Workspace, slack: SlackService, shared_actions: ActionServer
) -> None:
    slack.people["U0MARK"] = {"tz": "Asia/Tokyo", "profile": {"display_name": "Mark <3"}}
    slack.people["U0REAL"] = {"profile": {"display_name": "", "real_name": "Rea Listic"}}
    said = (
        f"{MENTION}: wait, mail <mailto:ann@example.org|ann@example.org> and <@U0REAL>, "
        "<@U0NOBODY>; see <http://example.org|example.org> &lt;b&gt; &amp;lt; "
        "<https://example.org/?a=1&amp;b=2> in <#C0AB|general> <!here>"
    )
    workspace.say("D0MARK", "U0MARK", said)
    slack.wait_for(lambda: slack.shown("D0MARK") == ["I waited."])
    assert dict(shared_actions.texts)["slack~D0MARK~U0MARK"] == (
        "wait, mail ann@example.org and Rea Listic, somebody; see example.org <b> &lt; "
        "https://example.org/?a=1&b=2 in #general @here"
    )
    tracker = workspace.bot.api("/conversations/slack~D0MARK~U0MARK/tracker")
    assert tracker["latest_message"]["metadata"]["timezone"] == "Asia/Tokyo"
    asked = [fields for method, fields in slack.calls if method == "users.info"]
    assert asked.count({"user": "U0MARK"}) == 1


@pytest.mark.parametrize(
    "typed", ["/affirm", f"{MENTION} /affirm", " &lt;/affirm", "//EXTERNAL_due"]
)
def test_nobody_can_type_what_a_button_stands_for(
    workspace: Workspace, slack: SlackService, typed: str
) -> None:
    person = f"0TYPED{len(typed)}"
    workspace.say(f"D{person}", f"U{person}", typed)
    workspace.say(f"D{person}", f"U{person}", "count")
    slack.wait_for(lambda: len(slack.in_channel(f"D{person}")) > 0)
    assert slack.shown(f"D{person}") == ["That makes 1."]


def test_a_command_is_answered_for_the_one_who_gave_it(
    workspace: Workspace, slack: SlackService
) -> None:
    # Also where Parley was not invited.
    slack.closed_channels.add("C0COMMAND")
    answer = workspace.command("C0COMMAND", "U0ANN", "count", "trigger.1")
    assert (answer.status, answer.body) == (200, b"")
    assert workspace.command("C0COMMAND", "U0ANN", "count", "trigger.1").status == 200
    assert workspace.command("C0COMMAND", "U0ANN", " ", "trigger.2").status == 200
    slack.wait_for(lambda: len(slack.in_channel("C0COMMAND", "U0ANN")) == 2)
    assert slack.shown("C0COMMAND", "U0ANN") == ["That makes 1.", wording.LISTENING]
    assert slack.shown("C0COMMAND") == []


def test_what_a_command_asks_for_can_be_long(workspace: Workspace, slack: SlackService) -> None:
    # An address for answers holds five times; the rest is posted.
    workspace.command("C0LONG", "U0LONG", "long story")
    slack.wait_for(lambda: len(slack.in_channel("C0LONG", "U0LONG")) == 7)
    posted = slack.in_channel("C0LONG", "U0LONG")
    assert [bool(one.response_url) for one in posted] == [True] * 5 + [False] * 2
