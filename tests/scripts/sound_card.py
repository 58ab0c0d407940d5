"""A sound card of pipes, by ALSA's own plugins: PortAudio and all above it are the real ones."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import numpy as np

from voice.audio import RATE, Samples

_PIECE = 480
_SMALL_PIPE = 4096
"""Bytes: a pipe that holds more would play faster than one can listen."""

_CONFIGURATION = """
</usr/share/alsa/alsa.conf>
pcm.!default {{ type asym capture.pcm "card_in" playback.pcm "card_out" }}
pcm.card_in {{
    type file slave.pcm "null" file "/dev/null" infile "{microphone}" format "raw"
}}
pcm.card_out {{
    type file slave.pcm "null" file "{loudspeaker}" format "raw"
}}
"""


class SoundCard:
    """Says into the microphone what it is given, in real time, and listens to the loudspeaker."""

    def __init__(self, folder: Path, rate: int = 16_000) -> None:
        """Makes its pipes.

        Args:
            folder: For the pipes and ALSA's configuration.
            rate: Of what is played, samples a second.
        """
        self._microphone, self._loudspeaker = folder / "microphone", folder / "loudspeaker"
        for pipe in (self._microphone, self._loudspeaker):
            os.mkfifo(pipe)
        # Open both ways, so that nobody waits for the other end.
        self._in = os.open(self._microphone, os.O_RDWR)
        self._out = os.open(self._loudspeaker, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, _SMALL_PIPE)
        fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, _SMALL_PIPE)
        configuration = folder / "asound.conf"
        configuration.write_text(
            _CONFIGURATION.format(microphone=self._microphone, loudspeaker=self._loudspeaker),
            encoding="utf-8",
        )
        self.environment = {"ALSA_CONFIG_PATH": str(configuration)}
        self._to_say: list[Samples] = []
        self._played: list[bytes] = []
        self._rate = rate
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=one, daemon=True) for one in (self._speak, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    def say(self, spoken: Samples) -> None:
        """Somebody says something, as soon as nothing else is being said."""
        self._to_say.append(spoken)

    @property
    def played(self) -> Samples:
        """All that was played so far."""
        whole = b"".join(self._played)
        return np.frombuffer(whole[: len(whole) // 2 * 2], np.int16)

    def close(self) -> None:
        """Ends it."""
        self._closed.set()
        for thread in self._threads:
            thread.join(5)
        os.close(self._in)
        os.close(self._out)

    def _speak(self) -> None:
        chance = np.random.default_rng(0)
        os.set_blocking(self._in, False)
        saying: Samples = np.empty(0, np.int16)
        due = time.monotonic()
        while not self._closed.is_set():
            if not len(saying) and self._to_say:
                saying = self._to_say.pop(0)
            part, saying = saying[:_PIECE], saying[_PIECE:]
            noise = chance.normal(0, 20, _PIECE).astype(np.int16)
            noise[: len(part)] += part
            try:
                os.write(self._in, noise.tobytes())
            except BlockingIOError:
                # Nobody listens: what is said is said in vain.
                pass
            due += _PIECE / RATE
            time.sleep(max(0.0, due - time.monotonic()))

    def _listen(self) -> None:
        due = time.monotonic()
        step = 0.02
        while not self._closed.is_set():
            try:
                self._played.append(os.read(self._out, round(self._rate * step) * 2))
            except BlockingIOError:
                pass
            due += step
            time.sleep(max(0.0, due - time.monotonic()))
