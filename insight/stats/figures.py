"""The figures that are shown, out of what was counted."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np

from insight.conversations.events import FALLBACK_INTENT
from insight.stats.pieces import Pieces, pieces_for
from insight.stats.questions import Questions
from insight.stats.tally import DECLINED, FALLBACK, SILENT, Slice, Tally

SENTIMENTS = ("positive", "neutral", "negative")
"""As Parley calls them, in the order in which they are shown; others come behind."""

_HOUR = 3600
_MOST_INTENTS = 20


@dataclass(frozen=True)
class Latency:
    """How long answers took, in seconds."""

    answered: int
    median: float
    p90: float
    p99: float
    longest: float
    median_last: float
    """To the last answer, where there were several."""


@dataclass(frozen=True)
class Row:
    """Figures of a skill, of a channel, or of all."""

    name: str
    turns: int
    fallbacks: int
    declined: int
    silent: int
    sentiments: dict[str, int]
    latency: Latency | None
    forms: dict[str, int]
    """By their outcomes."""
    conversations: int = 0

    @property
    def fallback_rate(self) -> float:
        """Share of the turns that were not understood."""
        return self.fallbacks / self.turns if self.turns else 0.0

    @property
    def negative_rate(self) -> float:
        """Share of the turns that were angry, sad or the like, among those with a mood."""
        known = sum(self.sentiments.values())
        return self.sentiments.get("negative", 0) / known if known else 0.0


@dataclass(frozen=True)
class FormRow:
    """How the runs of a form ended."""

    name: str
    skill: str
    started: int
    finished: int
    left: int
    open: int
    turns: float | None
    """Messages that a finished run took, on average."""

    @property
    def completion(self) -> float | None:
        """Share of the finished runs among those that are over."""
        over = self.finished + self.left
        return self.finished / over if over else None


@dataclass(frozen=True)
class Piece:
    """Figures of an hour, a day, a week or a month."""

    begin: str
    turns: int
    fallbacks: int
    sentiments: dict[str, int]


@dataclass(frozen=True)
class Figures:
    """All that is shown."""

    first: float
    """When the first and the last turn were, in seconds since 1970."""
    last: float
    events: int
    sessions: int
    external: int
    all: Row
    skills: list[Row]
    forms: list[FormRow]
    channels: list[Row]
    intents: list[tuple[str, int]]
    more_intents: int
    unit: str
    """What a piece is."""
    pieces: list[Piece]
    moods: list[str]
    questions: Questions
    notes: list[str]
    """What was left out, and why."""


def figures_of(
    tally: Tally,
    questions: Questions,
    events: int,
    notes: Sequence[str] = (),
    zone: tzinfo | None = None,
) -> Figures:
    """Sums up. The tally must have turns."""
    cut = pieces_for(tally.first, tally.last, zone)
    forms = sorted(
        (_form(tally, name) for name in tally.forms), key=lambda form: (-form.started, form.name)
    )
    moods = [mood for mood in SENTIMENTS if tally.all.sentiments[mood]]
    moods += sorted(set(tally.all.sentiments) - set(moods))
    common = tally.intents.most_common(_MOST_INTENTS)
    return Figures(
        first=tally.first,
        last=tally.last,
        events=events,
        sessions=tally.sessions,
        external=tally.external,
        all=_row("all", tally.all, forms, len(tally.conversations)),
        skills=_by_turns(
            _row(name, part, [form for form in forms if form.skill == name])
            for name, part in _with_forms(tally).items()
        ),
        forms=forms,
        channels=_by_turns(
            _row(name, part, [], len(tally.channel_conversations[name]))
            for name, part in tally.channels.items()
        ),
        intents=[(name or FALLBACK_INTENT, count) for name, count in common],
        more_intents=len(tally.intents) - len(common),
        unit=cut.unit,
        pieces=_pieces(tally, cut),
        moods=moods,
        questions=questions,
        notes=list(notes),
    )


def _with_forms(tally: Tally) -> Mapping[str, Slice]:
    """The skills that had turns, and those that had only forms begun."""
    others = set(tally.form_skills.values()) - set(tally.skills)
    return {**tally.skills, **{name: Slice() for name in others}}


def _by_turns(rows: Any) -> list[Row]:
    return sorted(rows, key=lambda row: (-row.turns, row.name))


def _row(name: str, part: Slice, forms: Sequence[FormRow], conversations: int = 0) -> Row:
    return Row(
        name=name,
        turns=part.turns,
        fallbacks=part.outcomes[FALLBACK],
        declined=part.outcomes[DECLINED],
        silent=part.outcomes[SILENT],
        sentiments=dict(part.sentiments),
        latency=latency_of(part.first, part.last),
        forms={
            "started": sum(form.started for form in forms),
            "finished": sum(form.finished for form in forms),
            "left": sum(form.left for form in forms),
            "open": sum(form.open for form in forms),
        },
        conversations=conversations,
    )


def _form(tally: Tally, name: str) -> FormRow:
    outcomes, turns = tally.forms[name], tally.form_turns[name]
    return FormRow(
        name=name,
        skill=tally.form_skills[name],
        started=sum(outcomes.values()),
        finished=outcomes["finished"],
        left=outcomes["left"],
        open=outcomes["open"],
        turns=sum(turns) / len(turns) if turns else None,
    )


def latency_of(first: array[float], last: array[float]) -> Latency | None:
    """Sums up how long answers took; None where there were none."""
    if not first:
        return None
    seconds = np.asarray(first)
    median, p90, p99 = np.percentile(seconds, (50, 90, 99))
    return Latency(
        answered=len(seconds),
        median=float(median),
        p90=float(p90),
        p99=float(p99),
        longest=float(seconds.max()),
        median_last=float(np.median(np.asarray(last))),
    )


def _pieces(tally: Tally, cut: Pieces) -> list[Piece]:
    hours = [min(tally.hours) * _HOUR, max(tally.hours) * _HOUR]
    pieces = {begin: Piece(begin, 0, 0, {}) for begin in cut.all(*hours)}
    for hour, counts in tally.hours.items():
        before = pieces[cut.of(hour * _HOUR)]
        sentiments = dict(before.sentiments)
        for mood, count in counts.sentiments.items():
            sentiments[mood] = sentiments.get(mood, 0) + count
        pieces[before.begin] = Piece(
            before.begin,
            before.turns + counts.turns,
            before.fallbacks + counts.fallbacks,
            sentiments,
        )
    return list(pieces.values())
