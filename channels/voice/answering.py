"""The answer to an utterance, in the form that was asked for."""

from __future__ import annotations

import json as json_text
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sanic.request import Request
from sanic.response import HTTPResponse, json, raw

from channels.messages import Reply
from channels.voice.requests import LINES, WAVE, Asked
from channels.voice.speech import Voice, aloud
from voice.asr import Recognition
from voice.formats import spoken_bytes
from voice.tts import Sound


@dataclass(frozen=True)
class Answered:
    """What was heard, and what is said to it."""

    heard: Recognition
    replies: list[Reply]


async def respond(
    request: Request, asked: Asked, answered: Answered, voice: Voice
) -> HTTPResponse | None:
    """Answers; None where that has been done, line by line."""
    heard = {
        "text": answered.heard.text,
        "confidence": round(answered.heard.confidence, 3),
        "accepted": answered.heard.accepted,
    }
    replies = [_shown(reply) for reply in answered.replies]
    text = aloud(answered.replies) if asked.with_sound else ""
    if asked.form == LINES:
        response = await request.respond(content_type=f"{LINES}; charset=utf-8")
        await response.send(_line({"heard": heard}))
        await response.send(_line({"replies": replies}))
        async for sound in voice.speak(text):
            await response.send(_line({"audio": _encoded([sound])}))
        await response.eof()
        return None
    sounds = [sound async for sound in voice.speak(text)]
    if asked.form == WAVE:
        # Headers are Latin-1 to most clients.
        said = {"X-Heard": quote(answered.heard.text), "X-Said": quote(aloud(answered.replies))}
        return raw(spoken_bytes(sounds), headers=said, content_type=WAVE)
    return json({"heard": heard, "replies": replies, "audio": _encoded(sounds)})


def _shown(reply: Reply) -> dict[str, Any]:
    """A reply without what only servers know: payloads, and the ids that stand for them."""
    shown = {key: reply[key] for key in ("text", "image", "attachment") if reply.get(key)}
    buttons = [{"title": str(button.get("title") or "")} for button in reply.get("buttons") or []]
    return {**shown, "buttons": buttons}


def _line(content: Mapping[str, Any]) -> bytes:
    return json_text.dumps(content, ensure_ascii=False).encode() + b"\n"


def _encoded(sounds: list[Sound]) -> str | None:
    """A WAV file as text; None where nothing is said."""
    return b64encode(spoken_bytes(sounds)).decode() if sounds else None
