"""A factored grammar out of training sentences: what can be said, with values exchanged.

A sentence with its entities is a template, "remind me to <task> <time>"; all templates together
are one automaton, and each class in it is the automaton of all values that the class is known to
have. So a value that was only ever seen in one sentence can be said in every other one.

Both automata are minimal (Daciuk et al. 2000, "Incremental Construction of Minimal Acyclic
Finite-State Automata"): sentences that differ in their middle share their beginnings and ends, and
the recogniser searches some ten times fewer states than in a grammar that lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

CLASS = "<"
"""What the name of a class begins with; no word does."""

MOST_VALUES = 1000
"""Of one class. Search time grows with them: 0.3 of real time at 1,000, 0.8 at 3,000."""

MOST_TRANSITIONS = 5_000
"""A class's copies may have so many in all; beyond that one copy stands for all of them."""

Tokens = tuple[str, ...]
Transition = tuple[int, int, float, str]
"""From, to, probability and word, which is empty where the step is made without one."""


@dataclass(frozen=True)
class Automaton:
    """An acyclic automaton over tokens; state 0 is where it begins."""

    arcs: tuple[Mapping[str, int], ...]
    """For each state, where each token leads."""
    finals: frozenset[int]
    """The states in which a sentence may end."""


@dataclass(frozen=True)
class Grammar:
    """Transitions over words, as decoders of finite-state grammars take them."""

    transitions: tuple[Transition, ...]
    final: int
    """The one state in which a sentence ends; 0 is where it begins."""

    @property
    def words(self) -> frozenset[str]:
        """All words that can be said."""
        return frozenset(word for _, _, _, word in self.transitions if word)

    def accepts(self, text: str) -> bool:
        """Whether a text is one that the grammar knows."""
        by_state: dict[int, list[tuple[str, int]]] = {}
        for begin, end, _, word in self.transitions:
            by_state.setdefault(begin, []).append((word, end))
        states = _without_words({0}, by_state)
        for word in text.split():
            reached = {end for one in states for said, end in by_state.get(one, ()) if said == word}
            states = _without_words(reached, by_state)
        return self.final in states


def minimal(sequences: Iterable[Tokens]) -> Automaton:
    """The smallest automaton that accepts these sequences and no other."""
    trie: list[dict[str, int]] = [{}]
    ends: set[int] = set()
    for sequence in sequences:
        state = 0
        for token in sequence:
            if token not in trie[state]:
                trie.append({})
                trie[state][token] = len(trie) - 1
            state = trie[state][token]
        ends.add(state)
    # Two states are one where the same can follow. Children have higher numbers than their
    # parents, so that from the back each state's children are settled before it.
    known: dict[tuple[bool, tuple[tuple[str, int], ...]], int] = {}
    settled = [0] * len(trie)
    for state in reversed(range(len(trie))):
        after = tuple(sorted((token, settled[child]) for token, child in trie[state].items()))
        settled[state] = known.setdefault((state in ends, after), len(known))
    # The beginning is settled last: counted from there, it is state 0.
    last = len(known) - 1
    arcs: list[dict[str, int]] = [{} for _ in known]
    for (_, after), number in known.items():
        arcs[last - number] = {token: last - child for token, child in after}
    finals = {last - number for (is_end, _), number in known.items() if is_end}
    return Automaton(tuple(arcs), frozenset(finals))


def factored(templates: Iterable[Tokens], classes: Mapping[str, Sequence[Tokens]]) -> Grammar:
    """Returns the grammar of templates with each class's values in its place.

    Args:
        templates: Sequences of words and of classes, "<" and the class's name.
        classes: The values of each class, each a sequence of words, the most usual ones first:
            of those behind the thousandth none can be said.

    Raises:
        ValueError: There is no template, or one with a class that has no values.
    """
    templates = {template for template in templates if template}
    if not templates:
        raise ValueError("A grammar needs at least one sentence.")
    outer = minimal(sorted(templates))
    inner = {name: minimal(values[:MOST_VALUES]) for name, values in classes.items() if values}
    final = len(outer.arcs)
    transitions: list[Transition] = []
    places: dict[str, list[tuple[int, int, float]]] = {}
    for state, arcs in enumerate(outer.arcs):
        ways = len(arcs) + (state in outer.finals)
        for token, end in arcs.items():
            if token.startswith(CLASS):
                places.setdefault(token, []).append((state, end, 1 / ways))
            else:
                transitions.append((state, end, 1 / ways, token))
        if state in outer.finals:
            transitions.append((state, final, 1 / ways, ""))
    free = final + 1
    for name, where in places.items():
        if name not in inner:
            raise ValueError(f"The class {name} has no values.")
        automaton = inner[name]
        size = sum(map(len, automaton.arcs))
        if size * len(where) > MOST_TRANSITIONS:
            # Into the one copy from everywhere, and out of it to everywhere: "wake me <time>" may
            # go on as "set a timer for <time>" does. More can be said than the sentences say, and
            # a search that took seconds takes hundredths of one.
            begin, end, free = free, free + 1, free + 2
            ends = {one[1] for one in where}
            transitions += [(state, begin, probability, "") for state, _, probability in where]
            transitions += [(end, one, 1 / len(ends), "") for one in sorted(ends)]
            where = [(begin, end, 1.0)]
        for begin, end, probability in where:
            transitions += _between(begin, end, automaton, free, probability)
            free += len(automaton.arcs)
    return Grammar(tuple(transitions), final)


def _between(
    begin: int, end: int, automaton: Automaton, offset: int, probability: float
) -> list[Transition]:
    """A class's automaton from one state to another; its own states are numbered from `offset`."""
    found: list[Transition] = []
    for state, arcs in enumerate(automaton.arcs):
        here = offset + state if state else begin
        share = (probability if state == 0 else 1.0) / (
            len(arcs) + (state in automaton.finals) or 1
        )
        for word, after in arcs.items():
            # A state behind which nothing follows is the end itself: no step without a word.
            there = offset + after if automaton.arcs[after] else end
            found.append((here, there, share, word))
        if arcs and state in automaton.finals:
            found.append((here, end, share, ""))
    return found


def _without_words(states: set[int], by_state: Mapping[int, list[tuple[str, int]]]) -> set[int]:
    """All states that can be reached from these without a word."""
    reached, waiting = set(states), list(states)
    while waiting:
        for word, end in by_state.get(waiting.pop(), ()):
            if not word and end not in reached:
                reached.add(end)
                waiting.append(end)
    return reached
