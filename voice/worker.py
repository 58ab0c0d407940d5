"""A process that recognises speech: `python -m voice.worker LANGUAGE --engine NAME`.

It is told what to do on its standard input and answers on its standard output, one answer for each
command; `voice.pool` is at the other ends. A command is a letter, the length of what follows, and
samples; an answer is its length, and JSON. When the input ends, so does the process: one whose
server was killed is not left over.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import struct
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from voice.asr import Hypothesis, Recognition, Recognizer, RecognizerError, Source, Stream, Word
from voice.audio import RATE
from voice.engines import recognizer_of

COMMAND = struct.Struct("<cI")
"""A letter and the bytes that follow."""

LENGTH = struct.Struct("<I")
"""The bytes of an answer."""

RECOGNIZE, BEGIN, FEED, FINISH = b"r", b"b", b"f", b"e"

DEFAULT_ENGINE = "pocketsphinx"


def as_json(heard: Recognition) -> dict[str, Any]:
    """A recognition as it travels."""
    return {**asdict(heard), "source": heard.source.value}


def from_json(told: Mapping[str, Any]) -> Recognition:
    """What `as_json` made."""
    return Recognition(
        told["text"],
        told["confidence"],
        told["accepted"],
        tuple(Word(**word) for word in told["words"]),
        tuple(Hypothesis(**one) for one in told["alternatives"]),
        Source(told["source"]),
    )


def main() -> None:
    """Works until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", type=Path)
    parser.add_argument("--engine", default=DEFAULT_ENGINE)
    parser.add_argument("--model", type=Path)
    chosen = parser.parse_args()
    # Ctrl-C in the terminal is for the server, which ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever an engine prints must not be taken for an answer.
    os.dup2(2, 1)
    try:
        recognizer = recognizer_of(chosen.engine, chosen.language, chosen.model)
        # The first decoding is slower than all others: it is nobody's.
        noise = np.random.default_rng(0).normal(0, 300, RATE).astype(np.int16)
        recognizer.recognize(noise)
    except RecognizerError as error:
        _answer(answers, {"problem": str(error)})
        return
    _answer(answers, {"ready": True})
    try:
        _serve(recognizer, sys.stdin.buffer, answers)
    except BrokenPipeError:
        # Nobody waits for an answer any more.
        os._exit(0)


def _serve(recognizer: Recognizer, commands: BinaryIO, answers: BinaryIO) -> None:
    stream: Stream | None = None
    while len(head := commands.read(COMMAND.size)) == COMMAND.size:
        letter, length = COMMAND.unpack(head)
        samples = np.frombuffer(commands.read(length), "<i2").astype(np.int16)
        if letter == BEGIN:
            stream = recognizer.stream()
            answer: dict[str, Any] = {}
        elif letter == FEED and stream is not None:
            answer = {"caption": stream.feed(samples)}
        elif letter == FINISH and stream is not None:
            answer = {"heard": as_json(stream.finish())}
            stream = None
        else:
            answer = {"heard": as_json(recognizer.recognize(samples))}
        _answer(answers, answer)


def _answer(answers: BinaryIO, answer: Mapping[str, Any]) -> None:
    content = json.dumps(answer).encode()
    answers.write(LENGTH.pack(len(content)) + content)
    answers.flush()


if __name__ == "__main__":
    main()
