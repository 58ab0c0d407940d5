"""Counts what happened in conversations, one happening after the other."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from insight.conversations.events import FALLBACK_INTENT
from insight.conversations.turns import FormRun, Happening, Session, Turn
from insight.skills import Skills

FALLBACK_ACTIONS = frozenset(
    {
        "action_default_fallback",
        "action_two_stage_fallback",
        "action_default_ask_affirmation",
        "action_default_ask_rephrase",
    }
)
OUT_OF_SCOPE = "out_of_scope"

UNDERSTOOD, FALLBACK, DECLINED, SILENT = "understood", "fallback", "out of scope", "no answer"
"""How a turn went. Declined is what was understood as none of the assistant's business."""

UNKNOWN_CHANNEL = "unknown"
_HOUR = 3600.0


@dataclass
class Slice:
    """Counts of some of the turns: of a skill, a channel, or all of them."""

    turns: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    sentiments: Counter[str] = field(default_factory=Counter)
    first: array[float] = field(default_factory=lambda: array("d"))
    """Seconds to the first answer."""
    last: array[float] = field(default_factory=lambda: array("d"))
    """Seconds to the last answer."""

    def add(self, turn: Turn, outcome: str) -> None:
        """Counts a turn."""
        self.turns += 1
        self.outcomes[outcome] += 1
        if turn.sentiment:
            self.sentiments[turn.sentiment] += 1
        if turn.first_answer is not None and turn.last_answer is not None:
            self.first.append(turn.first_answer)
            self.last.append(turn.last_answer)


@dataclass
class Hour:
    """Counts of one hour."""

    turns: int = 0
    fallbacks: int = 0
    sentiments: Counter[str] = field(default_factory=Counter)


@dataclass
class Unanswered:
    """A message that was not answered, each time that it was said."""

    count: int = 0
    conversations: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    latest: float = 0.0


class Tally:
    """All counts of a period."""

    def __init__(self, skills: Skills, out_of_scope: str = OUT_OF_SCOPE) -> None:
        """Begins with nothing.

        Args:
            skills: Whose the turns are.
            out_of_scope: The intent of what the assistant does not do.
        """
        self._skills = skills
        self._out_of_scope = out_of_scope
        self.conversations: set[str] = set()
        self.sessions = 0
        self.external = 0
        """Turns that no person began."""
        self.first, self.last = math.inf, -math.inf
        """When the first and the last turn were."""
        self.all = Slice()
        self.skills: defaultdict[str, Slice] = defaultdict(Slice)
        self.channels: defaultdict[str, Slice] = defaultdict(Slice)
        self.channel_conversations: defaultdict[str, set[str]] = defaultdict(set)
        self.intents: Counter[str] = Counter()
        self.forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By their outcomes."""
        self.form_turns: defaultdict[str, list[int]] = defaultdict(list)
        """Messages that a finished form took."""
        self.form_skills: dict[str, str] = {}
        self.hours: defaultdict[int, Hour] = defaultdict(Hour)
        self.unanswered: defaultdict[str, Unanswered] = defaultdict(Unanswered)

    def add_all(self, happenings: Iterable[Happening]) -> Tally:
        """Counts all of them."""
        for one in happenings:
            if isinstance(one, Turn):
                self._turn(one)
            elif isinstance(one, FormRun):
                self._form(one)
            elif isinstance(one, Session):
                self.sessions += 1
        return self

    def _turn(self, turn: Turn) -> None:
        if turn.is_external:
            self.external += 1
            return
        self.first, self.last = min(self.first, turn.at), max(self.last, turn.at)
        outcome = self._outcome(turn)
        channel = turn.channel or UNKNOWN_CHANNEL
        self.conversations.add(turn.sender)
        self.channel_conversations[channel].add(turn.sender)
        self.intents[turn.intent] += 1
        for part in (self.all, self.skills[self._skill(turn)], self.channels[channel]):
            part.add(turn, outcome)
        hour = self.hours[int(turn.at // _HOUR)]
        hour.turns += 1
        hour.fallbacks += outcome == FALLBACK
        if turn.sentiment:
            hour.sentiments[turn.sentiment] += 1
        if outcome != UNDERSTOOD and turn.text and not turn.text.startswith("/"):
            asked = self.unanswered[turn.text]
            asked.count += 1
            asked.conversations.add(turn.sender)
            asked.outcomes[outcome] += 1
            asked.latest = max(asked.latest, turn.at)

    def _form(self, form: FormRun) -> None:
        self.forms[form.name][form.outcome] += 1
        self.form_skills[form.name] = self._skills.of_form(form.name)
        if form.outcome == "finished":
            self.form_turns[form.name].append(form.turns)

    def _outcome(self, turn: Turn) -> str:
        if turn.loop and turn.answers and turn.actions[:1] == [turn.loop]:
            # What a form takes for its answer may be of any intent.
            return UNDERSTOOD
        if turn.intent in (FALLBACK_INTENT, "") or not FALLBACK_ACTIONS.isdisjoint(turn.actions):
            return FALLBACK
        if turn.intent == self._out_of_scope:
            return DECLINED
        return UNDERSTOOD if turn.answers else SILENT

    def _skill(self, turn: Turn) -> str:
        if turn.loop and turn.actions[:1] == [turn.loop]:
            return self._skills.of_form(turn.loop)
        return self._skills.of_intent(turn.guess or turn.intent)
