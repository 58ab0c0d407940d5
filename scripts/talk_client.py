"""Speaks to a server's voice channel: an utterance there, and what is heard and answered back."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import json
import wave
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import numpy as np

from voice.asr import Recognition
from voice.audio import RATE, Samples
from voice.formats import wave_bytes
from voice.talking import AskError, Event, Replies
from voice.tts import Sound

ANSWER_SECONDS = 120
NEWS_EVERY = 3.0
"""Seconds between two questions whether there is something to be told unasked."""

_LONGEST_LINE = 2**24
"""Bytes: a sentence's sound as text is a line."""


class VoiceClient:
    """One speaker's conversation with a server."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str, sender: str) -> None:
        """Prepares; see `connected`.

        Args:
            session: To ask with.
            url: Of the voice channel.
            token: What lets in.
            sender: Whose conversation it is.
        """
        self._session, self._url, self._sender = session, url, sender
        self._headers = {"Authorization": f"Bearer {token}"}

    @staticmethod
    def session() -> aiohttp.ClientSession:
        """A session whose lines may be as long as a sentence's sound."""
        wait = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        return aiohttp.ClientSession(timeout=wait, read_bufsize=_LONGEST_LINE)

    async def ask(self, spoken: Samples) -> AsyncGenerator[Event, None]:
        """Has an utterance answered; see `voice.talking.Ask`."""
        async for event in self.ask_file(wave_bytes(spoken, RATE)):
            yield event

    async def ask_file(self, content: bytes) -> AsyncGenerator[Event, None]:
        """Has a recording answered, of any format that the server reads.

        Raises:
            AskError: The server is not there, or refused it.
        """
        headers = {**self._headers, "Accept": "application/x-ndjson"}
        try:
            async with self._session.post(
                f"{self._url}/utterance",
                params={"sender": self._sender},
                data=content,
                headers=headers,
            ) as response:
                if response.status != 200:
                    raise AskError(await _refusal(response))
                async for line in response.content:
                    for event in _events(json.loads(line)):
                        yield event
        except asyncio.TimeoutError as error:
            raise AskError("No answer in time. The log says more: var/log/rasa.log.") from error
        except (aiohttp.ClientError, ValueError, KeyError, TypeError, OSError) as error:
            raise AskError(f"The answer broke off ({type(error).__name__}).") from error

    async def news(self) -> AsyncGenerator[Replies, None]:
        """What the assistant says unasked, such as reminders, as it comes."""
        place: int | None = None
        while True:
            try:
                params = {"sender": self._sender}
                if place is not None:
                    params["after"] = str(place)
                async with self._session.get(
                    f"{self._url}/news", params=params, headers=self._headers
                ) as response:
                    if response.status == 200:
                        told = await response.json()
                        place = int(told["place"])
                        if told["replies"]:
                            yield Replies(tuple(told["replies"]))
            except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError, TypeError):
                # It is asked again: what there is to be told is not lost.
                pass
            await asyncio.sleep(NEWS_EVERY)


def _events(line: dict[str, Any]) -> list[Event]:
    events: list[Event] = []
    if heard := line.get("heard"):
        accepted = bool(heard["accepted"])
        events.append(Recognition(str(heard["text"]), float(heard["confidence"]), accepted))
    if "replies" in line:
        events.append(Replies(tuple(line["replies"])))
    if line.get("audio"):
        events.append(_sound(str(line["audio"])))
    return events


def _sound(encoded: str) -> Sound:
    try:
        with wave.open(io.BytesIO(base64.b64decode(encoded, validate=True))) as file:
            if file.getsampwidth() != 2 or file.getnchannels() != 1:
                raise ValueError("not a sound of one channel and 16 bits")
            data, rate = file.readframes(file.getnframes()), file.getframerate()
    except (binascii.Error, wave.Error, EOFError) as error:
        raise ValueError(str(error)) from error
    return Sound(np.frombuffer(data, "<i2"), rate)


async def _refusal(response: aiohttp.ClientResponse) -> str:
    try:
        told = (await response.json(content_type=None))["error"]
    except (ValueError, KeyError, TypeError):
        told = f"The server answered with {response.status}."
    return " ".join(str(told).split())
