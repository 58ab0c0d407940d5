"""Events as objects: fingerprints, slots."""

from __future__ import annotations

import re

import pytest

from actions.calendar_objects import Event, ObjectError, fingerprint, moved, new_event
from tests.actions.calendar_contents import BERLIN, at


def test_a_fingerprint_is_of_what_an_event_is() -> None:
    _, text = new_event("dentist", at(26, 9), at(26, 10))
    stamped = re.sub(r"DTSTAMP:.*", "DTSTAMP:20200101T000000Z", text)
    assert fingerprint(stamped) == fingerprint(text)
    assert fingerprint(text.replace("dentist", "doctor")) != fingerprint(text)


def test_an_event_that_is_not_in_its_object() -> None:
    _, text = new_event("dentist", at(26, 9), at(26, 10))
    other = Event("other", "dentist", at(26, 9), at(26, 10))
    with pytest.raises(ObjectError):
        moved(text, other, at(27, 9), at(27, 10), all_day=False)


def test_an_event_in_a_slot_is_the_event() -> None:
    event = Event("uid", "dentist", at(26, 9), at(26, 10), occurrence=at(26, 9).isoformat())
    assert Event.from_json(event.to_json(), BERLIN) == event
