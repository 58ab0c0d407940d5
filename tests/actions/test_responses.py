"""The responses that the actions ask for: they exist, vary, and get what they need."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa_sdk import Action

import actions

ROOT = Path(__file__).resolve().parents[2]
NEVER = "said_by_actions.yml"
ASKED_BY_FORMS = {
    "utter_ask_add_items_form_list_items",
    "utter_ask_remove_items_form_list_items",
    # weather
    "utter_ask_weather_place",
    # reminders
    "utter_ask_set_reminder_form_reminder_what",
    "utter_ask_reminder_new_time",
    # calendar
    "utter_ask_event_title",
    "utter_ask_events_found",
}
SAID_BY_RASA = {"utter_default"}
NO_RESPONSE = {"utter_action"}
"""A key of Rasa's bot events."""
ANGRY_ENOUGH_TO_BE_BRIEF_WITH = [
    "utter_greet", "utter_goodbye", "utter_welcome", "utter_take_complaint", "utter_apologise",
    "utter_feel_for", "utter_offer_person", "utter_mention_person", "utter_cancelled",
    "utter_ask_back", "utter_ask_rephrase", "utter_offer_capabilities", "utter_out_of_scope",
    "utter_default", "utter_given_up", "utter_lists_unavailable",
]  # fmt: skip
RASAS_KEY = "utter_action"
"""In what a response selector leaves in a message; no response is called so."""
SAID_BY_MEANING = re.compile(r"utter_(chitchat|faq)_")
"""Said by `action_answer_by_meaning`, which has their names from the selector; that each has
examples is seen to in test_small_talk.py."""


def calls() -> list[tuple[set[str], set[str]]]:
    """Responses named in `utter_message(response=…)`, each with what it is filled with."""
    found = []
    for path in (ROOT / "actions").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "utter_message":
                keywords = {keyword.arg: keyword.value for keyword in node.keywords}
                if "response" not in keywords:
                    continue  # the very words, as where something is said again
                values = [n for n in ast.walk(keywords["response"]) if isinstance(n, ast.Constant)]
                names = {str(v.value) for v in values if str(v.value).startswith("utter_")}
                found.append((names, {str(key) for key in keywords} - {"response"}))
    return found


def names_in_code() -> set[str]:
    pattern = re.compile(r"\"(utter_\w+)\"")
    paths = (ROOT / "actions").rglob("*.py")
    found = {name for path in paths for name in pattern.findall(path.read_text(encoding="utf-8"))}
    return found - NO_RESPONSE
    return found - {RASAS_KEY}


def names_in_rules(only: str | None = None) -> set[str]:
    names: set[str] = set()
    for path in (ROOT / "data" / "rules").glob("*.yml"):
        if (path.name == NEVER) is (only == NEVER):
            for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
                names |= {step.get("action", "") for step in rule["steps"]}
    return {name for name in names if name.startswith("utter_")}


def test_every_response_that_code_names_exists(domain: dict[str, Any]) -> None:
    assert names_in_code() <= set(domain["responses"])


def test_every_response_is_said_by_somebody(domain: dict[str, Any]) -> None:
    said = names_in_code() | names_in_rules() | ASKED_BY_FORMS | SAID_BY_RASA
    by_meaning = set(filter(SAID_BY_MEANING.match, domain["responses"]))
    assert set(domain["responses"]) == said | by_meaning


def test_the_rule_that_never_applies_names_what_no_other_rule_does(domain: dict[str, Any]) -> None:
    assert names_in_rules(NEVER) == set(domain["responses"]) - names_in_rules()


def test_every_response_varies(domain: dict[str, Any]) -> None:
    for name, variations in domain["responses"].items():
        usual = [v for v in variations if "condition" not in v and "channel" not in v]
        assert len(usual) >= 2, name
        # What is heard may be what is read, without its buttons.
        said = {(v.get("channel"), v["text"]) for v in variations}
        assert len(said) == len(variations), name


def test_every_placeholder_is_filled(domain: dict[str, Any]) -> None:
    for names, filled in calls():
        for name in names:
            for variation in domain["responses"][name]:
                assert set(re.findall(r"{(\w+)}", variation["text"])) <= filled, name


def test_every_action_of_the_domain_is_there_and_no_other(domain: dict[str, Any]) -> None:
    for module in pkgutil.iter_modules(actions.__path__):
        importlib.import_module(f"actions.{module.name}")

    def concrete(parent: type[Any]) -> set[type[Any]]:
        found = {parent} if parent.__module__.startswith("actions.") else set()
        for child in type.__subclasses__(parent):
            found |= concrete(child)
        return {action for action in found if not inspect.isabstract(action)}

    # An entry with properties is a mapping of one name.
    listed = {
        name
        for entry in domain["actions"]
        for name in ([entry] if isinstance(entry, str) else entry)
    }
    # For other assistants than this one: docs/joint-bert.md.
    offered = {"action_track_sentiment"}
    assert {c().name() for c in concrete(Action)} == listed | offered
    assert not listed & offered


@pytest.mark.parametrize(
    "name",
    ["utter_ask_add_items_form_list_items", "utter_ask_remove_items_form_list_items",
     "utter_ask_which_list", "utter_ask_new_list", "utter_ask_confirm_clear",
     "utter_ask_weather_place"],
)  # fmt: skip
def test_a_question_is_asked_again_in_other_words(domain: dict[str, Any], name: str) -> None:
    generator = TemplatedNaturalLanguageGenerator(domain["responses"])
    asked = [
        {
            generator.generate_from_slots(
                name, {"form_attempts": attempts}, "rest", lists="", list_name="", things=""
            )["text"]
            for _ in range(20)
        }
        for attempts in (0, 1, 2)
    ]
    assert not asked[0] & asked[1]
    assert not asked[1] & asked[2]


@pytest.mark.parametrize("name", ["utter_greet", "utter_goodbye", "utter_welcome"])
def test_the_tone_follows_the_mood(domain: dict[str, Any], name: str) -> None:
    generator = TemplatedNaturalLanguageGenerator(domain["responses"])

    def texts(sentiment: str | None) -> set[str]:
        said = (
            generator.generate_from_slots(name, {"sentiment": sentiment}, "rest") for _ in range(40)
        )
        return {response["text"] for response in said if response}

    assert not texts("negative") & texts("neutral")
    assert texts(None) == texts("neutral")


@pytest.mark.parametrize("channel", ["rest", "voice"])
@pytest.mark.parametrize("name", ANGRY_ENOUGH_TO_BE_BRIEF_WITH)
def test_somebody_angry_is_answered_briefly_and_soberly(
    domain: dict[str, Any], name: str, channel: str
) -> None:
    generator = TemplatedNaturalLanguageGenerator(domain["responses"])
    for sentiment in ("negative", "neutral", None):
        slots = {"sentiment": sentiment, "mood_course": "angry"}
        for _ in range(40):
            said = generator.generate_from_slots(name, slots, channel, guess="see a list")
            assert said is not None
            assert "!" not in said["text"]
            assert "joke" not in said["text"].casefold()
            assert len(said["text"]) <= 120
            assert ("sorry" in said["text"].casefold()) is (name == "utter_apologise")


@pytest.mark.parametrize("name", ["utter_greet", "utter_goodbye", "utter_welcome"])
def test_the_tone_goes_back_when_anger_has_passed(domain: dict[str, Any], name: str) -> None:
    generator = TemplatedNaturalLanguageGenerator(domain["responses"])

    def texts(course: str) -> set[str]:
        slots = {"sentiment": "neutral", "mood_course": course}
        said = (generator.generate_from_slots(name, slots, "rest") for _ in range(60))
        return {response["text"] for response in said if response}

    assert not texts("angry") & texts("steady")
    assert not texts("angry") & texts("recovered")
    assert texts("souring") == texts("steady")
