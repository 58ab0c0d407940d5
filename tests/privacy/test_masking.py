"""Masked copies: of events, for a broker and the stored tracker; and of every line of a log."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from rasa.core.brokers.file import FileEventBroker
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from actions.settings import SettingsError
from privacy.masking import event_masker, export_masker
from privacy.settings import MaskingSettings, read_masking_settings
from scripts.project import ROOT
from tests.privacy.conftest import Kept

NUMBER = "+49 30 901820"
SAID = f"call {NUMBER} at seven, and write to anna@example.com"


def uttered() -> dict[str, Any]:
    """A message as Rasa keeps it, with what was read out of it."""
    start = SAID.index(NUMBER)
    parsed = {
        "text": SAID,
        "intent": {"name": "set_reminder", "confidence": 0.9876543210123456},
        "entities": [
            {"entity": "reminder_text", "value": f"call {NUMBER}", "start": 0, "end": start + 13},
            {
                "entity": "number",
                "value": 4930901820,
                "start": start,
                "end": start + len(NUMBER),
                "additional_info": {"value": 4930901820},
            },
            {"entity": "time", "value": "19:00", "start": SAID.index("at"), "end": 27},
        ],
        "text_tokens": [[0, 4]],
    }
    event = UserUttered(SAID, parsed["intent"], parsed["entities"], parsed).as_dict()
    return {**event, "timestamp": 1732227529.1234, "message_id": "4930901820", "others": 4930901820}


def test_nothing_of_a_masked_text_is_left_in_what_was_read_out_of_it() -> None:
    event = uttered()
    masked = event_masker()(event)
    told = json.dumps({key: value for key, value in masked.items() if key != "message_id"})
    assert "901820" not in told and "anna@" not in told
    assert masked["text"] == "call [phone] at seven, and write to [email]"
    assert masked["parse_data"]["entities"][0]["value"] == "[phone]"
    assert masked["parse_data"]["entities"][1]["value"] == "[phone]"
    time = masked["parse_data"]["entities"][2]
    assert (time["value"], masked["text"][time["start"] :][:2]) == ("19:00", "at")
    # What tells events apart stays.
    assert (masked["timestamp"], masked["message_id"]) == (event["timestamp"], "4930901820")
    assert masked["parse_data"]["intent"] == event["parse_data"]["intent"]
    assert SAID in json.dumps(event), "the original is not touched"


def test_an_event_without_personal_data_stays_as_it_is() -> None:
    event = UserUttered("add milk", {"name": "add_items"}, [], {"text": "add milk"}).as_dict()
    assert event_masker()(event) == event


def test_a_broker_is_told_masked_events_and_the_tracker_keeps_the_words(kept: Kept) -> None:
    told = kept.folder / "events.log"
    store = kept.tracker_store(event_broker=FileEventBroker(path=str(told)))
    tracker = DialogueStateTracker("ann", [AnySlot("said", [{}])])
    tracker.update_with_events(
        [UserUttered.from_parameters(uttered()), SlotSet("said", SAID)], Domain.empty()
    )
    asyncio.run(store.save(tracker))
    assert SAID in json.dumps(asyncio.run(store.retrieve("ann")).current_state(), default=str)
    assert "set_reminder" in told.read_text() and "[phone]" in told.read_text()
    # The message's id stays, which looks like the number here.
    assert "901820" not in told.read_text().replace('"message_id": "4930901820"', "")
    store.engine.dispose()


def test_the_stored_tracker_is_masked_if_so_wanted(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_REDACT", "tracker")
    store = kept.tracker_store()
    tracker = DialogueStateTracker("ann", [AnySlot("said", [{}])])
    tracker.update_with_events([UserUttered(SAID), SlotSet("said", SAID)], Domain.empty())
    asyncio.run(store.save(tracker))
    assert tracker.latest_message is not None and tracker.latest_message.text == SAID
    stored = asyncio.run(store.retrieve("ann"))
    assert [e.text for e in stored.events if isinstance(e, UserUttered)] == [
        "call [phone] at seven, and write to [email]"
    ]
    # The next turn adds its own events, and no others.
    stored.update(UserUttered("thanks"))
    asyncio.run(store.save(stored))
    assert len(asyncio.run(store.retrieve("ann")).events) == 3
    store.engine.dispose()
    content = b"".join(kept.everything().values())
    assert b"901820" not in content and b"anna@" not in content


LOGGING = f"""
import logging, sys
from privacy.log_masking import install_log_masking
install_log_masking()
install_log_masking()
from rasa.utils.log_utils import configure_structlog
configure_structlog(logging.DEBUG)
import structlog
logger = logging.getLogger("a")
logger.warning("by %s", "{NUMBER}")
logger.warning("in words {SAID}")
logger.warning("more %(who)s", {{"who": "anna@example.com"}})
try:
    raise ValueError("broken: {SAID}")
except ValueError:
    logger.exception("an exception")
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("later %(message)s %(extra)s"))
late = logging.getLogger("b")
late.addHandler(handler)
late.warning("x", extra={{"extra": "{NUMBER}"}})
structlog.get_logger().info("event", text="two\\n{NUMBER}\\nlines", nested=[{{"n": "{NUMBER}"}}])
structlog.get_logger().info("object", thing=type("T", (), {{"__repr__": lambda s: "{NUMBER}"}})())
"""


@pytest.mark.parametrize("places", ["", "exports", "none"])
def test_every_line_of_a_log_is_masked(places: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGGING],
        env={**os.environ, "PARLEY_REDACT": places},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    lines = [line for line in told.splitlines() if "901820" in line or "[phone]" in line]
    assert len(lines) >= 6, told
    if places:
        assert "[phone]" not in told and "anna@example.com" in told
    else:
        assert "901820" not in told and "anna@" not in told


def test_exports_are_masked_unless_that_is_not_wanted() -> None:
    assert export_masker(MaskingSettings())(SAID) == "call [phone] at seven, and write to [email]"
    assert export_masker(MaskingSettings(frozenset()))(SAID) == SAID


def test_places_are_read() -> None:
    assert read_masking_settings({}).places == {"logs", "exports", "events"}
    assert read_masking_settings({"PARLEY_REDACT": "logs, tracker"}).places == {"logs", "tracker"}
    assert read_masking_settings({"PARLEY_REDACT": "none"}).places == set()
    with pytest.raises(SettingsError, match="'log' is none of"):
        read_masking_settings({"PARLEY_REDACT": "log"})
