"""What a client asks for: checked, and refused with a status and a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sanic.exceptions import PayloadTooLarge
from sanic.request import Request

from channels.refusing import RefusedError
from voice.audio import AudioError, TooLongError
from voice.formats import NotASoundError

JSON, WAVE, LINES = "application/json", "audio/wav", "application/x-ndjson"
"""What is answered: all at once, the sound alone, or line by line as it comes."""

_PATIENCE = 5
"""By how much more a client may send than is allowed, and still be told so."""

_SENDER = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_KEY = re.compile(r"[\x21-\x7e]{1,100}")
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Asked:
    """How an utterance is to be answered."""

    sender: str
    key: str
    """By what the client knows the utterance; empty where it has no name."""

    form: str
    with_sound: bool


def read_asked(request: Request) -> Asked:
    """Reads all but the body.

    Raises:
        RefusedError: If something is wrong.
    """
    key = request.headers.get("idempotency-key") or request.args.get("key") or ""
    if key and not _KEY.fullmatch(key):
        raise RefusedError(400, "The key is not 1 to 100 characters of ASCII without spaces.")
    accepted = request.headers.get("accept", "")
    form = next((form for form in (LINES, WAVE) if form in accepted), JSON)
    audio = request.args.get("audio", "wav")
    if audio not in ("wav", "none"):
        raise RefusedError(400, "The parameter 'audio' is 'wav', or 'none' for text alone.")
    return Asked(read_sender(request), key, form, audio == "wav")


def read_sender(request: Request) -> str:
    """Who speaks.

    Raises:
        RefusedError: If it is not said.
    """
    sender = request.args.get("sender") or ""
    if not _SENDER.fullmatch(sender):
        raise RefusedError(400, "Say who speaks by the parameter 'sender', 1 to 100 characters.")
    return sender


def read_place(request: Request) -> int | None:
    """After which place somebody wants to be told what was said unasked.

    Raises:
        RefusedError: If it is no place.
    """
    after = request.args.get("after")
    if after is None:
        return None
    if not _NUMBER.fullmatch(after):
        raise RefusedError(400, "The parameter 'after' is no place that was told before.")
    return int(after)


async def read_body(request: Request, most: int) -> bytes:
    """The sound that was sent.

    Args:
        request: Whose body has not been read.
        most: Bytes that are read.

    Raises:
        RefusedError: If there is none, or more.
    """
    body = request.stream
    assert body is not None
    body.request_max_size = _PATIENCE * most
    content = bytearray()
    length = 0
    try:
        async for part in body:
            length += len(part)
            # Read on, without keeping it: who is still sending takes no answer.
            content += part if length <= most else b""
    except PayloadTooLarge:
        length = _PATIENCE * most
    if length > most:
        raise RefusedError(413, f"A recording may have {most // 2**20} MB.")
    if not content:
        raise RefusedError(400, "Nothing was sent: the recording is the body of the request.")
    return bytes(content)


def refused_audio(error: AudioError) -> RefusedError:
    """What is answered to a sound that cannot be heard."""
    if isinstance(error, NotASoundError):
        return RefusedError(415, str(error))
    return RefusedError(413 if isinstance(error, TooLongError) else 400, str(error))
