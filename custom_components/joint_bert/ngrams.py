"""What a text's letters and words say of the intent: an opinion of its own, without pretraining.

The encoder knows what words mean, and for that blurs which ones they were; some turn of phrase
gives an intent away all the same. A linear classifier on n-grams is wrong about other texts than
the encoder, learns in a second, and answers in a tenth of a millisecond.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_WORD = re.compile(r"\w+")
_LONGEST_WORD = 40
"""Letters of a word that are looked at, so that a flood of letters costs nothing."""
_REGULARIZATION = 0.5
"""The support vector machines' C."""

Array = NDArray[Any]


def ngrams(text: str) -> tuple[dict[str, None], dict[str, None]]:
    """Returns a text's words and pairs of words, and its words' trigrams of letters.

    As keys, which unlike sets have an order: the sum of floats depends on it.

    Words are taken in lower case, and with a space on both sides where letters are counted.
    """
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(text.lower())]
    of_words = words + [f"{first} {second}" for first, second in pairwise(words)]
    of_letters: list[str] = []
    for word in words:
        padded = f" {word} "
        of_letters += [padded[place : place + 3] for place in range(len(word))]
    return dict.fromkeys(of_words), dict.fromkeys(of_letters)


class NgramClassifier(nn.Module):
    """Scores of the intents, linear in which n-grams a text has.

    An n-gram counts by its inverse document frequency, however often it occurs; words on the one
    hand and letters on the other are weighed to the same length.
    """

    inverse_frequency: Tensor
    weights: Tensor
    bias: Tensor

    def __init__(self, words: Sequence[str], letters: Sequence[str], classes: int) -> None:
        """Makes room for V n-grams, of words and of letters, and C classes; scores are zero."""
        super().__init__()
        self.words = list(words)
        self.letters = list(letters)
        count = len(self.words) + len(self.letters)
        self._places = (
            {ngram: place for place, ngram in enumerate(self.words)},
            {ngram: place for place, ngram in enumerate(self.letters, start=len(self.words))},
        )
        self.register_buffer("inverse_frequency", torch.ones(count))
        # Half precision: three digits are enough for one opinion among others.
        self.register_buffer("weights", torch.zeros(count, classes, dtype=torch.float16))
        self.register_buffer("bias", torch.zeros(classes))

    @classmethod
    def fit(
        cls, texts: Sequence[str], classes: Sequence[int], count: int, seed: int
    ) -> NgramClassifier | None:
        """Learns texts' classes out of `count`; None where there are not two to tell apart.

        A linear support vector machine for each class against all others (liblinear, Fan et al.
        2008); a class without texts is scored as "not that one".
        """
        known = sorted(set(classes))
        if len(known) < 2:
            return None
        # Not needed to answer, and takes its time to load.
        from scipy.sparse import csr_matrix
        from sklearn.svm import LinearSVC

        found = [ngrams(text) for text in texts]
        words, letters = (_frequencies(kind) for kind in zip(*found, strict=True))
        model = cls(list(words), list(letters), count)
        texts_with = np.array([*words.values(), *letters.values()])
        model.inverse_frequency.copy_(
            torch.from_numpy(np.log((1 + len(texts)) / (1 + texts_with)) + 1)
        )
        rows = [model._weighed(one) for one in found]
        matrix = csr_matrix(
            (
                np.concatenate([values for _, values in rows]),
                np.concatenate([places for places, _ in rows]),
                np.cumsum([0, *(len(places) for places, _ in rows)]),
            ),
            shape=(len(texts), len(texts_with)),
        )
        machines = LinearSVC(C=_REGULARIZATION, random_state=seed).fit(matrix, classes)
        weights, bias = machines.coef_.T, machines.intercept_
        if len(known) == 2:  # liblinear makes but one: the second class against the first
            weights, bias = np.hstack([-weights, weights]), np.append(-bias, bias)
        model.weights[:, known] = torch.from_numpy(weights).half()
        model.bias.fill_(-1.0)
        model.bias[known] = torch.from_numpy(bias).float()
        return model

    def _apply(self, *_: Any, **__: Any) -> NgramClassifier:
        # Wherever the encoder goes: a handful of rows are not worth the way to a GPU.
        return self

    def scores(self, texts: Sequence[str]) -> Array:
        """Scores texts, (N, C): towards 1 for the class of a text, towards -1 for the others.

        A text without a known n-gram says nothing either way: its scores are zero.
        """
        return np.stack([self._scores(text) for text in texts])

    def _scores(self, text: str) -> Array:
        places, values = self._weighed(ngrams(text))
        bias: Array = self.bias.numpy()
        if not len(places):
            return np.zeros_like(bias)
        scores: Array = values @ self.weights.numpy()[places].astype(np.float32) + bias
        return scores

    def _weighed(self, found: Iterable[Iterable[str]]) -> tuple[Array, Array]:
        """Returns the places of the known n-grams among V, and their weights."""
        inverse_frequency = self.inverse_frequency.numpy()
        parts: list[tuple[Array, Array]] = []
        for known, kind in zip(self._places, found, strict=True):
            places = np.array([known[ngram] for ngram in kind if ngram in known], dtype=np.intp)
            values = inverse_frequency[places]
            parts.append((places, values / max(float(np.linalg.norm(values)), 1e-9)))
        places, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        return places, values.astype(np.float32)


def _frequencies(found: Iterable[Iterable[str]]) -> dict[str, int]:
    """Counts in how many texts each n-gram is, sorted by n-gram."""
    return dict(sorted(Counter(ngram for one in found for ngram in one).items()))
