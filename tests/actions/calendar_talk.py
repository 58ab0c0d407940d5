"""Whole talks about the calendar without a model: Rasa's form loop, in a few lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from actions.calendar import ActionAddEvent, ActionCancelEvent, ActionMoveEvent
from actions.calendar_asking import ActionAskCalendar
from actions.calendar_forms import (
    ValidateAddEventForm,
    ValidateCancelEventForm,
    ValidateMoveEventForm,
)
from actions.calendar_objects import new_event, occurrences
from actions.calendar_questions import ActionAskConfirmEvent, ActionAskEventWhen
from actions.choosing import ActionChoose
from actions.clients.calendar import ask_calendar
from actions.correcting import ActionCorrect
from actions.undo import ActionUndo
from tests.actions.conftest import USER, Talk
from tests.actions.hearing import NOW, hear

BERLIN = ZoneInfo("Europe/Berlin")

FORMS: dict[str, tuple[Any, Any]] = {
    "add_event_form": (ValidateAddEventForm, ActionAddEvent),
    "move_event_form": (ValidateMoveEventForm, ActionMoveEvent),
    "cancel_event_form": (ValidateCancelEventForm, ActionCancelEvent),
}
QUESTIONS: dict[str, Any] = {
    "event_when": ActionAskEventWhen,
    "confirm_event": ActionAskConfirmEvent,
}
ACTIONS: dict[str, Any] = {
    "ask_calendar": ActionAskCalendar,
    "undo": ActionUndo,
    "correct": ActionCorrect,
    "choose": ActionChoose,
}


class CalendarTalk:
    """Somebody's talk; each message goes the way that Rasa's rules and forms give it."""

    def __init__(self, talk: Talk, sender: str = USER) -> None:
        """Begins with an empty calendar, unless there is one."""
        self.talk = talk
        self.sender = sender
        self.said: list[str] = []
        self.filled: list[dict[str, Any]] = []

    async def say(
        self, text: str, intent: str, *entities: tuple[str, str], at: str = NOW
    ) -> list[str]:
        """Says something; returns the responses."""
        self.said, self.filled = [], []
        hear(self.talk, text, intent, *entities, at=at)
        await self._go_on(intent)
        self.talk.bot("action_listen")
        return self.said

    @property
    def requested(self) -> Any:
        """What the form has asked for."""
        return self.talk.tracker().get_slot("requested_slot")

    async def put(self, title: str, start: str, end: str | None = None, **more: Any) -> None:
        """Puts an event into the calendar, past the talk: times as "2026-11-27 19:00"."""
        begins = datetime.fromisoformat(start).replace(tzinfo=BERLIN)
        ends = (
            datetime.fromisoformat(end).replace(tzinfo=BERLIN)
            if end
            else begins.replace(hour=begins.hour + 1)
        )
        uid, text = new_event(title, begins, ends, **more)
        await ask_calendar(self.sender, lambda calendar: calendar.write(uid, text, None))

    async def events(self, last: str = "2027-12-31") -> list[str]:
        """What is in the calendar: "2026-11-27 19:00-20:00 dinner with Anna"."""
        start = datetime(2026, 11, 1, tzinfo=BERLIN)
        end = datetime.fromisoformat(last).replace(tzinfo=BERLIN)
        found = await ask_calendar(
            self.sender,
            lambda calendar: occurrences(calendar.objects(start, end), start, end, BERLIN),
        )
        return [
            f"{e.start:%Y-%m-%d} {e.title}"
            if e.all_day
            else f"{e.start:%Y-%m-%d %H:%M}-{e.end:%H:%M} {e.title}"
            for e in found
        ]

    async def _go_on(self, intent: str) -> None:
        form = self.talk.tracker().active_loop_name
        started = f"{intent}_form"
        if started in FORMS and started != form:
            self.talk.form(started)
            form = started
        if form in FORMS and await self._fill(str(form)):
            return
        if intent in ACTIONS:
            await self._act(ACTIONS[intent]())

    async def _fill(self, form: str) -> bool:
        """Lets the form take the message; whether it was an answer."""
        validation, action = FORMS[form]
        slots = await self.talk.run(validation())
        self._hear_said()
        if not slots:
            return False
        for name, value in slots.items():
            self.talk.slot(name, value)
        tracker = self.talk.tracker()
        required = self.talk.domain["forms"][form]["required_slots"]
        missing = next((name for name in required if tracker.get_slot(name) is None), None)
        if "requested_slot" in slots:
            missing = slots["requested_slot"]
        self.talk.slot("requested_slot", missing)
        if missing is None:
            self.talk.form(None)
            await self._act(action())
        elif missing in QUESTIONS:
            await self._act(QUESTIONS[missing]())
        else:
            self.said.append(f"utter_ask_{missing}")
        return True

    async def _act(self, action: Any) -> None:
        await self.talk.run(action)
        self._hear_said()
        for event in self.talk.returned:
            self.talk.events.append(event)
            if event["event"] == "user":
                event["metadata"] = {"reference_time": NOW, "timezone": str(BERLIN)}
                await self._go_on(event["parse_data"]["intent"]["name"])

    def _hear_said(self) -> None:
        self.said += self.talk.said
        self.filled += [dict(message) for message in self.talk.dispatcher.messages]
        self.talk.dispatcher.messages.clear()


async def fill(ann: CalendarTalk) -> None:
    await ann.put("standup", "2026-11-23 09:00", "2026-11-23 09:15")
    await ann.put("dentist appointment", "2026-11-23 14:00")
    await ann.put("yoga", "2026-11-24 18:00", rule="FREQ=WEEKLY;BYDAY=TU")
    await ann.put("Lena's birthday", "2026-11-25", "2026-11-26", all_day=True)
