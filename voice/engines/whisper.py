"""Whisper, by transformers: hears open speech, and is told the assistant's own words.

Any checkpoint in Hugging Face's form, from a folder or its cache. Decoding is greedy or by beam;
then one pass over what was found tells how likely each token is, and, from what the decoder
looked at, when each word was said.
"""

from __future__ import annotations

import copy
import math
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    GenerationMixin,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizerFast,
)
from transformers.modeling_outputs import BaseModelOutput

from voice import vad
from voice.asr import RecognizerError, Word
from voice.audio import RATE, Samples, seconds
from voice.engines.attention import token_frames
from voice.engines.clips import ClipRecognizer, Guess, as_floats
from voice.engines.pretrained import load_config, load_part, load_weights
from voice.engines.vocabulary import unusual_words

ENGINE = "Whisper"

BEAMS = 5
"""Texts that are followed at a time; 1 is greedy, and leaves no alternatives."""

_TOKENS_A_SECOND = 10
"""More than anybody says: what goes on is a model that turns in a circle."""
_LONGEST_RATIO = 2.4
"""How well a text may be compressed; Whisper's own threshold of the same against circles."""
_NO_SPEECH = 0.6
"""Whisper's own threshold, for what is not likely as a text either."""


class WhisperRecognizer(ClipRecognizer):
    """Hears whatever is said.

    Attributes:
        model: Whisper itself.
        tokenizer: Texts to tokens and back.
        extractor: Sound to what the model takes.
        begin: The tokens that a text begins with.
        most_tokens: That a text may have, its beginning and the prompt included.
    """

    def __init__(
        self,
        model: Path | None,
        language: Path | None = None,
        beams: int = BEAMS,
        endpointing: vad.Endpointing | None = None,
    ) -> None:
        """Loads it.

        Args:
            model: A folder, or the name of a model in Hugging Face's cache.
            language: The folder of the assistant's language model, whose words are its prompt.
            beams: Texts that are followed at a time.
            endpointing: How speech is told from silence.

        Raises:
            RecognizerError: Something is missing or damaged.
        """
        super().__init__(endpointing)
        load_config(ENGINE, model, ("whisper",))
        assert model is not None
        self.extractor: Any = load_part(WhisperFeatureExtractor, ENGINE, model)
        self.tokenizer: Any = load_part(WhisperTokenizerFast, ENGINE, model)
        # The only implementation that tells what it looks at.
        self.model: Any = load_weights(
            WhisperForConditionalGeneration, ENGINE, model, attn_implementation="eager"
        )
        if len(self.tokenizer) > self.model.config.vocab_size:
            raise RecognizerError(f"{model} has a tokenizer of another model than its weights.")
        self._longest = self.extractor.n_samples
        self.most_tokens = self.model.config.max_target_positions
        self.begin = self._first_tokens()
        self._decoding = copy.deepcopy(self.model.generation_config)
        self._decoding.update(
            num_beams=beams,
            num_return_sequences=beams,
            do_sample=False,
            # Older models name here what `begin` is.
            forced_decoder_ids=None,
            max_length=None,
            early_stopping=False,
        )
        self._prompt = self._make_prompt(unusual_words(language) if language else [])

    @property
    def prompt(self) -> str:
        """What the decoder is told before; empty for nothing."""
        text: str = self.tokenizer.decode(self._prompt[1:]) if self._prompt is not None else ""
        return text.strip()

    def save(self, folder: Path) -> None:
        """Writes the model and all that belongs to it, for loading it from there."""
        self.model.save_pretrained(folder, safe_serialization=True)
        self.tokenizer.save_pretrained(folder)
        self.extractor.save_pretrained(folder)

    def guess(self, samples: Samples) -> list[Guess]:
        """What was said; longer utterances than the model's window are heard in parts."""
        if len(samples) > self._longest:
            cut = quietest(samples, self._longest // 2, self._longest)
            begin, rest = self.guess(samples[:cut]), self.guess(samples[cut:])
            return [_joined(begin[0], rest[0], cut / RATE)] if begin and rest else begin or rest
        with torch.inference_mode():
            return self._guess(samples)

    def _guess(self, samples: Samples) -> list[Guess]:
        features = self.extractor(
            as_floats(samples), sampling_rate=RATE, return_tensors="pt"
        ).input_features
        encoded = self.model.get_encoder()(features).last_hidden_state
        told = [] if self._prompt is None else self._prompt.tolist()
        begin = torch.tensor([[*told, *self.begin]])
        room = self.most_tokens - begin.shape[1]
        # Not Whisper's own `generate`, which for alternatives decodes the same several times.
        found = GenerationMixin.generate(
            self.model,
            encoder_outputs=BaseModelOutput(last_hidden_state=encoded),
            attention_mask=torch.ones(encoded.shape[:2], dtype=torch.long),
            decoder_input_ids=begin,
            generation_config=self._decoding,
            max_new_tokens=min(room, 8 + math.ceil(_TOKENS_A_SECOND * seconds(samples))),
        )
        guesses = self._judge(found, encoded, samples)
        return sorted(guesses, key=lambda one: -one.confidence)

    def _judge(self, sequences: Any, encoded: Any, samples: Samples) -> list[Guess]:
        """How likely each text is, token by token; word times of the first one alone."""
        start = self.model.config.decoder_start_token_id
        end = self.model.config.eos_token_id
        states = BaseModelOutput(last_hidden_state=encoded.expand(len(sequences), -1, -1))
        output = self.model(
            encoder_outputs=states, decoder_input_ids=sequences, output_attentions=True
        )
        chances = output.logits.float().log_softmax(-1)
        begin = int((sequences[0] == start).nonzero()[0, 0])
        silent = self._no_speech(chances[0, begin])
        guesses = []
        for number, row in enumerate(sequences.tolist()):
            places = [
                place
                for place in range(begin + 1, len(row))
                if row[place] < min(end, self._first_special)
            ]
            if not places:
                continue
            # What ends the text is as much a decision as its words.
            decided = [*places, places[-1] + 1] if places[-1] + 1 < len(row) else places
            likely = [float(chances[number, place - 1, row[place]]) for place in decided]
            text: str = self.tokenizer.decode([row[place] for place in places])
            mean = float(np.mean(likely))
            if silent > _NO_SPEECH and mean < -1:
                continue
            if goes_in_circles(text):
                mean = min(mean, -2.0)
            words = () if number else self._words(output, number, row, places, seconds(samples))
            guesses.append(Guess(text, float(np.sum(likely)), math.exp(mean), words))
        return guesses

    def _words(
        self, output: Any, number: int, row: list[int], places: list[int], length: float
    ) -> tuple[Word, ...]:
        """Words with their times, from the heads that are known to follow the speech."""
        layers = self.model.config.decoder_layers
        heads = getattr(self.model.generation_config, "alignment_heads", None) or [
            (layer, head)
            for layer in range(layers // 2, layers)
            for head in range(self.model.config.decoder_attention_heads)
        ]
        positions = self.model.config.max_source_positions
        window = self._longest / RATE
        frames = max(1, min(positions, math.ceil(length / window * positions)))
        # A token is decided where the one before it stands.
        before = [place - 1 for place in places]
        attention = torch.stack(
            [output.cross_attentions[layer][number, head][before, :frames] for layer, head in heads]
        )
        times = [
            (first * window / positions, min(length, last * window / positions))
            for first, last in token_frames(attention.float().numpy())
        ]
        tokens = self.tokenizer.convert_ids_to_tokens([row[place] for place in places])
        words: list[Word] = []
        pieces: list[str] = []
        for token, (first, last) in zip(tokens, times, strict=True):
            if token.startswith("Ġ") or not words:
                pieces = []
                words.append(Word("", first, last))
            pieces.append(token)
            text = self.tokenizer.convert_tokens_to_string(pieces).strip()
            words[-1] = Word(text, words[-1].begin, last)
        return tuple(words)

    @property
    def _first_special(self) -> int:
        """Texts have smaller numbers; from here on are marks and times."""
        return int(min(self.tokenizer.all_special_ids))

    def _no_speech(self, chances: Any) -> float:
        for name in ("<|nospeech|>", "<|nocaptions|>"):
            token = self.tokenizer.get_vocab().get(name)
            if token is not None:
                return float(chances[token].exp())
        return 0.0

    def _first_tokens(self) -> list[int]:
        """What a text begins with; models of many languages are told which it is."""
        if getattr(self.model.generation_config, "is_multilingual", False):
            self.tokenizer.set_prefix_tokens("en", "transcribe", predict_timestamps=False)
        else:
            self.tokenizer.set_prefix_tokens(predict_timestamps=False)
        found: list[int] = self.tokenizer.prefix_tokens
        return found

    def _make_prompt(self, words: Sequence[str]) -> Any:
        """As many of the words as have room in half of what the decoder can look back on."""
        if not words or "<|startofprev|>" not in self.tokenizer.get_vocab():
            return None
        most = self.most_tokens // 2 - 1
        found = None
        low, high = 0, min(len(words), most)
        while low < high:
            middle = (low + high + 1) // 2
            ids = self.tokenizer.get_prompt_ids(", ".join(words[:middle]), return_tensors="pt")
            if len(ids) <= most:
                low, found = middle, ids
            else:
                high = middle - 1
        return found


def quietest(samples: Samples, begin: int, end: int) -> int:
    """Where between two samples to cut: in the middle of the quietest 100 ms."""
    width = RATE // 10
    part = samples[begin:end].astype(np.float64) ** 2
    levels = np.convolve(part, np.ones(width), "valid")
    return begin + int(levels.argmin()) + width // 2


def goes_in_circles(text: str) -> bool:
    """Whether a text says the same again and again, as models do that hear nothing."""
    content = text.encode()
    return len(content) > 40 and len(content) / len(zlib.compress(content)) > _LONGEST_RATIO


def _joined(first: Guess, rest: Guess, shift: float) -> Guess:
    later = (Word(one.text, one.begin + shift, one.end + shift) for one in rest.words)
    return Guess(
        f"{first.text} {rest.text}",
        first.likelihood + rest.likelihood,
        min(first.confidence, rest.confidence),
        (*first.words, *later),
    )
