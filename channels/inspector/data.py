"""What the page asks for, out of the agent that runs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from rasa.core.agent import Agent
from rasa.graph_components.providers.rule_only_provider import RuleOnlyDataProvider

from channels.inspector.reading import Excerpt, Reader, WholeReader, innermost_store
from channels.inspector.reading_sql import SqlReader, can_read
from channels.inspector.stories import KINDS, Model, NotTellableError, write
from channels.inspector.timing import Timings
from channels.inspector.turns import slots_around, tell_turns
from privacy.masking import event_masker
from privacy.settings import EXPORTS, read_masking_settings

MOST_LISTED = 500
MOST_TURNS = 50
"""Turns in one answer."""

MOST_TOLD = 200
"""Turns in one story, and in one course of the mood."""

Json = dict[str, Any]


class NotFoundError(Exception):
    """There is no such conversation, or no such turn."""


class WrongQuestionError(Exception):
    """What was asked makes no sense; the message says why."""


class Inspection:
    """Answers the page's questions. It reads only."""

    def __init__(self, timings: Timings) -> None:
        """Prepares.

        Args:
            timings: What is measured of the turns.
        """
        self._timings = timings
        self._reader: tuple[object, Reader] | None = None

    async def conversations(self, agent: Agent, limit: int, search: str) -> Json:
        """The newest conversations."""
        listing = await self._of(agent).newest(max(1, min(limit, MOST_LISTED)), search.strip())
        return {**asdict(listing), "most": MOST_LISTED}

    async def turns(
        self, agent: Agent, conversation: str, first: int, last: int, known: str
    ) -> Json:
        """Turns of a conversation, as the page shows them.

        Args:
            agent: The agent that runs.
            conversation: Whose.
            first: The first turn's number; negative ones count from the end.
            last: The last one's.
            known: The version that the page has: nothing is sent again if it is still that one.

        Raises:
            NotFoundError: If there is no such conversation.
        """
        reader = self._of(agent)
        version = await reader.version(conversation)
        if version is None:
            raise NotFoundError
        if known and version == known:
            return {"unchanged": True, "version": version}
        excerpt = _found(await reader.turns(conversation, first, last))
        if len(excerpt.starts) > MOST_TURNS:
            newest = excerpt.first + len(excerpt.starts) - 1
            excerpt = _found(await reader.turns(conversation, newest - MOST_TURNS + 1, newest))
        return {
            "unchanged": False,
            "version": excerpt.version,
            "total": excerpt.total,
            "turns": tell_turns(conversation, excerpt, _initial_slots(agent), self._timings),
        }

    async def slots(self, agent: Agent, conversation: str, turn: int) -> Json:
        """All slots before and after a turn.

        Raises:
            NotFoundError: If there is no such turn.
        """
        excerpt = await self._turn(agent, conversation, turn, turn)
        before, after = slots_around(excerpt, _initial_slots(agent))
        names = sorted({*before, *after})
        return {
            "slots": [
                {"name": name, "before": before.get(name), "after": after.get(name)}
                for name in names
            ]
        }

    async def events(self, agent: Agent, conversation: str, turn: int) -> Json:
        """The events of a turn, as they are kept.

        Raises:
            NotFoundError: If there is no such turn.
        """
        return {"events": (await self._turn(agent, conversation, turn, turn)).events}

    async def course(self, agent: Agent, conversation: str) -> Json:
        """The moods of the newest messages, oldest first."""
        messages = await self._of(agent).messages(conversation, -1, MOST_TOLD)
        points = []
        for number, event in messages:
            sentiment = (event.get("parse_data") or {}).get("sentiment") or {}
            if sentiment.get("name"):
                name, confidence = sentiment["name"], float(sentiment.get("confidence") or 0.0)
                score = {"positive": confidence, "negative": -confidence}.get(name, 0.0)
                point = {"turn": number, "name": name, "confidence": confidence, "score": score}
                points.append({**point, "text": event.get("text")})
        return {"points": points, "most": MOST_TOLD}

    async def story(
        self, agent: Agent, conversation: str, kind: str, turns: tuple[int, int], name: str
    ) -> Json:
        """Turns as a story, a rule or a test story; or why they cannot be told in this way.

        Raises:
            NotFoundError: If there are no such turns.
            WrongQuestionError: If there is no such kind of story, or the turns are too many.
        """
        if kind not in KINDS:
            raise WrongQuestionError(f"There is {', '.join(KINDS)}.")
        excerpt = await self._turn(agent, conversation, *turns)
        if len(excerpt.starts) > MOST_TOLD:
            raise WrongQuestionError(f"At most {MOST_TOLD} turns at once.")
        try:
            told = write(_for_export(excerpt), kind, name, _model(agent))
            return {**asdict(told), "problem": None}
        except NotTellableError as error:
            # That is an answer, too: the question was a good one.
            return {"yaml": "", "file": "", "notes": [], "problem": str(error)}

    async def _turn(self, agent: Agent, conversation: str, first: int, last: int) -> Excerpt:
        excerpt = _found(await self._of(agent).turns(conversation, first, last))
        if not 0 < first <= last <= excerpt.total:
            raise NotFoundError
        return excerpt

    def _of(self, agent: Agent) -> Reader:
        """The reader of an agent's store; another model may bring another store."""
        store = innermost_store(agent.tracker_store)
        if self._reader is None or self._reader[0] is not store:
            reader = SqlReader(store) if can_read(store) else WholeReader(agent.tracker_store)
            self._reader = (store, reader)
        return self._reader[1]


def _for_export(excerpt: Excerpt) -> Excerpt:
    """The excerpt with personal data masked: a story is made to be kept, and passed on."""
    masking = read_masking_settings()
    if EXPORTS not in masking.places:
        return excerpt
    mask = event_masker(masking.names)
    return replace(
        excerpt,
        before=[mask(event) for event in excerpt.before],
        events=[mask(event) for event in excerpt.events],
    )


def _found(excerpt: Excerpt | None) -> Excerpt:
    if excerpt is None:
        raise NotFoundError
    return excerpt


def _initial_slots(agent: Agent) -> Json:
    domain = agent.domain
    return {slot.name: slot.initial_value for slot in domain.slots} if domain else {}


def _model(agent: Agent) -> Model:
    nodes = getattr(agent.processor.graph_runner, "_instantiated_nodes", {}).values()
    only: set[str] = set()
    for node in nodes:
        if isinstance(node._component, RuleOnlyDataProvider):
            only.update(node._component.provide().get("rule_only_slots", ()))
    return Model(agent.domain, frozenset(only))
