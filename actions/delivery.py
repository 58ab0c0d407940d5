"""Having Rasa say what is due: in which conversations, when, and what became of it.

Nothing is said here. Rasa runs `action_deliver_reminder` for a conversation and sends what that
says through the conversation's channel; from Rasa's answer it is known what was said.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import aiohttp

from actions.delivering import DUE_INTENT, SAID, said_in
from actions.settings.delivery import DeliverySettings
from actions.storage.database import Database, StorageError, ask_database
from actions.storage.reminders import ReminderRepository, due_conversations

logger = logging.getLogger(__name__)

NOT_PUSHED_TO = frozenset({"rest", "cmdline"})
"""Channels that the delivery process leaves alone: `rest` only answers messages, and the chat in
the terminal delivers its own."""

LOOKS_EVERY = 1.0
"""Seconds."""

_ANSWER_SECONDS = 60
_LONGEST_PAUSE = timedelta(minutes=5)

Message = dict[str, Any]


class DeliveryError(Exception):
    """Rasa could not be asked, or could not send. The message names no token and no words."""


class RasaAwayError(DeliveryError):
    """Nobody listens where Rasa should: it is about to start, or was stopped."""


@dataclass
class _Pause:
    """How long a conversation is left alone in which a delivery failed."""

    until: datetime
    length: timedelta


@dataclass
class Delivery:
    """Delivers what is due, through one Rasa server."""

    settings: DeliverySettings
    session: aiohttp.ClientSession
    _pauses: dict[str, _Pause] = field(default_factory=dict)
    _away: bool = False

    async def deliver_all(self) -> int:
        """Delivers all that is due now, in all conversations that can be pushed to.

        What fails is logged and tried again later, each time after a longer pause.

        Returns:
            How many deliveries were made.

        Raises:
            StorageError: If it cannot be seen what is due.
        """
        now = datetime.now(timezone.utc)

        def look(database: Database) -> list[tuple[str, str]]:
            return due_conversations(database, now, NOT_PUSHED_TO)

        waiting = [
            (user, channel)
            for user, channel in await ask_database(look)
            if user not in self._pauses or self._pauses[user].until <= now
        ]
        made = await asyncio.gather(*(self._try(user, channel) for user, channel in waiting))
        return sum(made)

    async def deliver(self, user: str, channel: str | None) -> tuple[int, list[Message]]:
        """Has Rasa say what is due in a conversation.

        Args:
            user: The conversation's sender.
            channel: Where to send it; None returns it instead.

        Returns:
            How many deliveries were made, and what was said where no channel took it.

        Raises:
            DeliveryError: If Rasa could not be asked, or the channel could not send.
            StorageError: If it was said, but could not be noted. It is not said again.
        """
        answer = await self._ask_rasa(user, channel)
        said = said_in(((answer.get("tracker") or {}).get("slots") or {}).get(SAID))
        now = datetime.now(timezone.utc)

        def note(database: Database) -> int:
            return ReminderRepository(database, user).confirm(said, now)

        made = await ask_database(note) if said else 0
        messages: list[Message] = answer.get("messages") or []
        return made, messages

    async def is_due(self, user: str) -> bool:
        """Whether anything is due in a conversation.

        Raises:
            StorageError: If that cannot be seen.
        """
        now = datetime.now(timezone.utc)
        due = await ask_database(lambda database: due_conversations(database, now))
        return any(other == user for other, _ in due)

    async def _try(self, user: str, channel: str) -> int:
        try:
            made, _ = await self.deliver(user, channel)
        except RasaAwayError:
            # Not this conversation's fault: all of them are tried again as soon as Rasa is there.
            if not self._away:
                logger.warning("Rasa is not there: what is due waits for it.")
            self._away = True
            return 0
        except (DeliveryError, StorageError) as error:
            logger.warning("A delivery through %s failed: %s", channel, error)
            made = 0
        self._away = False
        if made:
            self._pauses.pop(user, None)
            logger.info("Delivered through %s: %d", channel, made)
        else:
            before = self._pauses.get(user)
            length = min(before.length * 2, _LONGEST_PAUSE) if before else timedelta(seconds=2)
            self._pauses[user] = _Pause(datetime.now(timezone.utc) + length, length)
        return made

    async def _ask_rasa(self, user: str, channel: str | None) -> Mapping[str, Any]:
        url = f"{self.settings.api_url}/conversations/{quote(user, safe='')}/trigger_intent"
        # Without a channel of that name, Rasa collects what is said in its answer.
        parameters = {"include_events": "NONE", "output_channel": channel or "collected"}
        if self.settings.api_token:
            parameters["token"] = self.settings.api_token
        limit = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        try:
            async with self.session.post(
                url, params=parameters, json={"name": DUE_INTENT}, timeout=limit
            ) as response:
                if response.status != 200:
                    raise DeliveryError(f"Rasa answered with status {response.status}.")
                answer: Mapping[str, Any] = await response.json()
                return answer
        except asyncio.TimeoutError:
            raise DeliveryError(f"No answer within {_ANSWER_SECONDS} s.") from None
        except aiohttp.ClientConnectorError:
            raise RasaAwayError("Nobody listens where Rasa should.") from None
        except (aiohttp.ClientError, ValueError) as error:
            # The error's own words would show the address, and the token in it.
            raise DeliveryError(type(error).__name__) from None
