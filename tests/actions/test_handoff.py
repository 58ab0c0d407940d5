"""Offering a person, handing over on a yes, taking back; what the report holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from actions.handoff import (
    ActionHandOff,
    ActionOfferPerson,
    ActionTakeBack,
    handoff_slots,
)
from actions.handoff_report import LONGEST_LINE, MOST_LINES, report_on
from actions.settings import SettingsError
from actions.settings.handoff import (
    SlackSettings,
    SlackWebhookSettings,
    WebhookSettings,
    read_handoff_settings,
)
from tests.services.handoff import HandoffService

NEGATIVE = {"name": "negative", "confidence": 0.9, "ranking": []}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[HandoffService]:
    one = HandoffService()
    one.start()
    for name, value in one.environment.items():
        monkeypatch.setenv(name, value)
    yield one
    one.stop()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*HandoffService().environment, *HandoffService().webhook_environment):
        monkeypatch.delenv(name, raising=False)


def offered(talk: Any) -> Any:
    """A person was asked for and Parley has asked for consent."""
    talk.user("get me a human", "ask_human").slot("handoff_offered", True)
    return talk.bot("action_offer_person")


async def test_who_asks_for_a_person_is_asked_for_consent(
    talk: Any, service: HandoffService
) -> None:
    slots = await talk.user("get me a human", "ask_human").run(ActionOfferPerson())
    assert talk.said == ["utter_ask_hand_off"]
    assert slots == {"handoff_offered": True}
    assert service.tries == []


async def test_who_asks_for_a_person_leaves_the_form(talk: Any, service: HandoffService) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    slots = await talk.user("get me a human", "ask_human").run(ActionOfferPerson())
    assert slots["requested_slot"] is None
    assert slots["handoff_offered"] is True
    assert {"event": "active_loop", "name": None, "timestamp": None} in talk.returned


async def test_who_is_angry_is_offered_one(talk: Any, service: HandoffService) -> None:
    slots = await talk.user("you are useless", "complain").run(ActionOfferPerson())
    assert (talk.said, slots) == (["utter_offer_person"], {"handoff_offered": True})


async def test_who_is_angry_in_a_form_is_told_of_one(talk: Any, service: HandoffService) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    slots = await talk.user("you are useless", "complain").run(ActionOfferPerson())
    assert (talk.said, slots) == (["utter_mention_person"], {})


@pytest.mark.parametrize(
    ("intent", "said"), [("ask_human", "utter_nobody_set_up"), ("complain", "utter_ask_plainly")]
)
async def test_where_nobody_is_set_up_none_is_offered(
    talk: Any, nobody: None, intent: str, said: str
) -> None:
    slots = await talk.user("well", intent).run(ActionOfferPerson())
    assert (talk.said, slots) == ([said], {})


async def test_what_is_set_up_wrongly_is_nobody(
    talk: Any, nobody: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PARLEY_HANDOFF_URL", "https://example.org/in")
    await talk.user("get me a human", "ask_human").run(ActionOfferPerson())
    assert talk.said == ["utter_nobody_set_up"]
    assert "PARLEY_HANDOFF_SECRET" in caplog.text


async def test_a_yes_sends_the_conversation(talk: Any, service: HandoffService) -> None:
    slots = await offered(talk).user("yes", "affirm").run(ActionHandOff())
    assert talk.said == ["utter_handed_off"]
    assert slots == {"handed_off": True}
    assert len(service.received) == 1


async def test_a_second_yes_sends_nothing(talk: Any, service: HandoffService) -> None:
    offered(talk).slot("handed_off", True)
    assert await talk.user("yes", "affirm").run(ActionHandOff()) == {}
    assert (talk.said, service.tries) == ([], [])


async def test_what_does_not_arrive_leaves_parley_listening(
    talk: Any, service: HandoffService
) -> None:
    service.stop()
    slots = await offered(talk).user("yes", "affirm").run(ActionHandOff())
    assert talk.said == ["utter_handoff_unavailable"]
    assert slots == {}


async def test_taking_back_says_so(talk: Any) -> None:
    assert await talk.slot("handed_off", True).run(ActionTakeBack()) == {"handed_off": None}
    assert talk.said == ["utter_taken_back"]


def test_an_offer_is_open_for_one_message(talk: Any) -> None:
    slots = handoff_slots(offered(talk).user("yes", "affirm").tracker())
    assert slots == {"handoff_offered": True}
    talk.bot("utter_joke").user("yes", "affirm")
    assert handoff_slots(talk.tracker()) == {"handoff_offered": None}


def test_where_nothing_was_offered_nothing_is_open(talk: Any) -> None:
    talk.user("you are useless", "complain").bot("action_offer_person").user("yes", "affirm")
    assert handoff_slots(talk.tracker()) == {"handoff_offered": None}


def test_the_silence_lasts_for_its_session(talk: Any) -> None:
    offered(talk).user("yes", "affirm").bot("action_hand_off").slot("handed_off", True)
    assert handoff_slots(talk.user("hello?", "greet").tracker()) == {"handoff_offered": None}

    talk.events.append({"event": "session_started"})
    slots = handoff_slots(talk.slot("handed_off", True).user("hello?", "greet").tracker())
    assert slots == {"handoff_offered": None, "handed_off": None}


# ------------------------------------------------------------------------ the report


def bot_says(talk: Any, text: str) -> None:
    talk.events.append({"event": "bot", "text": text, "timestamp": 1_700_000_001.0})


def test_the_report_sums_up(talk: Any) -> None:
    talk.user("what's on it", "show_list", sentiment=NEGATIVE).bot("action_show_list")
    bot_says(talk, "Nothing.")
    talk.user("add milk", "add_items", sentiment=NEGATIVE).waiting("add_items_form", "list_name")
    talk.user("get me a human", "ask_human")
    for event in talk.events:
        if event["event"] == "user":
            event.update(timestamp=1_700_000_000.0, input_channel="rest", message_id="1")
    report = report_on(talk.tracker())
    assert (report.conversation, report.channel) == ("ada", "rest")
    assert report.since == "2023-11-14T22:13:20+00:00"
    assert (report.mood, report.doing) == ("angry", "add items")
    assert report.wanted == ["show_list", "add_items"]
    assert [(line.who, line.text) for line in report.transcript] == [
        ("user", "what's on it"),
        ("parley", "Nothing."),
        ("user", "add milk"),
        ("user", "get me a human"),
    ]
    assert report.left_out == 0


def test_the_form_left_for_a_person_is_what_was_under_way(talk: Any) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    talk.user("get me a human", "ask_human")
    talk.events.append({"event": "action", "name": "action_offer_person"})
    talk.form(None).user("yes", "affirm")
    assert report_on(talk.tracker()).doing == "add items"


@pytest.mark.parametrize("end", ["add_items_form", "action_cancel"])
def test_a_form_that_has_ended_is_not_under_way(talk: Any, end: str) -> None:
    talk.user("add milk", "add_items").waiting("add_items_form", "list_name")
    talk.user("shopping", "inform_list")
    talk.events.append({"event": "action", "name": end})
    talk.form(None).bot("action_add_items").user("get me a human", "ask_human")
    assert report_on(talk.tracker()).doing == ""


def test_what_parley_said_for_the_user_is_not_in_the_transcript(talk: Any) -> None:
    talk.user("milk maybe", "nlu_fallback").user("milk maybe", "add_items")
    talk.events[-1]["message_id"] = None
    assert [line.text for line in report_on(talk.tracker()).transcript] == ["milk maybe"]


async def test_personal_data_are_masked_in_what_is_handed_over(
    talk: Any, service: HandoffService
) -> None:
    talk.user("my card is 4111 1111 1111 1111, ring 020 7946 0958", "chitchat")
    await offered(talk).user("yes", "affirm").run(ActionHandOff())
    told = str(service.received)
    assert "my card is [card], ring [phone]" in told
    assert "4111" not in told and "0958" not in told


def test_the_transcript_is_limited(talk: Any) -> None:
    for number in range(MOST_LINES + 5):
        talk.user(f"{number} " + "x" * LONGEST_LINE, "greet")
    report = report_on(talk.tracker())
    assert (len(report.transcript), report.left_out) == (MOST_LINES, 5)
    assert report.transcript[0].text.startswith("5 ")
    assert all(len(line.text) <= LONGEST_LINE + 4 for line in report.transcript)


# ---------------------------------------------------------------------- the settings


SLACK_BOT = {"PARLEY_HANDOFF_SLACK_TOKEN": "t", "PARLEY_HANDOFF_SLACK_CHANNEL": "#help"}
SLACK_WEBHOOK = {"PARLEY_HANDOFF_URL": "https://hooks.slack.com/services/T0/B0/x"}
WEBHOOK = {"PARLEY_HANDOFF_URL": "https://example.org/in", "PARLEY_HANDOFF_SECRET": "s"}


@pytest.mark.parametrize(
    ("variables", "settings"),
    [
        ({}, None),
        (dict.fromkeys([*SLACK_BOT, *WEBHOOK], ""), None),
        (SLACK_BOT, SlackSettings("https://slack.com/api", "t", "#help")),
        (SLACK_WEBHOOK, SlackWebhookSettings(SLACK_WEBHOOK["PARLEY_HANDOFF_URL"])),
        (WEBHOOK, WebhookSettings("https://example.org/in", "s")),
    ],
)
def test_settings_name_where_it_goes(variables: dict[str, str], settings: object) -> None:
    assert read_handoff_settings(variables) == settings


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"PARLEY_HANDOFF_SLACK_TOKEN": "t"}, "PARLEY_HANDOFF_SLACK_CHANNEL"),
        (SLACK_BOT | WEBHOOK, "PARLEY_HANDOFF_SLACK_TOKEN"),
        (SLACK_BOT | SLACK_WEBHOOK, "PARLEY_HANDOFF_SLACK_TOKEN"),
        ({"PARLEY_HANDOFF_URL": "https://example.org"}, "PARLEY_HANDOFF_SECRET"),
        ({"PARLEY_HANDOFF_URL": "example.org"}, "PARLEY_HANDOFF_URL"),
        ({"PARLEY_HANDOFF_URL": "ftp://example.org"}, "PARLEY_HANDOFF_URL"),
    ],
)
def test_settings_that_do_not_do_are_refused_by_name(variables: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_handoff_settings(variables)
