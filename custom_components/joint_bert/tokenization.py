"""Texts as word pieces, and the units of text that entities are made of."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from custom_components.joint_bert.labels import LabelSpace, Span
from custom_components.joint_bert.spelling import Speller

NO_UNIT = -1
"""The unit number of pieces that are none of the text's, such as [CLS]."""


@dataclass(frozen=True)
class EncodedText:
    """A text as the encoder reads it.

    A unit is what an entity is made of: a word of the tokenizer's, parted where digits meet
    letters ("500g" is "500" and "g"). Its pieces are averaged and get one tag, so that no
    entity can end in the middle of a word.
    """

    piece_ids: list[int]
    """Numbers of the word pieces, with the special ones at both ends."""
    piece_units: list[int]
    """For each piece the number of its unit, or `NO_UNIT`."""
    unit_spans: list[tuple[int, int]]
    """For each unit its characters, `text[start:end]`."""
    is_known: bool
    """Whether any piece says something: false for nothing at all or unknown signs only."""
    text: str
    """What was read, cut and corrected as it may be."""


class TextEncoder:
    """Turns texts into `EncodedText`s with a fast tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, max_length: int) -> None:
        """Keeps the tokenizer; `max_length` counts word pieces, special ones included."""
        self.tokenizer = tokenizer
        self.max_length = min(max_length, tokenizer.model_max_length)
        # transformers' own call takes twice as long as the tokenizer for one short text.
        self._quick = copy.deepcopy(tokenizer.backend_tokenizer)
        self._quick.enable_truncation(self.max_length)
        self._quick.no_padding()

    def encode(self, texts: Sequence[str], speller: Speller | None = None) -> list[EncodedText]:
        """Encodes texts; what goes beyond `max_length` pieces is left out.

        With a speller, words that the tokenizer does not know as a whole are read as the word
        that they stand for, if there is one. Spans stay those of the text as it was written.
        """
        encoded = self._encode(texts)
        if speller is None:
            return encoded
        return [
            self._corrected(text, one, speller) for text, one in zip(texts, encoded, strict=True)
        ]

    def _corrected(self, text: str, encoded: EncodedText, speller: Speller) -> EncodedText:
        pieces = Counter(encoded.piece_units)
        unknown = self.tokenizer.unk_token_id
        strange = {
            unit
            for piece, unit in zip(encoded.piece_ids, encoded.piece_units, strict=True)
            if pieces[unit] > 1 or piece == unknown
        }
        edits: list[tuple[int, int, str]] = []
        for unit, (start, end) in enumerate(encoded.unit_spans):
            if unit in strange and (known := speller.correct(text[start:end])) is not None:
                edits.append((start, end, known))
        if not edits:
            return encoded
        # The corrected text, and for each of its characters the one of the text it stands for.
        corrected = ""
        origin: list[int] = []
        place = 0
        for start, end, known in [*edits, (len(text), len(text), "")]:
            corrected += text[place:start] + known
            origin += [*range(place, start), *([start] * len(known))]
            place = end
        origin.append(len(text))
        ends = {start: end for start, end, _ in edits}
        again = self._encode([corrected])[0]
        spans = [
            (origin[start], ends.get(origin[end - 1], origin[end - 1] + 1))
            for start, end in again.unit_spans
        ]
        return replace(again, unit_spans=spans)

    def _encode(self, texts: Sequence[str]) -> list[EncodedText]:
        if not texts:
            return []
        # A piece is at least one character: text that cannot be reached is not worth splitting.
        reachable = [
            _LONE_SURROGATE.sub("\ufffd", text[: self.max_length * _LONGEST_PIECE])
            for text in texts
        ]
        return [
            self._encoded(text, one.ids, one.offsets, one.word_ids)
            for text, one in zip(reachable, self._quick.encode_batch(reachable), strict=True)
        ]

    def _encoded(
        self,
        text: str,
        ids: list[int],
        offsets: list[tuple[int, int]],
        words: list[int | None],
    ) -> EncodedText:
        units: list[int] = []
        spans: list[tuple[int, int]] = []
        previous_word: int | None = None
        for (start, end), word in zip(offsets, words, strict=True):
            if word is None or start == end:
                units.append(NO_UNIT)
                previous_word = None
                continue
            if word != previous_word or _parts_number(text, spans[-1][1], start):
                spans.append((start, end))
            else:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            units.append(len(spans) - 1)
            previous_word = word
        unknown = self.tokenizer.unk_token_id
        is_known = any(
            unit != NO_UNIT and piece != unknown and _is_readable(text[slice(*spans[unit])])
            for piece, unit in zip(ids, units, strict=True)
        )
        return EncodedText(list(ids), units, spans, is_known, text)


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Halves of a character, as broken clients send them; tokenizers accept valid text only."""

_LONGEST_PIECE = 100
"""Characters of text per piece beyond which even the longest words do not go."""


def _parts_number(text: str, end: int, start: int) -> bool:
    return end == start and start > 0 and text[end - 1].isdigit() != text[start].isdigit()


def _is_readable(text: str) -> bool:
    """Whether a unit is more than punctuation: letters, digits or pictures ("other symbols")."""
    return any(character.isalnum() or unicodedata.category(character) == "So" for character in text)


def tags_for(encoded: EncodedText, spans: Sequence[Span], labels: LabelSpace) -> list[int]:
    """Returns the BIO tag of each unit; a unit belongs to the span that covers a part of it."""
    tags = [0] * len(encoded.unit_spans)
    for span in spans:
        first = True
        for number, (start, end) in enumerate(encoded.unit_spans):
            if start < span.end and end > span.start and tags[number] == 0:
                begin = labels.begin_tag(span.label)
                tags[number] = begin if first else begin + 1
                first = False
    return tags


def is_aligned(encoded: EncodedText, span: Span) -> bool:
    """Whether a span begins and ends where units do, as far as the text was read."""
    if not encoded.unit_spans or span.end > encoded.unit_spans[-1][1]:
        return True
    starts = {start for start, _ in encoded.unit_spans}
    ends = {end for _, end in encoded.unit_spans}
    return span.start in starts and span.end in ends


@dataclass(frozen=True)
class Batch:
    """Encoded texts one after the other: N texts, P pieces and U units in all of them."""

    piece_ids: Tensor
    """(P,) int64."""
    lengths: list[int]
    """Pieces of each text."""
    text_of_piece: Tensor
    """(P,) int64."""
    first_pieces: Tensor
    """(N,) int64: where each text begins."""
    unit_places: Tensor
    """(pieces that belong to units,) int64: where they lie among the P."""
    unit_numbers: Tensor
    """(the same,) int64: which of the U units each of them belongs to."""
    unit_counts: list[int]
    """Units of each text."""
    texts: list[str]
    """What was read of each text."""


def collate(encoded: Sequence[EncodedText], device: torch.device | None = None) -> Batch:
    """Packs encoded texts to one batch, on the given device or the CPU."""
    lengths = [len(one.piece_ids) for one in encoded]
    counts = [len(one.unit_spans) for one in encoded]
    units: list[int] = []
    first_unit = 0
    for one, count in zip(encoded, counts, strict=True):
        units.extend(unit if unit == NO_UNIT else first_unit + unit for unit in one.piece_units)
        first_unit += count
    sizes = torch.tensor(lengths)
    numbers = torch.tensor(units)
    places = (numbers != NO_UNIT).nonzero().flatten()
    return Batch(
        torch.tensor([piece for one in encoded for piece in one.piece_ids]).to(device),
        lengths,
        torch.repeat_interleave(torch.arange(len(encoded)), sizes).to(device),
        (sizes.cumsum(0) - sizes).to(device),
        places.to(device),
        numbers[places].to(device),
        counts,
        [one.text for one in encoded],
    )
