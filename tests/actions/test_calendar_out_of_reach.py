"""A calendar that is away, or not one's own, in talks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.actions.calendar_talk import CalendarTalk
from tests.actions.conftest import Talk


async def test_a_calendar_that_is_away(
    ann: CalendarTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocker").write_text("", encoding="utf-8")
    monkeypatch.setenv("PARLEY_CALENDAR", str(tmp_path / "blocker" / "calendars"))
    for text, intent in [
        ("add dentist on Monday at 10", "add_event"),
        ("what about the dentist on Monday?", "ask_calendar"),
        ("move the dentist to Thursday at 3", "move_event"),
        ("cancel the dentist", "cancel_event"),
    ]:
        said = await ann.say(text, intent, ("event", "dentist"))
        assert said == ["utter_calendar_unavailable"]
        assert ann.talk.tracker().active_loop_name is None


async def test_somebody_elses_calendar(
    ann: CalendarTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_CALENDAR", str(tmp_path / "home.ics"))
    monkeypatch.setenv("PARLEY_CALENDAR_OWNERS", "eve")
    said = await ann.say("add dentist on Monday at 10", "add_event", ("event", "dentist"))
    assert said == ["utter_calendar_not_yours"]
    assert not list(tmp_path.rglob("*.ics"))


async def test_nobody_sees_anothers_events(ann: CalendarTalk, new_talk: Any) -> None:
    await ann.put("dentist", "2026-11-23 14:00")
    talk: Talk = new_talk()
    bob = CalendarTalk(talk, "bob")
    assert await bob.events() == []
