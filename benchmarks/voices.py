"""The shipped assistant spoken to by synthetic voices: words and intents, voice by voice.

    python -m benchmarks.voices [--model MODEL] [--voice flite:slt …] [--noise pink --decibels 15]
        [--limit 12] [--json OUT] [--seed 0]

Sentences of the training data (`known`), of `tests/data/nlu_heldout.yml` (`new`: other words and
phrasings on purpose), and talk about other things out of `tests/data/overheard.txt` (`overheard`),
so many of each; the same for every voice. The trained model's own recogniser hears them, its NLU
chooses among what may have been said, as in a server. A sentence is *understood* where the intent
and all annotated values are as they are labelled, values word for word. Voices whose program is not
installed are left out, and named.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from benchmarks import options, runner
from benchmarks.datasets import DatasetError, LabelledText, checksum, limited, read_nlu
from benchmarks.intents import DECLINED, best_intent, is_declined
from benchmarks.speech import chosen_of, recognition
from benchmarks.spoken import LEVELS, MADE
from benchmarks.table import markdown, say
from voice import understanding
from voice.language import LanguageError
from voice.model import language_at
from voice.speakable import spoken
from voice.synthesis import can_synthesise

VOICES = (
    *("flite:slt", "flite:rms", "flite:awb", "flite:kal16"),
    *("espeak-ng:en-us", "espeak-ng:en-gb", "espeak-ng:en-us+f3"),
    "festival:kal_diphone",
)
KNOWN = runner.ROOT / "data" / "nlu"
NEW = runner.ROOT / "tests" / "data" / "nlu_heldout.yml"
OVERHEARD = runner.ROOT / "tests" / "data" / "overheard.txt"
LONGEST = 16
"""Words: nobody says more in one breath."""

KEYS = ("voice", "sentences", "noise", "decibels")
COLUMNS = (
    "clips",
    "word_errors",
    "intent_accuracy",
    "text_intent_accuracy",
    "understood",
    "accepted_and_right",
    "accepted_and_wrong",
    "turned_away_though_right",
    "real_time_ratio",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints a table and writes records."""
    parser = options.parser(__doc__, data=False)
    parser.add_argument("--model", type=Path, default=runner.ROOT / "models")
    parser.add_argument("--voice", action="append", metavar="NAME", help=", ".join(VOICES))
    parser.add_argument("--noise", choices=MADE)
    parser.add_argument("--decibels", type=float, default=LEVELS[3])
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(limit=12)
    chosen = parser.parse_args(arguments)
    wanted = chosen.voice or VOICES
    voices = [voice for voice in wanted if can_synthesise(voice)]
    if missing := sorted(set(wanted) - set(voices)):
        say(f"Left out, as nothing speaks so here: {', '.join(missing)}.")
    try:
        parts = read_parts(chosen.limit)
        with tempfile.TemporaryDirectory(prefix="parley-benchmark-") as place:
            language = language_at(chosen.model, Path(place, "language"))
            model = newest(chosen.model)
            found = measure(model, language, parts, voices, vars(chosen), Path(place))
    except (DatasetError, LanguageError) as error:
        say(str(error))
        return 2
    except runner.WorkerFailedError as error:
        say(str(error))
        return 1
    shared = {
        "benchmark": "voices",
        "system": "pocketsphinx",
        "data_sha256": checksum([KNOWN, NEW, OVERHEARD]),
        "limit": chosen.limit,
        "seed": chosen.seed,
        "noise": chosen.noise,
        "decibels": chosen.decibels if chosen.noise else None,
        **runner.circumstances(),
    }
    records = [{**shared, **one} for one in found]
    if chosen.json:
        runner.write_records(records, chosen.json)
    sys.stdout.write(markdown(records, COLUMNS, KEYS) + "\n")
    return 0


def newest(place: Path) -> Path:
    """The trained model that a place stands for: itself, or the newest in a folder."""
    if not place.is_dir():
        return place
    return max(place.glob("*.tar.gz"), key=lambda one: one.stat().st_mtime)


def read_parts(limit: int) -> dict[str, list[LabelledText]]:
    """So many sentences of each kind.

    Raises:
        DatasetError: A file is not there, or cannot be read.
    """

    def of(path: Path) -> list[LabelledText]:
        texts = [one for one in read_nlu(path) if 1 < len(spoken(one.text)) <= LONGEST]
        return limited(texts, limit)

    talk = OVERHEARD.read_text(encoding="utf-8").splitlines()
    return {
        "known": of(KNOWN),
        "new": of(NEW),
        "overheard": limited([LabelledText(line, None) for line in talk if line], limit),
    }


def measure(
    model: Path,
    language: Path,
    parts: dict[str, list[LabelledText]],
    voices: Sequence[str],
    chosen: dict[str, Any],
    folder: Path,
) -> list[runner.Record]:
    """Speaks, listens and understands; a record for each voice and kind of sentences."""
    texts = [one for part in parts.values() for one in part]
    say(f"Speaking {len(texts)} sentences with {len(voices)} voices, and listening …")
    job = {
        "folder": str(language),
        "texts": [one.text for one in texts],
        "voices": list(voices),
        **{key: chosen[key] for key in ("noise", "decibels", "seed")},
    }
    heard = runner.run_job("hear_spoken", job, folder, threads=1)["heard"]
    say("Understanding …")
    sayings = {one.text for one in texts} | {found["text"] for found in heard}
    for found in heard:
        sayings |= {text for text, _ in found["alternatives"][: understanding.MOST_READ]}
    asked = sorted(sayings - {""})
    parsed = runner.parse(model, asked, folder)["results"]
    understood = dict(zip(asked, parsed, strict=True))
    records = []
    rest = iter(heard)
    for voice in voices:
        for name, part in parts.items():
            pairs = [(one, next(rest)) for one in part]
            records.append({"voice": voice, "sentences": name, **figures(pairs, understood)})
    return records


def figures(
    pairs: Sequence[tuple[LabelledText, dict[str, Any]]], understood: dict[str, Any]
) -> runner.Record:
    """What one voice came to on sentences of one kind; what is talk has no intent to be right."""
    errors = words = 0
    rows = []
    for said, raw in pairs:
        wanted = spoken(said.text)
        errors += Levenshtein.distance(wanted, raw["text"].split())
        words += len(wanted)
        heard = asyncio.run(chosen_of(recognition(raw), understood))
        result = understood.get(heard["chosen"])
        rows.append((said, raw, result, heard["chosen_accepted"]))
    right = [is_right(said, result) for said, _, result, _ in rows]
    taken = [accepted and acts(result) for _, _, result, accepted in rows]
    found: runner.Record = {
        "clips": len(rows),
        "word_errors": errors / words,
        "accepted_and_wrong": float(np.mean(np.array(taken) & ~np.array(right))),
        "real_time_ratio": sum(raw["busy"] for _, raw, _, _ in rows)
        / sum(raw["seconds"] for _, raw, _, _ in rows),
        "heard": [
            {"said": said.text, "heard": raw["text"], "right": one, "accepted": accepted}
            for (said, raw, _, accepted), one in zip(rows, right, strict=True)
        ],
    }
    if any(said.label is not None for said, _, _, _ in rows):
        found |= {
            "intent_accuracy": float(
                np.mean(
                    [one is not None and best_intent(one) == said.label for said, _, one, _ in rows]
                )
            ),
            "text_intent_accuracy": float(
                np.mean([best_intent(understood[said.text]) == said.label for said, *_ in rows])
            ),
            "understood": float(np.mean(right)),
            "accepted_and_right": float(
                np.mean([one and accepted for one, (*_, accepted) in zip(right, rows, strict=True)])
            ),
            "turned_away_though_right": float(
                np.mean(
                    [one and not accepted for one, (*_, accepted) in zip(right, rows, strict=True)]
                )
            ),
        }
    return found


def is_right(said: LabelledText, result: dict[str, Any] | None) -> bool:
    """Whether intent and values are the sentence's; what is declined is right to be, if it fits."""
    if result is None or said.label is None:
        return False
    if is_declined(result):
        return said.label in DECLINED
    kinds = {entity["entity"] for entity in said.entities}
    values = sorted(
        (one["entity"], spoken(result["text"][one["start"] : one["end"]]))
        for one in result["entities"]
        if "confidence_entity" in one or one["entity"] in kinds
    )
    wanted = sorted(
        (one["entity"], spoken(said.text[one["start"] : one["end"]])) for one in said.entities
    )
    return best_intent(result) == said.label and values == wanted


def acts(result: dict[str, Any] | None) -> bool:
    """Whether the assistant would do something, and not ask what was meant."""
    return result is not None and not is_declined(result)


if __name__ == "__main__":
    sys.exit(main())
