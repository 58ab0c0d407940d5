"""What is said to what is not text, and which commands are offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels import wording

KINDS: Mapping[str, str] = {
    # In this order: an animation is a document as well, and a venue a location.
    "voice": wording.NO_VOICE,
    "video_note": "I can't watch video messages yet. Please write it to me.",
    "sticker": "Nice sticker! I can only read text so far, though.",
    "animation": "I can't see what moves in there. I can only read text so far.",
    "photo": "I can't see pictures yet. Please tell me in words what it is about.",
    "video": "I can't watch videos yet. Please tell me in words what it is about.",
    "audio": "I can't listen to music or recordings yet. Please write to me.",
    "document": "I can't open files that are sent to me. Please write what it is about.",
    "contact": "I can't keep contacts. Please write to me what you would like.",
    "venue": "I can't read places on a map. Please write the name of the place.",
    "location": "I can't read places on a map. Please write the name of the place.",
    "poll": "I can't vote, and I can't read polls. Please ask me in words.",
    "dice": "A game of luck! I can only read text, though.",
    "story": wording.NOT_TEXT,
    "game": wording.NOT_TEXT,
    "paid_media": wording.NOT_TEXT,
    "checklist": wording.NOT_TEXT,
    "invoice": wording.NOT_TEXT,
}
"""A word to each kind of message, by the field of the Bot API's `Message`.

What is not named here is a service message (somebody joined, a title changed): nobody said it.
"""

COMMANDS: Mapping[str, tuple[str, str]] = {
    "start": ("hello", "Say hello"),
    "help": ("what can you do?", "What I can do"),
    "cancel": ("never mind", "Drop what we are at"),
    "stop": ("stop", "Stop what is going on"),
}
"""What each command says in plain words, and how Telegram's menu describes it."""


def kind_of(message: Mapping[str, Any]) -> str | None:
    """What a message without text is; None for what nobody sent."""
    return next((kind for kind in KINDS if kind in message), None)
