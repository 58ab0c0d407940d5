"""Conversations written down in YAML: how they are read, and held against the running bot.

```yaml
- conversation: what it shows
  at: "2026-11-20T15:00:00"     # optional: the moment at which it takes place
  timezone: Europe/Berlin       # optional, with it
  turns:
    - you: add milk to the shopping list
      as: bob                   # optional: another person; the first is "ann"
      at: "2026-11-20T15:20:00" # optional: the moment of this turn and of those after it
      do: {mosquitto: stop}     # optional, before it is said: a service and what happens to it
      parley: milk              # a pattern, or several, each of which the replies must hold
      never: eggs               # optional: patterns that they must not hold
      buttons: ["Yes", "No"]    # optional: the titles of the last reply's buttons
    - press: "Yes"              # instead of `you`: a button below the replies before
      effects:                  # optional: what really changed, by skill (effects.py)
        lists: {shopping: [milk]}
```

Patterns are regular expressions, searched in the replies' texts, joined by line breaks; case does
not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from tests.conversations.conftest import Assistant
from tests.conversations.effects import EFFECTS

FOLDER = Path(__file__).parent / "written"

_TURN_KEYS = {"you", "press", "as", "at", "do", "parley", "never", "buttons", "effects"}


@dataclass(frozen=True)
class Conversation:
    """One conversation of a file."""

    name: str
    skill: str
    turns: list[dict[str, Any]]
    metadata: dict[str, str]
    """What each of its messages carries: `reference_time`, `timezone`."""


def read(folder: Path = FOLDER) -> Iterator[Conversation]:
    """Reads all conversations of a folder, a file for each skill.

    Raises:
        ValueError: If a turn has a key that means nothing.
    """
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            for turn in entry["turns"]:
                if unknown := set(turn) - _TURN_KEYS:
                    raise ValueError(f"{path.name}: {entry['conversation']}: {unknown}")
            metadata = {"reference_time": entry.get("at"), "timezone": entry.get("timezone")}
            yield Conversation(
                name=entry["conversation"],
                skill=path.stem,
                turns=entry["turns"],
                metadata={key: value for key, value in metadata.items() if value},
            )


def hold(conversation: Conversation, assistant: Assistant) -> None:
    """Has the conversation, and compares each turn with what is written.

    Raises:
        AssertionError: With the whole talk so far, where a turn went otherwise.
    """
    people: dict[str, str] = {}
    so_far: list[str] = []
    replies: list[dict[str, Any]] = []
    metadata = dict(conversation.metadata)
    try:
        for turn in conversation.turns:
            person = turn.get("as", "ann")
            sender = people.setdefault(person, f"{person}-{uuid4().hex[:8]}")
            for service, what in (turn.get("do") or {}).items():
                getattr(assistant.services[service], what)()
            if "at" in turn:
                metadata["reference_time"] = str(turn["at"])
            words = _pressed(turn["press"], replies) if "press" in turn else str(turn["you"])
            replies = assistant.say(sender, words, metadata)
            said = "\n".join(str(reply.get("text") or "") for reply in replies)
            so_far += [f"{person}: {words}", f"  parley: {said}"]
            _compare(turn, replies, said, "\n".join(so_far))
            for skill, expected in (turn.get("effects") or {}).items():
                EFFECTS[skill](assistant, sender, expected)
    finally:
        for service in assistant.services.values():
            service.start()


def _compare(turn: dict[str, Any], replies: list[dict[str, Any]], said: str, talk: str) -> None:
    for pattern in _several(turn.get("parley")):
        assert re.search(pattern, said, re.IGNORECASE), f"no {pattern!r} in the last of:\n{talk}"
    for pattern in _several(turn.get("never")):
        assert not re.search(pattern, said, re.IGNORECASE), f"{pattern!r} in the last of:\n{talk}"
    if "buttons" in turn:
        titles = [button["title"] for button in replies[-1].get("buttons") or ()]
        assert titles == turn["buttons"], talk


def _pressed(title: str, replies: list[dict[str, Any]]) -> str:
    """What the button of that title says."""
    buttons = [button for reply in replies for button in reply.get("buttons") or ()]
    payloads = {str(button["title"]): str(button["payload"]) for button in buttons}
    assert title in payloads, f"no button {title!r} among {list(payloads)}"
    return payloads[title]


def _several(patterns: Any) -> list[str]:
    return [] if patterns is None else [patterns] if isinstance(patterns, str) else list(patterns)
