"""Listens to clips in a process of its own: texts, times and memory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.memory import peak_rss_mb
from benchmarks.spoken import make_noise, under
from voice.asr import RecognizerError
from voice.audio import read_wave, seconds
from voice.engines import recognizer_of

Job = dict[str, Any]


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
            wall, busy = time.perf_counter(), time.process_time()
            recognition = recognizer.recognize(samples)
            found.append(
                {
                    "text": recognition.text,
                    "confidence": recognition.confidence,
                    "accepted": recognition.accepted,
                    "source": recognition.source.value,
                    "alternatives": [[one.text, one.score] for one in recognition.alternatives],
                    "wall": time.perf_counter() - wall,
                    "busy": time.process_time() - busy,
                    "seconds": seconds(samples),
                }
            )
        heard.append(found)
    return {"heard": heard, "peak_rss_mb": peak_rss_mb()}
