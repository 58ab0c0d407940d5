"""Buttons: pressed, shown as pressed, pressed too late, and by somebody who was not asked."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlencode

import pytest

from channels import wording
from tests.channels.slack.workspace import MENTION, Workspace
from tests.services.slack import Posted, Refusal, SlackService

pytestmark = pytest.mark.services


def asked(workspace: Workspace, slack: SlackService, channel: str, user: str) -> Posted:
    """Has a person asked a question with buttons."""
    before = len(slack.in_channel(channel))
    workspace.say(channel, user, f"{MENTION} ask me")
    slack.wait_for(lambda: len(slack.in_channel(channel)) > before)
    return slack.in_channel(channel)[-1]


def test_a_press_is_answered_and_the_message_shows_it(
    workspace: Workspace, slack: SlackService
) -> None:
    question = asked(workspace, slack, "D0PRESS", "U0PRESS")
    assert list(question.buttons()) == ["Yes", "No"]
    assert workspace.press(question, "Yes", "U0PRESS").status == 200
    slack.wait_for(lambda: len(slack.in_channel("D0PRESS")) == 2)
    assert slack.shown("D0PRESS") == ["Shall I?\n[✓ Yes]", "Done."]
    assert question.buttons() == {}


def test_the_same_press_twice_is_one(workspace: Workspace, slack: SlackService) -> None:
    question = asked(workspace, slack, "D0TWICE", "U0TWICE")
    body = workspace.pressed(question, "Yes", "U0TWICE")
    double_click = workspace.pressed(question, "Yes", "U0TWICE")
    for sent in (body, body, double_click):
        assert workspace.post("interactive", sent).status == 200
    workspace.say("D0TWICE", "U0TWICE", "hello")
    slack.wait_for(lambda: len(slack.in_channel("D0TWICE")) >= 3)
    assert slack.shown("D0TWICE") == ["Shall I?\n[✓ Yes]", "Done.", "Hello!"]


def test_a_button_of_an_earlier_question_says_so(workspace: Workspace, slack: SlackService) -> None:
    question = asked(workspace, slack, "D0STALE", "U0STALE")
    workspace.say("D0STALE", "U0STALE", "hello")
    slack.wait_for(lambda: len(slack.in_channel("D0STALE")) == 2)
    workspace.press(question, "No", "U0STALE")
    slack.wait_for(lambda: len(slack.in_channel("D0STALE")) == 3)
    assert slack.shown("D0STALE") == [
        f"Shall I?\n[{wording.OUT_OF_DATE}]",
        "Hello!",
        wording.OUT_OF_DATE,
    ]


def test_in_a_channel_only_the_one_who_was_asked_may_press(
    workspace: Workspace, slack: SlackService
) -> None:
    question = asked(workspace, slack, "C0PRESS", "U0ANN")
    # Ben has a question of his own open; it stays so.
    bens = asked(workspace, slack, "C0PRESS", "U0BEN")
    workspace.press(question, "Yes", "U0BEN")
    slack.wait_for(lambda: slack.shown("C0PRESS", "U0BEN") == [wording.NOT_YOURS])
    assert list(question.buttons()) == ["Yes", "No"]
    workspace.press(question, "Yes", "U0ANN")
    workspace.press(bens, "No", "U0BEN")
    slack.wait_for(lambda: len(slack.in_channel("C0PRESS")) == 4)
    answers = slack.in_channel("C0PRESS")[2:]
    assert {(one.shown, one.thread) for one in answers} == {
        ("Done.", question.thread),
        ("I left it.", bens.thread),
    }


def test_an_offer_cannot_be_carried_into_another_conversation(
    workspace: Workspace, slack: SlackService
) -> None:
    anns = asked(workspace, slack, "D0ANN", "U0ANN")
    eves = asked(workspace, slack, "D0EVE", "U0EVE")
    (stolen,) = [value for title, (_, _, value) in anns.buttons().items() if title == "Yes"]
    payload = json.loads(parse_qs(workspace.pressed(eves, "Yes", "U0EVE").decode())["payload"][0])
    payload["actions"][0]["value"] = stolen
    workspace.post("interactive", urlencode({"payload": json.dumps(payload)}).encode())
    slack.wait_for(lambda: len(slack.in_channel("D0EVE")) == 2)
    assert slack.shown("D0EVE")[1] == wording.OUT_OF_DATE
    assert slack.shown("D0ANN") == ["Shall I?"]


@pytest.mark.parametrize(
    "change",
    [
        {"block_id": "of-another-app"},
        {"block_id": "1|2"},
        {"type": "static_select"},
    ],
)
def test_what_is_no_offer_is_acknowledged_and_ignored(
    workspace: Workspace, slack: SlackService, change: dict[str, str]
) -> None:
    question = asked(workspace, slack, "D0NOOFFER", "U0NOOFFER")
    payload = json.loads(
        parse_qs(workspace.pressed(question, "Yes", "U0NOOFFER").decode())["payload"][0]
    )
    payload["actions"][0].update(change)
    before = workspace.kept()
    body = urlencode({"payload": json.dumps(payload)}).encode()
    assert workspace.post("interactive", body).status == 200
    other = urlencode({"payload": json.dumps({**payload, "type": "view_submission"})}).encode()
    assert workspace.post("interactive", other).status == 200
    assert workspace.kept() == before


def test_buttons_that_one_person_alone_sees(workspace: Workspace, slack: SlackService) -> None:
    slack.closed_channels.add("C0HIDDEN")
    workspace.command("C0HIDDEN", "U0ANN", "ask me")
    slack.wait_for(lambda: len(slack.in_channel("C0HIDDEN", "U0ANN")) == 1)
    (question,) = slack.in_channel("C0HIDDEN", "U0ANN")
    workspace.press(question, "Yes", "U0ANN")
    slack.wait_for(lambda: len(slack.in_channel("C0HIDDEN", "U0ANN")) == 2)
    assert slack.shown("C0HIDDEN", "U0ANN") == ["[✓ Yes]", "Done."]
    assert slack.shown("C0HIDDEN") == []


def test_a_press_counts_also_where_the_message_cannot_be_changed(
    workspace: Workspace, slack: SlackService
) -> None:
    question = asked(workspace, slack, "D0STUCK", "U0STUCK")
    slack.refuse_next("chat.update", Refusal(error="message_not_found"))
    slack.refuse_next("respond", Refusal(404, "used_url"))
    workspace.press(question, "Yes", "U0STUCK")
    slack.wait_for(lambda: slack.shown("D0STUCK")[1:] == ["Done."])
    assert "the buttons of a message were not taken away: Slack says used_url" in workspace.bot.log
