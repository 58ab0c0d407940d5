"""What is said after devices were told something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.home_control import DONE, OTHERWISE, SILENT, UNREPORTED, UNSENT, Outcome
from actions.home_devices import Home
from actions.home_speaking import be, name_all, tell_setting, tell_settings, tell_state, the
from actions.home_wishes import CannotError, OverLimitError, UnknownStateError
from actions.speaking import join, speak_name


def say_outcomes(
    dispatcher: CollectingDispatcher, outcomes: Sequence[Outcome], colour: str | None = None
) -> None:
    """Says what was done, and of each device that did not do it, why."""
    done = _with(outcomes, DONE)
    if done:
        dispatcher.utter_message(response="utter_home_done", done=tell_settings(done, colour))
    if unreported := _with(outcomes, UNREPORTED):
        names = name_all(o.device for o in unreported)
        wanted = _wanted(unreported)
        dispatcher.utter_message(response="utter_home_unreported", devices=names, what=wanted)
    if silent := _with(outcomes, SILENT):
        names = name_all(o.device for o in silent)
        if any(o.after.available is False for o in silent):
            dispatcher.utter_message(response="utter_home_offline", devices=names)
        else:
            dispatcher.utter_message(response="utter_home_silent", devices=names)
    if otherwise := _with(outcomes, OTHERWISE):
        told = [f"{the(o.device)} is {tell_state(o.device, o.after)}" for o in otherwise]
        dispatcher.utter_message(response="utter_home_otherwise", states=join(told))
    unsent = _with(outcomes, UNSENT)
    if lost := [o for o in unsent if o.problem is None]:
        names = name_all(o.device for o in lost)
        dispatcher.utter_message(response="utter_home_unsent", devices=names)
    _say_problems(dispatcher, unsent, something_done=len(unsent) < len(outcomes))


def say_restored(dispatcher: CollectingDispatcher, outcomes: Sequence[Outcome]) -> None:
    """Says what was put back to what it was."""
    if done := [o for o in outcomes if o.result in (DONE, UNREPORTED)]:
        dispatcher.utter_message(response="utter_home_restored", states=tell_settings(done))
    rest = [o for o in outcomes if o.result not in (DONE, UNREPORTED)]
    if rest:
        say_outcomes(dispatcher, rest)


def say_problem(
    dispatcher: CollectingDispatcher,
    problem: Mapping[str, Any],
    home: Home,
    most: int | None = None,
) -> None:
    """Says what was not understood before anything was done; names so many devices at most."""
    what = problem.get("what")
    if what == "unknown":
        dispatcher.utter_message(
            response="utter_home_unknown",
            name=speak_name(str(problem["name"])),
            devices=join([speak_name(device.name) for device in home.devices], most),
        )
    elif what == "nowhere":
        room, kind = str(problem["room"]), str(problem["kind"])
        where = f"in the {speak_name(room)}" if room else "in this house"
        dispatcher.utter_message(
            response="utter_home_nowhere",
            kind=kind,
            where=where,
            rooms=join([speak_name(name) for name in home.rooms]) or "none with a name",
        )
    elif what == "volume":
        dispatcher.utter_message(response="utter_no_volume")
    else:
        dispatcher.utter_message(response="utter_home_nothing_in_talk")


def _say_problems(
    dispatcher: CollectingDispatcher, outcomes: Iterable[Outcome], *, something_done: bool
) -> None:
    """Says what devices cannot; of a group in which others could, in one sentence."""
    cannot: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        problem = outcome.problem
        if isinstance(problem, OverLimitError):
            dispatcher.utter_message(
                response="utter_home_over_limit",
                device=the(outcome.device),
                least=f"{problem.limit.least:g}",
                most=f"{problem.limit.most:g}",
                unit=problem.unit,
            )
        elif isinstance(problem, UnknownStateError):
            dispatcher.utter_message(
                response="utter_home_state_unknown", device=the(outcome.device)
            )
        elif isinstance(problem, CannotError):
            cannot.setdefault(problem.what, []).append(outcome)
    for what, those in cannot.items():
        names = name_all(outcome.device for outcome in those)
        dispatcher.utter_message(
            response="utter_home_cannot_some" if something_done else "utter_home_cannot",
            devices=names,
            what=what,
        )


def _wanted(outcomes: Sequence[Outcome]) -> str:
    told = [tell_setting(o.device, o.setting) for o in outcomes if o.setting is not None]
    return f"{be(len(outcomes))} {join(list(dict.fromkeys(told)))}"


def _with(outcomes: Sequence[Outcome], result: str) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.result == result]
