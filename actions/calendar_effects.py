"""What the calendar skill changes, how it notes that, and how it is taken back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.calendar_objects import Event, ObjectError, moved, without
from actions.calendar_times import When
from actions.clients.calendar import CHANGED, NOT_YOURS, UNCERTAIN, Calendar, CalendarError
from actions.clients.calendar import ask_calendar as ask
from actions.effects import LAST_EFFECT, note_effect

logger = logging.getLogger(__name__)

SKILL = "calendar"


@dataclass(frozen=True)
class Change:
    """What became of an object of the calendar."""

    uid: str
    before: str | None
    after: str | None


def move(calendar: Calendar, event: Event, when: When) -> list[Change]:
    """Moves an event, or one occurrence of a series; blocks.

    Raises:
        CalendarError: If it could not be done, or the event is not as it was.
    """
    return [_edit(calendar, event, when, series=False)]


def cancel(calendar: Calendar, events: Sequence[Event], *, series: bool) -> list[Change]:
    """Takes events out of the calendar, all or none; blocks.

    Raises:
        CalendarError: If it could not be done, or an event is not as it was.
    """
    done: list[Change] = []
    try:
        for event in events:
            done.append(_edit(calendar, event, None, series=series))
    except CalendarError:
        take_back(calendar, done)
        raise
    return done


def take_back(calendar: Calendar, changes: Iterable[Change]) -> None:
    """Puts back what was before changes, the last one first; blocks.

    Raises:
        CalendarError: If it could not be done, or somebody has changed it since.
    """
    for change in reversed(list(changes)):
        calendar.write(change.uid, change.before, change.after)


def _edit(calendar: Calendar, event: Event, when: When | None, *, series: bool) -> Change:
    before = calendar.object(event.uid)
    if before is None:
        raise CalendarError("The event is gone.", CHANGED)
    try:
        if when is None:
            after = without(before, event, series=series)
        else:
            after = moved(before, event, when.start, when.end, all_day=when.all_day)
    except ObjectError as error:
        raise CalendarError(str(error), CHANGED) from None
    calendar.write(event.uid, after, before)
    return Change(event.uid, before, after)


def note_calendar(
    what: str,
    titles: str,
    changes: Sequence[Change],
    intent: str,
    entities: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """The event that notes a change of the calendar.

    Args:
        what: "added", "moved" or "cancelled".
        titles: What it was done to, as it is said.
        changes: What became of which objects.
        intent: What the user wanted.
        entities: How it would be said in one message.
    """
    undo = {"what": what, "titles": titles, "changes": [asdict(change) for change in changes]}
    return note_effect(SKILL, undo, intent, entities)


async def undo_calendar(
    dispatcher: CollectingDispatcher, tracker: Tracker, undo: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Puts the calendar back to what it was, and says so."""
    changes = [Change(**change) for change in undo["changes"]]
    try:
        await ask(tracker.sender_id, lambda calendar: take_back(calendar, changes))
    except CalendarError as error:
        say_out_of_reach(dispatcher, error.reason)
        logger.error("Nothing is taken back in the calendar: %s", error)
        # It can be taken back later, unless somebody has been at it.
        effect = None if error.reason == CHANGED else tracker.get_slot(LAST_EFFECT)
        return [SlotSet(LAST_EFFECT, effect)]
    titles = undo["titles"]
    if undo["what"] == "added":
        dispatcher.utter_message(response="utter_event_taken_back", events=titles)
    else:
        dispatcher.utter_message(response="utter_event_put_back", events=titles)
    return []


def say_out_of_reach(dispatcher: CollectingDispatcher, reason: str) -> None:
    """Says why the calendar did not do it."""
    if reason == UNCERTAIN:
        dispatcher.utter_message(response="utter_calendar_uncertain")
    elif reason == CHANGED:
        dispatcher.utter_message(response="utter_event_changed")
    elif reason == NOT_YOURS:
        dispatcher.utter_message(response="utter_calendar_not_yours")
    else:
        dispatcher.utter_message(response="utter_calendar_unavailable")
