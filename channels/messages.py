"""What comes in and what goes out, as it is written down in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Reply = dict[str, Any]
"""What the bot says, as Rasa writes it: `text`, `buttons` (each with `title` and `payload`),
`image`, `attachment`, `custom`, `elements`, `quick_replies`."""


@dataclass(frozen=True)
class Incoming:
    """What a person sent, checked and made sure to be from the platform."""

    conversation: str
    """Rasa's sender: whose conversation it is a part of."""

    keys: tuple[str, ...]
    """What the platform knows the message by. A message of which one key has been seen is a
    redelivery."""

    content: Mapping[str, Any]
    """The message in the connector's own form; JSON."""


@dataclass(frozen=True)
class Written:
    """An incoming message that was written down."""

    id: int
    conversation: str
    content: Mapping[str, Any]
    attempts: int
    """How often its handling was begun before."""


@dataclass(frozen=True)
class Outgoing:
    """What is to be sent."""

    id: int
    conversation: str
    reply: Reply
    place: Mapping[str, Any] = field(default_factory=dict)
    """Where in the conversation the answer goes (a thread, a message that is replied to): what the
    connector made of the message that is answered; JSON. Empty for what is not an answer."""

    attempts: int = 0
    """How often sending it failed."""
