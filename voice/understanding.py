"""Which of several things that may have been said was meant, by what the assistant makes of them.

The recogniser gives what may have been said, each with its score. The NLU reads each of them: how
sure it is of an intent, and how sure of the values that it finds. Where the dialogue has asked for
something, what would answer it is the more likely. From all of it together comes which of them is
taken, and whether it is acted on: what was heard in noise but makes perfect sense is, and what
sounds well but makes none is not.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scipy.special import expit

from voice.asr import Hypothesis, Recognition, Source

if TYPE_CHECKING:
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.trackers import DialogueStateTracker

Read = Callable[[str], Awaitable[Mapping[str, Any]]]
"""The NLU, `Agent.parse_message`: from a text to Rasa's parse data."""

MOST_READ = 5
"""Alternatives that the NLU reads: some milliseconds each."""

_FALLBACK = "nlu_fallback"
_LEAST = 1e-3
"""Below this, one doubt is as good as another."""


@dataclass(frozen=True)
class Expected:
    """What the dialogue is waiting for."""

    slots: frozenset[str] = frozenset()
    """That it has asked for."""
    intents: frozenset[str] = frozenset()
    """Any of which would answer."""
    entities: frozenset[str] = frozenset()
    """Any of which would answer."""

    @classmethod
    def of(cls, tracker: DialogueStateTracker, domain: Domain) -> Expected | None:
        """What a conversation waits for; None where it has asked for nothing.

        What answers are the entities and intents from which the domain fills the slot; where only
        code fills it, the slot's own name is taken for an entity's.
        """
        slot = tracker.get_slot("requested_slot")
        if not isinstance(slot, str):
            return None
        known = next((one for one in domain.slots if one.name == slot), None)
        intents: set[str] = set()
        entities: set[str] = set()
        for mapping in known.mappings if known else ():
            if _holds(mapping, slot, tracker.active_loop_name):
                intents |= _names(mapping.get("intent"))
                entities |= _names(mapping.get("entity"))
        entities |= {name for name in domain.entities if name == slot}
        return cls(frozenset({slot}), frozenset(intents), frozenset(entities))

    def answered_by(self, parsed: Mapping[str, Any]) -> bool:
        """Whether what the NLU read would answer."""
        found = {one["entity"] for one in parsed.get("entities", ())}
        return _intent(parsed)[0] in self.intents or bool(found & self.entities)


@dataclass(frozen=True)
class Signs:
    """What speaks for a text and against it."""

    heard: float
    """The recogniser's own confidence, as a logit."""
    behind: float
    """How far the text's score lies below the best one's, per frame: none or less."""
    second: float
    """One where the recogniser has a better one, else none."""
    intent: float
    """The logarithm of the NLU's confidence in the intent."""
    values: float
    """The mean logarithm of its confidence in the values."""
    scope: float
    """The logarithm of its confidence that this is one of the things it knows at all."""
    answers: float = 0.0
    """One where it answers what was asked, else none."""


@dataclass(frozen=True)
class Weights:
    """What each sign counts, in logits."""

    heard: float = 0.0
    behind: float = 0.0
    second: float = 0.0
    intent: float = 0.0
    values: float = 0.0
    scope: float = 0.0
    answers: float = 2.0
    """Not measured, as no recordings of dialogues are at hand."""
    bias: float = 0.0

    def of(self, signs: Signs) -> float:
        """The logit that comes of it."""
        told = (float(getattr(self, name)) * value for name, value in vars(signs).items())
        return math.fsum((self.bias, *told))


CHOICE = Weights(second=-1.18, intent=1.12, values=0.01, scope=0.54)
"""Which of the alternatives it is; how far behind they are said nothing more than that they are."""

ACCEPTANCE = Weights(heard=1.58, intent=0.31, values=0.91, scope=0.72, bias=1.13)
"""Whether to act on it, where a grammar was asked what fits it."""
# Both by `voice.calibration`, on 58 recognitions of clips of the tuning half, clean and in five
# noises, and on 20 of synthesised nonsense and sentences about other things in the same.

WORDS_ACCEPTANCE = Weights(heard=0.17, intent=1.06, values=1.2, scope=0.63, bias=0.30)
"""The same where there is no grammar: how well words sound says little, as words that were never
said sound well too; what they mean says most. What is accepted is right by odds of two to one where
either is as frequent: to act on what nobody said is worse than to ask again."""
# By `voice.calibration.weigh_acceptance`, less the logarithm of 2, on Parley's own NLU and 168
# spoken sentences that neither has learnt from, 50 of them understood, and 150 about other things;
# but the values' weight, which said 0.8 in one half of them and 2.0 in all.


async def choose(
    heard: Recognition,
    read: Read,
    expected: Expected | None = None,
) -> Recognition:
    """The alternative that is meant; it may be accepted where the recogniser did not, or not.

    Args:
        heard: What the recogniser found.
        read: The NLU.
        expected: What the dialogue waits for.
    """
    if not heard.text:
        return heard
    candidates = heard.alternatives[:MOST_READ] or (Hypothesis(heard.text, 0.0),)
    parsed = await asyncio.gather(*(read(one.text) for one in candidates))
    found = [
        signs(heard, one, result, expected) for one, result in zip(candidates, parsed, strict=True)
    ]
    best = max(range(len(found)), key=lambda number: CHOICE.of(found[number]))
    chosen = candidates[best]
    weights = WORDS_ACCEPTANCE if heard.source is Source.WORDS else ACCEPTANCE
    logit = weights.of(found[best])
    confidence = float(expit(logit))
    others = [one for one in heard.alternatives if one.text != chosen.text]
    return replace(
        heard,
        text=chosen.text,
        confidence=confidence,
        accepted=confidence >= 0.5,
        words=heard.words if chosen.text == heard.text else (),
        alternatives=(chosen, *others),
    )


def signs(
    heard: Recognition,
    one: Hypothesis,
    parsed: Mapping[str, Any],
    expected: Expected | None = None,
) -> Signs:
    """What speaks for one of the alternatives."""
    best = heard.alternatives[0].score if heard.alternatives else one.score
    _, confidence = _intent(parsed)
    # Parley's own classifier says it; with another one, the fallback does.
    scope = parsed.get("in_scope")
    if scope is None:
        scope = 0.1 if _is_declined(parsed) else 0.9
    values = [
        float(value.get("confidence_entity", 1.0) or 1.0) for value in parsed.get("entities", ())
    ]
    return Signs(
        heard=_logit(heard.confidence),
        behind=max(-3.0, min(0.0, one.score - best)),
        second=float(bool(heard.text) and one.text != heard.text),
        intent=_log(confidence),
        values=sum(map(_log, values)) / len(values) if values else 0.0,
        scope=_log(scope),
        answers=float(expected is not None and expected.answered_by(parsed)),
    )


def _intent(parsed: Mapping[str, Any]) -> tuple[str, float]:
    """The best intent that the NLU names, and its confidence.

    A fallback's own confidence says how little is known of the others: what it stands before is
    what was found.
    """
    found = parsed.get("intent") or {}
    if found.get("name") == _FALLBACK:
        others = (one for one in parsed.get("intent_ranking", ()) if one["name"] != _FALLBACK)
        found = next(others, {})
    return found.get("name") or "", float(found.get("confidence") or 0.0)


def _is_declined(parsed: Mapping[str, Any]) -> bool:
    """Whether the NLU finds nothing that it knows."""
    return ((parsed.get("intent") or {}).get("name") or _FALLBACK) == _FALLBACK


def _log(probability: float) -> float:
    return math.log(max(_LEAST, probability))


def _logit(probability: float) -> float:
    kept = min(1 - _LEAST, max(_LEAST, probability))
    return math.log(kept / (1 - kept))


def _holds(mapping: Mapping[str, Any], slot: str, loop: str | None) -> bool:
    """Whether a mapping counts while this slot is asked for."""
    conditions: Sequence[Mapping[str, Any]] = mapping.get("conditions") or ()
    return not conditions or any(
        one.get("active_loop") == loop and one.get("requested_slot", slot) == slot
        for one in conditions
    )


def _names(value: Any) -> set[str]:
    if value is None:
        return set()
    return {value} if isinstance(value, str) else {str(one) for one in value}
