"""Where a new story or rule contradicts those that are there, and both places side by side.

The finders are Rasa's own: what `rasa data validate` says of stories, and what a training says of
rules. They are asked about what is new alone, and what they find is told with file and line.
"""

from __future__ import annotations

import re
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.policies.rule_policy import RULE_ONLY_SLOTS, RulePolicy
from rasa.core.training.story_conflict import find_story_conflicts
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter

_RULE_MESSAGE = re.compile(
    r"- the prediction of the action '(?P<action>.+?)' in (?P<kind>rule|story) '(?P<name>.+?)' "
    r"is contradicting with rule\(s\) '(?P<rules>.+?)'(?: which predicted action "
    r"'(?P<predicted>.+?)')?\.$",
    re.S,
)
_AFTER = re.compile(r"Story structure conflict (?P<where>.+?):")
_ENTRY = re.compile(r"(?P<indent> *)- (?:story|rule): *(?P<name>.*?)\s*$")


class DialogueDataError(Exception):
    """Stories and rules cannot be read; the message says why."""


@dataclass(frozen=True)
class Place:
    """A story or rule in a file."""

    name: str
    file: str
    line: int
    text: tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """Two that want different actions in one and the same situation."""

    words: str
    new: Place
    old: Place | None
    """None where it is not in the files: Rasa's own default rules, for example."""


class DialogueData:
    """Stories and rules of a project, and what is to be added to them."""

    def __init__(self, root: Path, max_history: int | None) -> None:
        """Keeps where they are.

        Args:
            root: The project's folder.
            max_history: Turns that policies look back at.
        """
        self._root = root
        self._max_history = max_history
        self._policy, _ = self._trained(self._trackers(None))

    @property
    def domain(self) -> Domain:
        """The project's domain, as training would have it."""
        return self._domain

    @property
    def rule_only_slots(self) -> frozenset[str]:
        """Slots that only rules mention."""
        return frozenset(self._policy.lookup.get(RULE_ONLY_SLOTS, ()))

    def conflicts(self, new: Path, names: Sequence[str]) -> list[Conflict]:
        """What contradicts what is new.

        Args:
            new: A file with it, outside of the project's data.
            names: Its stories and rules.

        Raises:
            DialogueDataError: They cannot be read together with what is there.
        """
        trackers = self._trackers(new)
        fresh = {name: place for name in names for place in [find_place(name, [new], new.parent)]}
        found = []
        stories = [one for one in trackers if not one.is_rule_tracker]
        for conflict in find_story_conflicts(stories, self._domain, self._max_history):
            found += list(self._of_stories(conflict, fresh))
        policy, rules = self._trained(trackers)
        policy._collect_rule_sources(rules, self._domain)
        # A new story concerns nobody's rules but its own; a new rule may concern every story.
        new_rule = any(_plain(one.sender_id) in fresh for one in rules)
        asked = [one for one in trackers if new_rule or _plain(one.sender_id) in fresh]
        messages, _ = policy._find_contradicting_and_used_in_stories_rules(asked, self._domain)
        for message in messages:
            found += list(self._of_rules(message, fresh))
        return list(dict.fromkeys(found))

    def _of_stories(self, conflict: Any, fresh: dict[str, Place | None]) -> Iterator[Conflict]:
        by_action = {
            action: [_plain(name) for name in conflict._conflicting_actions[action]]
            for action in conflict.conflicting_actions
        }
        where = _AFTER.match(str(conflict))
        situation = (
            where["where"].replace("at the beginning of stories", "in the beginning")
            if (where)
            else ""
        )
        for action, names in by_action.items():
            for name in (one for one in names if fresh.get(one) is not None):
                for other, theirs in by_action.items():
                    if other == action:
                        continue
                    told = next((one for one in theirs if one not in fresh), theirs[0])
                    place = fresh[name]
                    assert place is not None
                    yield Conflict(
                        f"{situation[:1].upper()}{situation[1:]} '{name}' goes on with {action}, "
                        f"and '{told}' with {other}.",
                        place,
                        self._find(told),
                    )

    def _of_rules(self, message: str, fresh: dict[str, Place | None]) -> Iterator[Conflict]:
        read = _RULE_MESSAGE.match(message)
        if read is None:
            return
        name, rules = _plain(read["name"]), [_plain(one) for one in read["rules"].split(", ")]
        told = f", which wants {read['predicted']}" if read["predicted"] else ""
        for rule in rules:
            if fresh.get(name) is not None or fresh.get(rule) is not None:
                mine = fresh.get(name) or fresh.get(rule)
                other = rule if fresh.get(name) is not None else name
                assert mine is not None
                yield Conflict(
                    f"{read['kind'].capitalize()} '{name}' goes on with {read['action']}; that "
                    f"contradicts rule '{rule}'{told}.",
                    mine,
                    self._find(other),
                )

    def _find(self, name: str) -> Place | None:
        files = sorted((self._root / "data").rglob("*.yml"))
        return find_place(name, files, self._root)

    def _trackers(self, new: Path | None) -> list[Any]:
        paths = [str(self._root / "data"), *([str(new)] if new else [])]
        try:
            importer = RasaFileImporter(
                domain_path=str(self._root / "domain.yml"), training_data_paths=paths
            )
            self._domain = importer.get_domain()
            generator = TrainingDataGenerator(
                importer.get_stories(), self._domain, augmentation_factor=0
            )
            trackers: list[Any] = generator.generate()
            return trackers
        except (RasaException, ValueError, OSError) as error:
            raise DialogueDataError(f"Stories and rules cannot be read: {error}") from error

    def _trained(self, trackers: Sequence[Any]) -> tuple[RulePolicy, list[Any]]:
        """A rule policy that knows the rules, and has not been checked against the stories."""
        rules = [one for one in trackers if one.is_rule_tracker]
        stories = [one for one in trackers if not one.is_rule_tracker]
        with tempfile.TemporaryDirectory() as folder:
            policy = RulePolicy(
                RulePolicy.get_default_config(),
                LocalModelStorage(Path(folder)),
                Resource("rules"),
                ExecutionContext(GraphSchema({})),
            )
        policy._create_lookup_from_trackers(rules, stories, self._domain)
        return policy, rules


def find_place(name: str, files: Sequence[Path], root: Path) -> Place | None:
    """Where a story or rule stands."""
    for path in files:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines):
            entry = _ENTRY.match(line)
            if entry is None or entry["name"].strip("'\"") != name:
                continue
            end = number + 1
            while end < len(lines) and (
                not lines[end].strip()
                or len(lines[end]) - len(lines[end].lstrip()) > len(entry["indent"])
            ):
                end += 1
            text = textwrap.dedent("\n".join(lines[number:end])).strip().splitlines()
            return Place(name, path.relative_to(root).as_posix(), number + 1, tuple(text))
    return None


def side_by_side(one: Place, other: Place, width: int) -> list[str]:
    """Two places beside each other, in lines of at most `width` characters."""
    half = (width - 3) // 2
    heads = [f"{place.file}:{place.line}" for place in (one, other)]
    rows = [heads, ["-" * half, "-" * half]]
    for number in range(max(len(one.text), len(other.text))):
        pair = (place.text[number] if number < len(place.text) else "" for place in (one, other))
        rows.append([*pair])
    return [f"{_cut(left, half):<{half}} | {_cut(right, half)}".rstrip() for left, right in rows]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _plain(name: str) -> str:
    """A story's name as it is written: behind a checkpoint Rasa adds where it came from."""
    return name.split(" > ")[-1]
