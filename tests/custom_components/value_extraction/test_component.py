"""The component's contract with Rasa, and what its entities say beside their values."""

from __future__ import annotations

import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import pint
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.nlu.extractors.entity_synonyms import EntitySynonymMapper
from rasa.nlu.test import _remove_entities_of_extractors
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import PRETRAINED_EXTRACTORS
from rasa.shared.nlu.training_data.message import Message

from actions import values
from custom_components.value_extraction import ValueExtractor, component, fingerprint
from custom_components.value_extraction.lexicon import CURRENCIES, LEXICON, UNITS
from custom_components.value_extraction.settings import DEFAULT_CONFIG
from tests.custom_components.value_extraction import cases
from tests.custom_components.value_extraction.conftest import create, entities_of, shorten

WORDS = sorted({word for phrases in LEXICON.values() for word in phrases})
SMALL = (
    "at on in by for until from to between and every each other next last this the a an of half "
    "quarter past o'clock am pm ago now minus point 7 12 19:30 25:00 3/4 24/12 2026 31 , . - % ° €"
).split()


def test_adds_to_the_entities_and_leaves_the_others_alone(extractor: ValueExtractor) -> None:
    other = {"entity": "item", "value": "eggs", "start": 6, "end": 10, "extractor": "Other"}
    message = Message(data={"text": "add 7 eggs", "entities": [dict(other)]})

    (processed,) = extractor.process([message])

    assert processed is message
    assert message.get("entities") == [
        other,
        {
            "entity": "number",
            "start": 4,
            "end": 5,
            "text": "7",
            "value": 7,
            "confidence": 1.0,
            "additional_info": {},
            "extractor": "ValueExtractor",
        },
    ]
    assert message.as_dict(only_output_properties=True)["entities"] == message.get("entities")


@pytest.mark.parametrize("text", [None, "", "   ", "/greet", '/inform{"time": "at 7"}'])
def test_finds_nothing_where_there_is_nothing_to_read(
    extractor: ValueExtractor, text: str | None
) -> None:
    assert entities_of(extractor, text) == []


def test_is_loaded_as_it_is_made(tmp_path: Path) -> None:
    loaded = ValueExtractor.load(
        ValueExtractor.get_default_config(),
        LocalModelStorage(tmp_path),
        Resource("values"),
        ExecutionContext(GraphSchema({}), node_name="values"),
    )

    assert [shorten(one) for one in entities_of(loaded, "at seven")] == [
        "time 2026-11-18T19:00 hour"
    ]


def test_says_what_was_said_and_what_was_supplied(extractor: ValueExtractor) -> None:
    def info(text: str) -> dict[str, Any]:
        (found,) = entities_of(extractor, text)
        additional: dict[str, Any] = found["additional_info"]
        return additional

    assert info("at seven") == {
        "type": "value",
        "grain": "hour",
        "zone": "Europe/Berlin",
        "date_given": False,
        "time_given": True,
        "past": False,
    }
    assert info("tomorrow")["date_given"] and not info("tomorrow")["time_given"]
    assert info("tomorrow at 7")["date_given"] and info("tomorrow at 7")["time_given"]
    assert info("in 20 minutes")["date_given"] and info("in 20 minutes")["time_given"]
    assert info("this morning")["past"] and not info("this afternoon")["past"]
    assert info("yesterday")["past"] and not info("today")["past"]
    assert info("today at 2")["past"]
    assert info("an hour and a half") == {"unit": "hour", "amount": 1.5}
    assert info("every Friday evening") == {
        "start": "2026-11-20T18:00:00+01:00",
        "time_given": False,
        "zone": "Europe/Berlin",
        "part": "evening",
    }


def test_is_what_the_actions_read(extractor: ValueExtractor) -> None:
    def message(text: str) -> dict[str, Any]:
        return {"entities": entities_of(extractor, text)}

    (moment,) = values.times(message("Friday afternoon"))
    assert (moment.start.day, moment.start.hour) == (20, 12)
    assert moment.end and moment.end.hour == 18
    (opened,) = values.times(message("after 6pm"))
    assert (opened.start.hour, opened.end) == (18, None)
    (length,) = values.durations(message("an hour and a half"))
    assert length.total_seconds() == 5400
    (rule,) = values.recurrences(message("every weekday at 7"))
    assert (rule.rule, rule.start.hour) == ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 7)
    assert values.numbers(message("add 7 eggs")) == [7.0]
    assert values.ordinals(message("the last one")) == [-1]
    assert values.percentages(message("fifty percent")) == [50.0]
    assert values.measures(message("half a litre"), "amount") == [values.Measure(0.5, "litre")]
    assert values.impossible(message("at 25:00")) == [("at 25:00", "no_such_time")]


def test_whose_time_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extractor: ValueExtractor
) -> None:
    def zone(component: ValueExtractor, **metadata: Any) -> str:
        message = Message(data={"text": "tomorrow", "metadata": metadata})
        component.process([message])
        found: str = message.get("entities")[0]["additional_info"]["zone"]
        return found

    monkeypatch.setenv("PARLEY_TIMEZONE", "Asia/Tokyo")
    configured = create(tmp_path, timezone="America/New_York")

    assert zone(configured, timezone="Europe/Berlin") == "Europe/Berlin"
    assert zone(configured) == "America/New_York"
    assert zone(configured, timezone="Nowhere/At_All") == "America/New_York"
    assert zone(extractor) == "Asia/Tokyo"
    monkeypatch.delenv("PARLEY_TIMEZONE")
    assert zone(extractor)


@pytest.mark.parametrize("metadata", [None, {}, "web", {"reference_time": "soon"}])
def test_lives_with_odd_metadata(extractor: ValueExtractor, metadata: Any) -> None:
    message = Message(data={"text": "tomorrow", "metadata": metadata})

    extractor.process([message])

    assert [one["entity"] for one in message.get("entities")] == ["time"]


def test_month_before_day_where_configured(tmp_path: Path) -> None:
    american = create(tmp_path, date_order="month_day")

    assert [shorten(one) for one in entities_of(american, "on 3/4/2027")] == [
        "time 2027-03-04T00:00 day"
    ]
    assert [shorten(one) for one in entities_of(american, "on 24/12")] == [
        "time 2026-12-24T00:00 day"
    ]


def test_looks_for_what_is_configured(tmp_path: Path) -> None:
    numbers = create(tmp_path, dimensions=["number"])

    assert [shorten(one) for one in entities_of(numbers, "7 eggs in 20 minutes")] == [
        "number 7",
        "number 20",
    ]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("dimension", ["time"], "unknown key 'dimension'; did you mean 'dimensions'"),
        ("dimensions", ["times"], "'dimensions: times'"),
        ("dimensions", [], "'dimensions: []'"),
        ("dimensions", "time", "'dimensions: time'"),
        ("timezone", "Berlin", "'timezone: Berlin'"),
        ("date_order", "DMY", "'date_order: DMY'"),
        ("spacy_model", 7, "'spacy_model: 7'"),
        ("spacy_model", "no_such_model", "'spacy_model: no_such_model' cannot be loaded"),
        ("max_words", 0, "'max_words: 0'"),
        ("max_words", True, "'max_words: True'"),
    ],
)
def test_refuses_what_cannot_be_used(tmp_path: Path, key: str, value: Any, words: str) -> None:
    with pytest.raises(InvalidConfigException) as error:
        create(tmp_path, **{key: value})

    assert words in str(error.value)


def test_what_it_needs_can_be_imported() -> None:
    for name in ValueExtractor.required_packages():
        importlib.import_module(name)


def test_a_changed_helper_changes_the_fingerprint(tmp_path: Path) -> None:
    copy = tmp_path / "value_extraction"
    shutil.copytree(Path(component.__file__).parent, copy)
    before = fingerprint.source_digest(copy)
    addon = ValueExtractor.fingerprint_addon(dict(DEFAULT_CONFIG))
    assert addon and addon.startswith(before)

    (copy / "numbers.py").write_text("# another\n", encoding="utf-8")

    assert fingerprint.source_digest(copy) != before


def test_stands_behind_the_synonyms(extractor: ValueExtractor, tmp_path: Path) -> None:
    # What an annotated quantity "7" teaches the mapper.
    mapper = EntitySynonymMapper(
        EntitySynonymMapper.get_default_config(),
        LocalModelStorage(tmp_path),
        Resource("synonyms"),
        {"7": "7"},
    )
    behind = Message(data={"text": "add 7 eggs"})
    extractor.process(mapper.process([behind]))
    ahead = Message(data={"text": "add 7 eggs at 7 tomorrow"})
    mapper.process(extractor.process([ahead]))

    assert behind.get("entities")[0]["value"] == 7
    assert [one["value"] for one in ahead.get("entities")][0] == "7"


def test_survives_what_rasa_does_behind_it(extractor: ValueExtractor) -> None:
    message = Message(data={"text": "Friday afternoon", "intent": {"name": "ask"}})
    extractor.process([message])

    (handled,) = RegexMessageHandler().process([message])

    assert handled.get("entities") == message.get("entities")


def test_is_left_out_by_rasa_test_nlu(extractor: ValueExtractor) -> None:
    message = {"entities": entities_of(extractor, "add 7 eggs at 7")}

    _remove_entities_of_extractors(message, PRETRAINED_EXTRACTORS)

    assert message["entities"] == []


def test_a_trained_model_adds_what_the_grammar_leaves(tmp_path: Path) -> None:
    model = spacy.blank("en")
    ruler = model.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "DATE", "pattern": "Michaelmas"},
            {"label": "DATE", "pattern": "Dec-2027"},
            {"label": "DATE", "pattern": "tomorrow"},
            {"label": "ORG", "pattern": "Mon-Tech"},
        ]
    )
    model.to_disk(tmp_path / "model")
    trained = create(tmp_path / "storage", spacy_model=str(tmp_path / "model"))

    found = entities_of(trained, "tomorrow, Dec-2027 or Michaelmas, at Mon-Tech")

    assert [(one["text"], shorten(one)) for one in found] == [
        ("tomorrow", "time 2026-11-19T00:00 day"),
        ("Dec-2027", "time 2027-12-01T00:00>2028-01-01T00:00 month"),
    ]
    plain = ValueExtractor.fingerprint_addon({})
    assert ValueExtractor.fingerprint_addon({"spacy_model": str(tmp_path / "model")}) != plain


def test_pint_knows_every_unit() -> None:
    registry = pint.UnitRegistry()

    for unit in set(UNITS.values()):
        assert registry.parse_expression(unit).units


def test_currencies_are_codes() -> None:
    codes = {code for code, _ in CURRENCIES.values() if code}

    assert all(len(code) == 3 and code.isupper() for code in codes)


def check(component: ValueExtractor, text: str) -> None:
    """Holds what holds for any text."""
    found = entities_of(component, text)
    end = 0
    for one in found:
        assert one["start"] >= end
        end = one["end"]
        assert one["start"] < end <= len(text)
        assert text[one["start"] : end] == one["text"]
        assert one["extractor"] == "ValueExtractor"
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    message = {"entities": found}
    values.times(message)
    values.durations(message)
    values.recurrences(message)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text(extractor: ValueExtractor, text: str) -> None:
    check(extractor, text)


@settings(max_examples=1500, deadline=None)
@given(words=st.lists(st.sampled_from(SMALL) | st.sampled_from(WORDS), max_size=10))
def test_any_words_of_the_lexicon(extractor: ValueExtractor, words: list[str]) -> None:
    check(extractor, " ".join(words))


@settings(max_examples=300, deadline=None)
@given(
    case=st.sampled_from(cases.AT_THREE),
    cut=st.integers(0, 60),
    added=st.text(max_size=3),
)
def test_cases_cut_and_changed(
    extractor: ValueExtractor, case: cases.Case, cut: int, added: str
) -> None:
    text = case[0]
    check(extractor, text[:cut] + added + text[cut:])


@settings(max_examples=300, deadline=None)
@given(st.datetimes(), st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]))
def test_any_reference_time(extractor: ValueExtractor, moment: Any, zone: str) -> None:
    for text in ("at seven", "from 9 to 5", "next Friday", "the 31st", "every month at 7", "2/29"):
        found = entities_of(extractor, text, moment.isoformat(), zone)
        assert len(found) == 1


def test_a_very_long_message(tmp_path: Path) -> None:
    component = create(tmp_path, max_words=2001)
    long = " ".join(["at seven tomorrow"] * 1700)

    found = entities_of(component, long)

    assert len(found) == 667
    assert all(one["entity"] == "time" for one in found)
