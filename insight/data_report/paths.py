"""Stories and conversations side by side, as sequences of intents and actions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from insight.conversations.turns import Happening, Session, Step
from insight.data_report.findings import Finding, Related
from insight.training_data.elements import Story, StoryStep

LISTEN = Step(False, "action_listen")

MOST_TURNS = 3
"""Of a way that no story has, so many turns are told."""
MOST_PATHS = 100

Path = tuple[Step, ...]
Turns = list[Path]


@dataclass
class Taken:
    """What conversations did, each way once, with how often it was gone."""

    sessions: Counter[Path] = field(default_factory=Counter)

    def add_all(self, happenings: Iterable[Happening]) -> Taken:
        """Takes the sessions among what happened."""
        for one in happenings:
            if isinstance(one, Session) and one.steps:
                self.sessions[tuple(one.steps)] += 1
        return self


def check_paths(stories: Sequence[Story], forms: Set[str], taken: Taken) -> Iterator[Finding]:
    """Tells the ways that no story has, and the stories that nobody took."""
    yield from _unknown(_Known(stories, forms), taken)
    index = _Index(taken)
    for story in stories:
        if any(story.parts) and not all(index.has(part) for part in story.parts if part):
            kind = "rule" if story.is_rule else "story"
            yield Finding("not_taken", str(story.place), f"{kind} “{story.name}”")


class _Index:
    """Finds sequences in sessions by the sessions of each of their steps."""

    def __init__(self, taken: Taken) -> None:
        self._sessions = list(taken.sessions)
        self._with: dict[Step, set[int]] = defaultdict(set)
        for number, steps in enumerate(self._sessions):
            for step in steps:
                self._with[step].add(number)

    def has(self, part: Sequence[StoryStep]) -> bool:
        """Whether some session has these steps one after the other."""
        candidates: set[int] | None = None
        for wanted in part:
            if not wanted.names:
                continue  # a message in words: whatever it was understood as
            found = set().union(
                *(self._with.get(Step(wanted.is_intent, name), set()) for name in wanted.names)
            )
            candidates = found if candidates is None else candidates & found
            if not candidates:
                return False
        numbers = range(len(self._sessions)) if candidates is None else candidates
        return any(_contains(self._sessions[number], part) for number in numbers)


def _contains(steps: Path, part: Sequence[StoryStep]) -> bool:
    return any(
        all(_fits(step, wanted) for step, wanted in zip(steps[start:], part, strict=False))
        for start in range(len(steps) - len(part) + 1)
    )


def _fits(step: Step, wanted: StoryStep) -> bool:
    return step.is_intent == wanted.is_intent and (not wanted.names or step.name in wanted.names)


class _Known:
    """Which step follows which within a turn, in stories and rules."""

    def __init__(self, stories: Iterable[Story], forms: Set[str]) -> None:
        self._forms = forms
        self._after: dict[Step, set[Step]] = defaultdict(set)
        self._in_words: set[Step] = set()
        """What follows a message that is told in words."""
        self._first: dict[str, Story] = {}
        self._open: set[Step] = set()
        """Steps ahead of a checkpoint."""
        self._half: set[Step] = set()
        """Steps behind one."""
        # What rules say is fixed, and so the better example.
        for story in sorted(stories, key=lambda one: not one.is_rule):
            for number, part in enumerate(story.parts):
                if not part:
                    continue
                is_last = number == len(story.parts) - 1
                self._read(story, part, ends=is_last and story.waits)
                if not is_last:
                    self._open.update(Step(part[-1].is_intent, name) for name in part[-1].names)
                if number:
                    first = part[0]
                    names = [LISTEN.name] if first.is_intent else first.names
                    self._half.update(Step(False, name) for name in names)

    def follows(self, step: Step, following: Step) -> bool:
        """Whether some story or rule has one step right behind another."""
        if step.is_intent and following in self._in_words:
            return True
        # Once something else was answered, Rasa goes back to the form by itself.
        if not step.is_intent and following.name in self._forms:
            return True
        if step in self._open and following in self._half:
            return True
        return following in self._after.get(step, ())

    def example(self, intent: str) -> Story | None:
        """A story or a rule, in which an intent is answered."""
        return self._first.get(intent)

    def _read(self, story: Story, part: Sequence[StoryStep], *, ends: bool) -> None:
        for wanted, following in zip(part, [*part[1:], None], strict=True):
            if following is None:
                if not ends:
                    continue
                then = [LISTEN]
            elif following.is_intent:
                then = [LISTEN]
            else:
                then = [Step(False, name) for name in following.names]
            if wanted.is_intent and not wanted.names:
                self._in_words.update(then)
            for name in wanted.names:
                self._after[Step(wanted.is_intent, name)].update(then)
                if wanted.is_intent:
                    self._first.setdefault(name, story)


def _unknown(known: _Known, taken: Taken) -> Iterator[Finding]:
    counts: Counter[tuple[Path, ...]] = Counter()
    for steps, count in taken.sessions.items():
        # In a session a way counts once, however often it is gone there.
        for way in set(_unknown_ways(steps, known)):
            counts[way] += count
    for way, count in counts.most_common(MOST_PATHS):
        yield _told(way, count, known)


def _unknown_ways(steps: Path, known: _Known) -> Iterator[tuple[Path, ...]]:
    way: list[Path] = []
    for turn in _turns(steps):
        if _is_known(turn, known):
            if way:
                yield tuple(way)
            way = []
        else:
            way = [*way, turn][-MOST_TURNS:]
    if way:
        yield tuple(way)


def _turns(steps: Path) -> Turns:
    turns: list[list[Step]] = []
    for step in steps:
        # What is left of a turn that filled a form belongs to the turn that began it.
        if step.is_intent or not turns:
            turns.append([])
        turns[-1].append(step)
    return [tuple(turn) for turn in turns]


def _is_known(turn: Path, known: _Known) -> bool:
    pairs = zip(turn, [*turn[1:], LISTEN], strict=True)
    return all(known.follows(step, following) for step, following in pairs)


def _told(way: tuple[Path, ...], count: int, known: _Known) -> Finding:
    story = next(
        (found for turn in way for step in turn if (found := known.example(step.name))), None
    )
    related: list[Related] = []
    for turn in way:
        for step, following in zip(turn, [*turn[1:], LISTEN], strict=True):
            if not known.follows(step, following):
                related.append((f"no story has {following.name} behind {step.name}", ""))
    if story is not None:
        kind = "rule" if story.is_rule else "story"
        related.append((f"what is told instead: {kind} “{story.name}”", str(story.place)))
    told = "; ".join(" → ".join(step.name or "(no intent)" for step in turn) for turn in way)
    times = "once" if count == 1 else f"in {count} sessions"
    return Finding("path", str(story.place) if story else "", f"{told} ({times})", related)
