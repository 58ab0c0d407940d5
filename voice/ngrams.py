"""Which words follow each other in an assistant's sentences, and in English behind them.

Templates ("add <item> to my list") are counted in threes; each class stands for all of its values,
with the weight that they have together. How much is kept back for what was never seen is told
by the templates, too (Witten and Bell 1991): where many different words have followed, others will;
and by each class: where most values were seen but once, most are yet to come (Good 1953). What is
kept back goes to shorter contexts, and in the end to English in general, where it is given.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voice.general import GeneralModel
from voice.grammar import Tokens

BEGIN, END = "<s>", "</s>"
_LOWEST = -99.0
"""The logarithm of nothing, in ARPA files."""


@dataclass(frozen=True)
class Mixing:
    """How the counts become probabilities; chosen on sentences held out (docs/decisions)."""

    general: float = 0.5
    """Share of English in general where nothing is known of the words before."""
    words: int = 20_000
    """Usual words of English that can be heard besides the assistant's own."""
    pairs: int = 150_000
    """Pairs of words that English is known by."""
    newness: float = 1.0
    """How much each kind of word that followed tells of others to come."""
    newest: float = 0.5
    """Of a class's values, at most so many are expected to be new."""
    doubt: float = 1.0
    """How often English in general counts as seen in each context."""
    least: float = 0.02
    """A context that would be expected less often is not looked at."""


ALONE = Mixing(newness=0.3)
"""Without English, what is kept back goes to no new words, only to the same in another order."""


@dataclass(frozen=True)
class Values:
    """What a class stands for."""

    values: Sequence[Tokens]
    unseen: float = 0.0
    """How likely the next value is none of these."""


class _Counts:
    """What follows one context, and how much is kept back there."""

    def __init__(self) -> None:
        self.follows: defaultdict[str, float] = defaultdict(float)
        self.kept_back = 0.0

    @property
    def total(self) -> float:
        return sum(self.follows.values()) + self.kept_back


@dataclass(frozen=True)
class Counted:
    """Words of templates in ones, twos and threes, classes written out."""

    singles: Mapping[str, float]
    pairs: Mapping[str, _Counts]
    triples: Mapping[tuple[str, str], _Counts]


def count(templates: Iterable[Tokens], classes: Mapping[str, Values], mixing: Mixing) -> Counted:
    """Counts what follows what."""
    pairs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    triples: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    tokens: Counter[str] = Counter()
    for template in templates:
        whole = (BEGIN, *template, END)
        tokens.update(whole[1:])
        for place in range(1, len(whole)):
            pairs[whole[place - 1]][whole[place]] += 1
            if place > 1:
                triples[whole[place - 2], whole[place - 1]][whole[place]] += 1
    tails = {name: _shares(one.values, slice(-1, None)) for name, one in classes.items()}
    heads = {name: _shares(one.values, slice(0, 1)) for name, one in classes.items()}

    def ends(token: str) -> list[tuple[Tokens, float]]:
        return tails[token] if token in tails else [((token,), 1.0)]

    def add(counts: _Counts, follows: Counter[str], weight: float) -> None:
        seen = sum(follows.values())
        new = mixing.newness * len(follows) / (seen + mixing.newness * len(follows))
        counts.kept_back += weight * seen * new
        for token, times in follows.items():
            share = weight * times * (1 - new)
            if token not in heads:
                counts.follows[token] += share
                continue
            unseen = min(classes[token].unseen, mixing.newest)
            counts.kept_back += share * unseen
            for head, part in heads[token]:
                counts.follows[head[0]] += share * (1 - unseen) * part

    singles: defaultdict[str, float] = defaultdict(float)
    of_pairs: defaultdict[str, _Counts] = defaultdict(_Counts)
    of_triples: defaultdict[tuple[str, str], _Counts] = defaultdict(_Counts)
    for token, times in tokens.items():
        if token not in classes:
            singles[token] += times
            continue
        values = classes[token].values
        for value in values:
            for word in value:
                singles[word] += times / len(values)
        _inside(values, times / len(values), of_pairs, of_triples, mixing)
    for token, follows in pairs.items():
        for tail, share in ends(token):
            add(of_pairs[tail[0]], follows, share)
    for (first, second), follows in triples.items():
        seen = sum(follows.values())
        contexts: defaultdict[tuple[str, str], float] = defaultdict(float)
        if second in classes:
            # The last two words of longer values are a context by themselves.
            values = classes[second].values
            for value in values:
                if len(value) > 1:
                    contexts[value[-2], value[-1]] += 1 / len(values)
                elif seen / len(values) >= mixing.least:
                    for tail, share in ends(first):
                        contexts[tail[0], value[0]] += share / len(values)
        else:
            for tail, share in ends(first):
                contexts[tail[0], second] += share
        for context, share in contexts.items():
            if share * seen >= mixing.least:
                add(of_triples[context], follows, share)
    for counts in of_triples.values():
        # Rare values of large classes: pairs know them well enough.
        for word in [one for one, times in counts.follows.items() if times < mixing.least]:
            counts.kept_back += counts.follows.pop(word)
    return Counted(singles, of_pairs, of_triples)


def _inside(
    values: Sequence[Tokens],
    weight: float,
    pairs: defaultdict[str, _Counts],
    triples: defaultdict[tuple[str, str], _Counts],
    mixing: Mixing,
) -> None:
    """Counts what follows what within the values of a class."""
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    after_two: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for value in values:
        for place in range(1, len(value)):
            after[value[place - 1]][value[place]] += 1
            if place > 1:
                after_two[value[place - 2], value[place - 1]][value[place]] += 1
    known: list[tuple[_Counts, Counter[str]]] = [(pairs[word], one) for word, one in after.items()]
    known += [(triples[words], one) for words, one in after_two.items()]
    for counts, follows in known:
        seen = sum(follows.values())
        new = mixing.newness * len(follows) / (seen + mixing.newness * len(follows))
        counts.kept_back += weight * seen * new
        for word, times in follows.items():
            counts.follows[word] += weight * times * (1 - new)


def _shares(values: Sequence[Tokens], part: slice) -> list[tuple[Tokens, float]]:
    return [(one, times / len(values)) for one, times in Counter(v[part] for v in values).items()]


class Mixed:
    """The probabilities, as an ARPA file has them."""

    def __init__(
        self, counted: Counted, general: GeneralModel | None, known: frozenset[str], mixing: Mixing
    ) -> None:
        """Mixes.

        Args:
            counted: What the templates say.
            general: English; None: the assistant's own words are all there are.
            known: Words that can be pronounced: no others are taken from English.
            mixing: How much of what.
        """
        total = sum(counted.singles.values())
        share = mixing.general if general is not None else 0.0
        english: dict[str, float] = {}
        if general is not None:
            english = _usual(general, known, mixing.words, set(counted.singles))
        self.singles: dict[str, float] = {}
        for word in counted.singles.keys() | english.keys():
            self.singles[word] = (1 - share) * counted.singles.get(
                word, 0.0
            ) / total + share * english.get(word, 0.0)
        listed: dict[str, dict[str, float]] = {}
        if general is not None:
            listed = _listed(general, self.singles, mixing.pairs)
        self.pairs: dict[str, dict[str, float]] = {}
        self.backoffs: dict[str, float] = {}
        for word in (BEGIN, *self.singles):
            behind = listed.get(word, {})
            rest = (1 - sum(behind.values())) / (1 - sum(self.singles[one] for one in behind))
            counts = counted.pairs.get(word)
            if counts is None:
                self.pairs[word], self.backoffs[word] = behind, rest
                continue
            doubt = mixing.doubt if general is not None else 0.0
            whole, kept = counts.total + doubt, counts.kept_back + doubt
            self.pairs[word] = {
                one: (
                    counts.follows.get(one, 0.0) + kept * behind.get(one, rest * self.singles[one])
                )
                / whole
                for one in counts.follows.keys() | behind.keys()
            }
            self.backoffs[word] = rest * kept / whole
        self.triples: dict[tuple[str, str], dict[str, float]] = {}
        self.pair_backoffs: dict[tuple[str, str], float] = {}
        for context, counts in counted.triples.items():
            if context[1] not in self.pairs.get(context[0], {}):
                continue
            kept = counts.kept_back / counts.total
            self.triples[context] = {
                one: times / counts.total + kept * self.pair(context[1], one)
                for one, times in counts.follows.items()
            }
            self.pair_backoffs[context] = kept

    @property
    def words(self) -> frozenset[str]:
        """All that can be heard."""
        return frozenset(self.singles) - {END}

    def pair(self, first: str, second: str) -> float:
        """How likely one word is behind another."""
        found = self.pairs[first].get(second)
        return self.backoffs[first] * self.singles[second] if found is None else found

    def triple(self, first: str, second: str, third: str) -> float:
        """How likely one word is behind two others."""
        found = self.triples.get((first, second), {}).get(third)
        if found is not None:
            return found
        return self.pair_backoffs.get((first, second), 1.0) * self.pair(second, third)

    def arpa(self) -> str:
        """The model as a file."""
        words = sorted(self.singles)
        lines = ["\\data\\", f"ngram 1={len(words) + 1}"]
        lines.append(f"ngram 2={sum(map(len, self.pairs.values()))}")
        lines.append(f"ngram 3={sum(map(len, self.triples.values()))}")
        lines += ["", "\\1-grams:", f"{_LOWEST}\t{BEGIN}\t{_log(self.backoffs[BEGIN])}"]
        for word in words:
            backoff = "" if word == END else f"\t{_log(self.backoffs[word])}"
            lines.append(f"{_log(self.singles[word])}\t{word}{backoff}")
        lines += ["", "\\2-grams:"]
        for first in sorted(self.pairs):
            for second, probability in sorted(self.pairs[first].items()):
                kept = self.pair_backoffs.get((first, second))
                backoff = "0" if kept is None else _log(kept)
                end = "" if second == END else f"\t{backoff}"
                lines.append(f"{_log(probability)}\t{first} {second}{end}")
        lines += ["", "\\3-grams:"]
        for one in sorted(self.triples):
            for third, probability in sorted(self.triples[one].items()):
                lines.append(f"{_log(probability)}\t{one[0]} {one[1]} {third}")
        return "\n".join([*lines, "", "\\end\\"]) + "\n"


def _usual(
    general: GeneralModel, known: frozenset[str], most: int, own: set[str]
) -> dict[str, float]:
    """English words with their shares: the assistant's own, and as many more of the usual ones."""
    found: dict[str, float] = {}
    others = 0
    for number in np.argsort(-general.probabilities, kind="stable"):
        word = general.words[number]
        if word not in own:
            if others >= most or word not in known:
                continue
            others += 1
        found[word] = 10 ** float(general.probabilities[number])
    total = sum(found.values())
    return {word: share / total for word, share in found.items()}


def _listed(
    general: GeneralModel, words: Mapping[str, float], most: int
) -> dict[str, dict[str, float]]:
    """The pairs that tell most: often said, and far from what their words say alone."""
    has = np.array([word in words or word == BEGIN for word in general.words])
    usable = np.flatnonzero(has[general.before] & has[general.behind])
    before, behind = general.before[usable], general.behind[usable]
    pairs = general.pairs[usable]
    alone = general.backoffs[before] + general.probabilities[behind]
    # The beginning has no probability of its own: a sentence begins as often as it ends.
    often = general.probabilities.copy()
    often[general.words.index(BEGIN)] = often[general.words.index(END)]
    gain = 10 ** (often[before] + pairs) * np.abs(pairs - alone)
    kept = np.argsort(-gain, kind="stable")[:most]
    found: dict[str, dict[str, float]] = {}
    for one in kept:
        first, second = general.words[before[one]], general.words[behind[one]]
        found.setdefault(first, {})[second] = 10 ** float(pairs[one])
    return found


def _log(probability: float) -> str:
    return f"{math.log10(probability):.4f}" if probability > 0 else str(_LOWEST)
