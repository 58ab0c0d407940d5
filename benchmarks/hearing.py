"""Listens to clips in a process of its own: texts, times and memory."""

from __future__ import annotations

import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import peak_rss_mb
from benchmarks.spoken import make_noise, under
from voice.asr import Recognizer, RecognizerError
from voice.audio import Samples, mix, read_wave, seconds, write_wave
from voice.engines import recognizer_of
from voice.synthesis import in_a_room, synthesise

Job = dict[str, Any]

_ROOM = 60.0
"""Standard deviation of the noise of the room that is spoken in, of 32,768."""

_TALKERS = 8
"""Sentences that babble and a kitchen's talk are made of."""


def hear(job: Job) -> Job:
    """Decodes each clip once in each condition.

    The times are those of trimming and decoding, from the whole clip to the text: after the end of
    speech, they and the endpointer's wait pass.
    """
    clips = [Path(clip) for clip in job["clips"]]
    model = Path(job["model"]) if job.get("model") else None
    try:
        recognizer = recognizer_of(job["engine"], Path(job["folder"]), model)
    except RecognizerError as error:
        raise SystemExit(str(error)) from error
    recognizer.recognize(read_wave(clips[0]))
    noises = {
        kind: make_noise(kind, clips, job["seed"])
        for kind in {condition["noise"] for condition in job["conditions"]} - {None}
    }
    heard: list[list[Job]] = []
    for condition in job["conditions"]:
        found = []
        for clip in clips:
            samples = read_wave(clip)
            if condition["noise"] is not None:
                noise = noises[condition["noise"]]
                samples = under(clip, samples, noise, condition["decibels"], job["seed"])
            found.append(_heard(recognizer, samples))
        heard.append(found)
    return {"heard": heard, "peak_rss_mb": peak_rss_mb()}


def hear_spoken(job: Job) -> Job:
    """Speaks each text with each voice, and listens: voice by voice, text by text."""
    try:
        recognizer = recognizer_of("pocketsphinx", Path(job["folder"]), None)
    except RecognizerError as error:
        raise SystemExit(str(error)) from error
    with tempfile.TemporaryDirectory(prefix="parley-voices-") as folder:
        noise = None
        if job["noise"] is not None:
            clips = []
            for number, text in enumerate(job["texts"][:_TALKERS]):
                clips.append(Path(folder, f"{number}.wav"))
                write_wave(synthesise(text, job["voices"][0]), clips[-1])
            noise = make_noise(job["noise"], clips, job["seed"])
        heard = []
        for voice in job["voices"]:
            for text in job["texts"]:
                chance = np.random.default_rng(
                    [job["seed"], zlib.crc32(f"{voice} {text}".encode())]
                )
                samples = in_a_room(synthesise(text, voice), chance, _ROOM)
                if noise is not None:
                    begin = int(chance.integers(len(noise) - len(samples)))
                    samples = mix(samples, noise[begin : begin + len(samples)], job["decibels"])
                heard.append(_heard(recognizer, samples))
    return {"heard": heard, "peak_rss_mb": peak_rss_mb()}


def _heard(recognizer: Recognizer, samples: Samples) -> Job:
    """What is heard of a clip, and what that took."""
    wall, busy = time.perf_counter(), time.process_time()
    recognition = recognizer.recognize(samples)
    return {
        "text": recognition.text,
        "confidence": recognition.confidence,
        "accepted": recognition.accepted,
        "source": recognition.source.value,
        "alternatives": [[one.text, one.score] for one in recognition.alternatives],
        "wall": time.perf_counter() - wall,
        "busy": time.process_time() - busy,
        "seconds": seconds(samples),
    }
