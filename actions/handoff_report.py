"""What a person is told who takes a conversation over: a summary, and what was said last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Tracker

from actions.mood_course import follow
from actions.reading import intent_of

MOST_LINES = 30
"""Of the transcript, the latest: what both have said in some fifteen turns."""

LONGEST_LINE = 500
"""Characters of a line; what is longer is cut, and says so."""

MOST_INTENTS = 5

_NOT_WHAT_IS_WANTED = frozenset({"", "affirm", "deny", "ask_human", "complain", "nlu_fallback"})


@dataclass(frozen=True)
class Line:
    """Something that was said."""

    who: str
    """`user` or `parley`."""

    text: str
    at: str
    """ISO 8601, in UTC."""


@dataclass(frozen=True)
class Report:
    """A conversation, as it is handed to a person."""

    conversation: str
    """Rasa's id of the conversation: who it is with, and what it is handed back by."""

    channel: str
    since: str
    """When the user began, ISO 8601 in UTC."""

    mood: str
    """The course of the mood: `steady`, `souring`, `angry` or `recovered`."""

    doing: str
    """What was under way last, in a few words; empty if nothing was."""

    wanted: Sequence[str]
    """The user's last intents, the latest at the end."""

    transcript: Sequence[Line]
    left_out: int
    """How many earlier lines the transcript leaves out."""

    def as_json(self) -> dict[str, Any]:
        """The report in plain JSON."""
        return {**asdict(self), "wanted": list(self.wanted)}


def report_on(tracker: Tracker, mask: Callable[[str], str] = str) -> Report:
    """Sums up the session of a tracker.

    Args:
        tracker: The conversation.
        mask: What becomes of each line before it is cut; personal data may be masked.
    """
    events = tracker.events
    users = [event for event in events if event.get("event") == "user"]
    lines = [line for event in events if (line := _line(event, mask)) is not None]
    wanted: list[str] = []
    for event in users:
        intent = intent_of(event.get("parse_data") or {})
        if intent not in _NOT_WHAT_IS_WANTED and wanted[-1:] != [intent]:
            wanted.append(intent)
    return Report(
        conversation=tracker.sender_id,
        channel=str(tracker.get_latest_input_channel() or "unknown"),
        since=_at(users[0]) if users else "",
        mood=follow(events).course,
        doing=_doing(events),
        wanted=wanted[-MOST_INTENTS:],
        transcript=lines[-MOST_LINES:],
        left_out=max(0, len(lines) - MOST_LINES),
    )


def _line(event: Mapping[str, Any], mask: Callable[[str], str]) -> Line | None:
    text = str(event.get("text") or "")
    kind = event.get("event")
    # What has no id was said by Parley on the user's behalf: it is there already.
    said = kind == "bot" or (kind == "user" and event.get("message_id", "") is not None)
    if not said or not text:
        return None
    text = mask(text)
    if len(text) > LONGEST_LINE:
        text = f"{text[:LONGEST_LINE]} […]"
    return Line("user" if kind == "user" else "parley", text, _at(event))


def _doing(events: Sequence[Mapping[str, Any]]) -> str:
    """The form that is active, or that was left in order to ask for a person."""
    form, last_action = "", ""
    for event in events:
        kind = event.get("event")
        if kind == "action" and event.get("name") != "action_listen":
            last_action = str(event.get("name"))
            form = "" if last_action == "action_drop_suggestion" else form
        elif kind == "active_loop" and event.get("name"):
            form = str(event["name"])
        elif kind == "active_loop" and last_action != "action_offer_person":
            form = ""
    return form.removesuffix("_form").replace("_", " ")


def _at(event: Mapping[str, Any]) -> str:
    moment = datetime.fromtimestamp(float(event.get("timestamp") or 0), timezone.utc)
    return moment.isoformat(timespec="seconds")
