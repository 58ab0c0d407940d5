"""Spoken commands: the share of clips of which intent and every slot are understood.

    python -m benchmarks.speech --data DIR [--json OUT] [--noise FILE|white|pink|babble …]
        [--limit N] [--engine pocketsphinx|whisper|… --model FOLDER] [--seed 0]

`DIR` holds `labels.jsonl`, `grammar.yaml` and `clips/`, as docs/voice.md says. A small bot of that
domain is trained with Parley's own NLU component, through Rasa's training, on every way that the
grammar has to say something, values drawn by chance; the recogniser learns the same sentences. The
NLU reads what may have been said, and `voice.understanding` chooses from it. A
clip is right only when the intent and every slot's value are, with nothing missing and nothing
added, and when it was accepted: a command that is turned away is not understood.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import intents, options, runner, systems
from benchmarks.datasets import DatasetError, LabelledText, checksum
from benchmarks.spoken import LEVELS, MADE, Clip, read_clips, read_sentences
from benchmarks.table import markdown, say
from voice import engines, understanding
from voice.asr import Hypothesis, Recognition, Source
from voice.language import Sayable, Sentence, Span, train
from voice.pronunciation import Pronunciations
from voice.sphinx import dictionary_path

KEYS = ("system", "dataset", "noise", "decibels", "limit")
COLUMNS = (
    "acceptance",
    "acceptance_chosen_on",
    "acceptance_held_out",
    "turned_away",
    "real_time_ratio",
    "decode_ms_p50",
    "decode_ms_p99",
    "parse_ms_p50",
    "peak_rss_mb",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints a table and writes records."""
    parser = options.parser(__doc__)
    parser.add_argument("--noise", action="append", default=[], help=f"{', '.join(MADE)} or a WAV")
    parser.add_argument("--engine", choices=engines.NAMES, default=engines.NAMES[0])
    parser.add_argument("--model", type=Path, help="the engine's, or what voice.tuning wrote")
    parser.add_argument("--seed", type=int, default=0, help="of sentences, training and noise")
    chosen = parser.parse_args(arguments)
    try:
        clips = read_clips(chosen.data, chosen.limit)
        sentences, values = read_sentences(chosen.data, chosen.seed)
        for noise in chosen.noise:
            if noise not in MADE and not Path(noise).is_file():
                raise DatasetError(f"There is no noise {noise}: neither made nor a file.")
    except DatasetError as error:
        say(str(error))
        return 2
    conditions: list[dict[str, Any]] = [{"noise": None, "decibels": None}]
    conditions += [{"noise": one, "decibels": db} for one in chosen.noise for db in LEVELS]
    shared = {
        "benchmark": "speech",
        "system": chosen.engine,
        "model": chosen.model and chosen.model.name,
        "dataset": chosen.data.resolve().name,
        "data_sha256": checksum(
            [chosen.data / "labels.jsonl", chosen.data / "grammar.yaml", chosen.data / "clips"]
        ),
        "limit": chosen.limit,
        "seed": chosen.seed,
        "settings": chosen.set,
        **runner.circumstances(),
    }
    try:
        hearing = {"engine": chosen.engine, "model": chosen.model and str(chosen.model.resolve())}
        found = measure(clips, sentences, values, conditions, chosen.seed, chosen.set, hearing)
    except runner.WorkerFailedError as error:
        say(str(error))
        return 1
    records = [
        {**shared, **condition, **one} for condition, one in zip(conditions, found, strict=True)
    ]
    records += [{**shared, **mean(noise, records)} for noise in chosen.noise]
    if chosen.json:
        runner.write_records(records, chosen.json)
    sys.stdout.write(markdown(records, COLUMNS, KEYS) + "\n")
    return 0


def measure(
    clips: Sequence[Clip],
    sentences: Sequence[LabelledText],
    values: dict[str, list[str]],
    conditions: Sequence[dict[str, Any]],
    seed: int,
    changes: dict[str, Any],
    hearing: dict[str, Any],
) -> list[runner.Record]:
    """Trains bot and recogniser, and listens in each condition; a record for each."""
    with tempfile.TemporaryDirectory(prefix="parley-benchmark-") as place:
        folder = Path(place)
        say(f"Recogniser: learning {len(sentences)} sentences …")
        language = folder / "language"
        train(sayable(sentences, values), language, Pronunciations(dictionary_path()))
        say(f"Listening to {len(clips)} clips, {len(conditions)} times …")
        job = {
            "folder": str(language),
            "clips": [str(clip.path) for clip in clips],
            "conditions": list(conditions),
            "seed": seed,
            **hearing,
        }
        asked = runner.run_job("hear", job, folder, threads=1)
        heard = [[recognition(one) for one in part] for part in asked["heard"]]
        texts = sorted(
            {
                one.text
                for part in heard
                for found in part
                for one in found.alternatives[: understanding.MOST_READ]
            }
        )
        say("NLU: learning the same sentences …")
        pipeline = systems.pipeline("parley", seed, changes)
        parsed = runner.train_and_parse(pipeline, sentences, texts)
    understood = dict(zip(texts, parsed["results"], strict=True))
    chosen = [
        [
            asyncio.run(chosen_of(found, understood)) | one
            for found, one in zip(part, raw, strict=True)
        ]
        for part, raw in zip(heard, asked["heard"], strict=True)
    ]
    costs = {
        "train_seconds": parsed["train_seconds"],
        "parse_ms_p50": float(np.percentile(parsed["milliseconds"], 50)),
        "peak_rss_mb": asked["peak_rss_mb"],
    }
    return [{**figures(clips, part, understood), **costs} for part in chosen]


def recognition(one: dict[str, Any]) -> Recognition:
    """What was heard of a clip, as it was before it became JSON."""
    return Recognition(
        one["text"],
        one["confidence"],
        one["accepted"],
        alternatives=tuple(Hypothesis(text, score) for text, score in one["alternatives"]),
        source=Source(one["source"]),
    )


async def chosen_of(heard: Recognition, understood: dict[str, Any]) -> dict[str, Any]:
    """What the assistant takes of it."""

    async def read(text: str) -> dict[str, Any]:
        result: dict[str, Any] = understood[text]
        return result

    found = await understanding.choose(heard, read)
    return {"chosen": found.text, "chosen_accepted": found.accepted}


def sayable(sentences: Sequence[LabelledText], values: dict[str, list[str]]) -> Sayable:
    """The bot's sentences for the recogniser."""
    return Sayable(
        tuple(
            Sentence(
                one.text,
                tuple(Span(span["start"], span["end"], span["entity"]) for span in one.entities),
            )
            for one in sentences
        ),
        values,
    )


def figures(
    clips: Sequence[Clip], heard: Sequence[dict[str, Any]], understood: dict[str, Any]
) -> runner.Record:
    """What one condition came to; the settings were chosen on every second clip."""
    right = [
        one["chosen_accepted"]
        and one["chosen"] in understood
        and is_right(clip, understood[one["chosen"]])
        for clip, one in zip(clips, heard, strict=True)
    ]
    milliseconds = [1000 * one["wall"] for one in heard]
    return {
        "clips": len(clips),
        "acceptance": float(np.mean(right)),
        "acceptance_chosen_on": float(np.mean(right[::2])),
        **({"acceptance_held_out": float(np.mean(right[1::2]))} if len(right) > 1 else {}),
        "turned_away": float(np.mean([not one["chosen_accepted"] for one in heard])),
        "real_time_ratio": sum(one["busy"] for one in heard) / sum(one["seconds"] for one in heard),
        "decode_ms_p50": float(np.percentile(milliseconds, 50)),
        "decode_ms_p99": float(np.percentile(milliseconds, 99)),
        "wrong": [
            {
                "clip": clip.path.name,
                "heard": one["text"],
                "chosen": one["chosen"],
                "accepted": one["chosen_accepted"],
            }
            for clip, one, is_fine in zip(clips, heard, right, strict=True)
            if not is_fine
        ],
    }


def is_right(clip: Clip, result: dict[str, Any]) -> bool:
    """Whether intent and slots are the clip's, none missing, none added, none said twice."""
    found = [(entity["entity"], entity["value"]) for entity in result["entities"]]
    return intents.best_intent(result) == clip.intent and sorted(found) == sorted(
        clip.slots.items()
    )


def mean(noise: str, records: Sequence[runner.Record]) -> runner.Record:
    """The mean over the levels of a noise."""
    members = [one for one in records if one["noise"] == noise]
    keys = [key for key in COLUMNS if all(key in one for one in members)]
    means = {key: float(np.mean([one[key] for one in members])) for key in keys}
    return {"noise": noise, "decibels": "mean", **means}


if __name__ == "__main__":
    sys.exit(main())
