"""Stories and rules as sequences of intents and actions."""

from __future__ import annotations

from insight.training_data.elements import Place, Story, StoryStep, TrainingData
from insight.training_data.nodes import (
    Node,
    entries,
    fields,
    is_null,
    items,
    line_of,
    named,
    plain,
    scalar,
)

_UNSAID = "action_listen"


def read_stories(node: Node | None, file: str, data: TrainingData, *, is_rule: bool) -> None:
    """Reads the list below `stories:` or `rules:`."""
    for item in items(node):
        parts = fields(item)
        name = parts.get("rule" if is_rule else "story")
        if name is None:
            data.unreadable.append(f"{file}:{line_of(item)}: this {_kind(is_rule)} has no name")
            continue
        story = Story(scalar(name), is_rule, Place(file, line_of(name)))
        story.waits = scalar(parts.get("wait_for_user_input")).lower() != "false"
        for condition in items(parts.get("condition")):
            _note(condition, story)
        _read_steps(parts.get("steps"), story)
        data.stories.append(story)


def _read_steps(node: Node | None, story: Story) -> None:
    part: list[StoryStep] = []
    loop = ""
    for step in items(node):
        told = fields(step)
        _note(step, story)
        if "checkpoint" in told:
            story.parts.append(part)
            part = []
        elif "or" in told:
            options = [fields(option) for option in items(told["or"])]
            names = frozenset(_intent(option) for option in options if "intent" in option)
            if names or any("user" in option for option in options):
                part.append(StoryStep(True, names))
        elif "intent" in told:
            part.append(StoryStep(True, frozenset({_intent(told)})))
        elif "user" in told:
            part.append(StoryStep(True, frozenset()))
        elif "action" in told and scalar(told["action"]) != _UNSAID:
            part.append(StoryStep(False, frozenset({scalar(told["action"])})))
        elif "active_loop" in told:
            loop = "" if is_null(told["active_loop"]) else scalar(told["active_loop"])
        _drop_filling(part, loop)
    story.parts.append(part)


def _drop_filling(part: list[StoryStep], loop: str) -> None:
    """Takes out a turn that only fills the active form, as it is taken out of conversations."""
    if loop and len(part) > 2 and part[-1] == StoryStep(False, frozenset({loop})):
        own = part[-2].is_intent and any(loop in step.names for step in part[:-2])
        if own:
            del part[-2:]


def _intent(told: dict[str, Node]) -> str:
    # Conversations know a retrieval intent by what stands before the slash.
    return scalar(told["intent"]).split("/")[0]


def _note(step: Node, story: Story) -> None:
    for key, _, value in entries(step):
        if key == "slot_was_set":
            story.slots.update(name for name, _, _ in named(value))
            if isinstance(found := plain(value), dict):
                story.slots.update(found)
        elif key == "active_loop" and not is_null(value):
            story.loops.add(scalar(value))
        elif key == "or":
            for option in items(value):
                _note(option, story)


def _kind(is_rule: bool) -> str:
    return "rule" if is_rule else "story"
