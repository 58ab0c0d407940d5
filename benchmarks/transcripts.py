"""Makes transcripts of labelled commands, for `make tune-voice`: what was said, word for word.

    python -m benchmarks.transcripts --data DIR --output FOLDER [--noise pink --decibels 12]

`DIR` is what `benchmarks.speech` takes. A label says the intent and the slots, not the words: these
are found by the recogniser, among the grammar's sentences that mean what the label says. Writes
`transcripts.jsonl`, the clips (with noise under them, where wanted) and `language`, the
recogniser's language model of the whole grammar.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pocketsphinx

from benchmarks.datasets import DatasetError, LabelledText
from benchmarks.speech import sayable
from benchmarks.spoken import Clip, make_noise, read_clips, read_sentences, under
from benchmarks.table import say
from voice import vad
from voice.audio import read_wave, write_wave
from voice.language import DICTIONARY, train
from voice.pronunciation import Pronunciations
from voice.speakable import spoken
from voice.sphinx import WIDE, dictionary_path


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transcripts", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--noise", help="as for benchmarks.speech")
    parser.add_argument("--decibels", type=float, default=12)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    try:
        clips = read_clips(chosen.data, chosen.limit)
        sentences, values = read_sentences(chosen.data, chosen.seed)
    except DatasetError as error:
        say(str(error))
        return 2
    language = chosen.output / "language"
    train(sayable(sentences, values), language, Pronunciations(dictionary_path()))
    texts = transcribe(clips, sentences, language)
    noise = chosen.noise and make_noise(chosen.noise, [clip.path for clip in clips], chosen.seed)
    lines = []
    for clip, text in zip(clips, texts, strict=True):
        if text is None:
            say(f"{clip.path.name}: no sentence of the grammar fits.")
            continue
        samples = read_wave(clip.path)
        if chosen.noise:
            samples = under(clip.path, samples, noise, chosen.decibels, chosen.seed)
        write_wave(samples, chosen.output / clip.path.name)
        lines.append(json.dumps({"clip": clip.path.name, "text": text}))
    (chosen.output / "transcripts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    say(f"{len(lines)} transcripts in {chosen.output}.")
    return 0


def transcribe(
    clips: Sequence[Clip], sentences: Sequence[LabelledText], language: Path
) -> list[str | None]:
    """What is said in each clip; None where nothing fits."""
    decoder = pocketsphinx.Decoder(
        lm=None, dict=str(language / DICTIONARY), bestpath=False, loglevel="FATAL", **WIDE
    )
    found: list[str | None] = []
    for clip in clips:
        ways = sorted({" ".join(spoken(text)) for text in wordings(clip, sentences)})
        decoder.add_jsgf_string("wordings", f"#JSGF V1.0;grammar w;public <w> = {'|'.join(ways)};")
        decoder.activate_search("wordings")
        decoder.start_utt()
        samples = read_wave(clip.path)
        decoder.process_raw(vad.trim(samples).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        best = decoder.hyp()
        found.append(best.hypstr if best and best.hypstr in ways else None)
    return found


def wordings(clip: Clip, sentences: Sequence[LabelledText]) -> list[str]:
    """All sentences of the grammar that mean what a clip's label says."""
    return [
        _with(one, clip.slots)
        for one in sentences
        if one.label == clip.intent
        and sorted(entity["entity"] for entity in one.entities) == sorted(clip.slots)
    ]


def _with(sentence: LabelledText, slots: dict[str, str]) -> str:
    """A sentence with other values."""
    text = sentence.text
    for entity in sorted(sentence.entities, key=lambda one: -one["start"]):
        text = text[: entity["start"]] + slots[entity["entity"]] + text[entity["end"] :]
    return text


if __name__ == "__main__":
    sys.exit(main())
