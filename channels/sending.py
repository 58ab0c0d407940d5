"""Sending what was written down: in order within a conversation, again if it failed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from actions.storage.database import StorageError
from channels.leasing import Worker
from channels.messages import Outgoing

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 6
"""A platform that is away for longer than these take (a minute) does not get the message."""

FIRST_PAUSE = 1.0
"""Seconds; each failed attempt doubles it."""

LONGEST_PAUSE = 30.0


class SendError(Exception):
    """A message was not sent. The text names neither token nor words of the message."""


class SendAgainError(SendError):
    """The platform did not take the message now; it may take it later."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        """Says why, and when to try again.

        Args:
            reason: For the log.
            after: Seconds that the platform asks to wait, where it does. Such a wait is obeyed and
                not counted as a failure.
        """
        super().__init__(reason)
        self.after = after


class SendRefusedError(SendError):
    """The platform will never take this message: the user has blocked the bot, for example."""


class Sender(Worker):
    """Sends a channel's messages, several conversations at once."""

    def __init__(
        self,
        send: Callable[[Outgoing], Awaitable[None]],
        worker: Worker.Arguments,
    ) -> None:
        """Prepares.

        Args:
            send: Has the platform take one message; raises a `SendError` if it did not.
            worker: What all workers need.
        """
        super().__init__(worker)
        self._send = send
        # What the platform took while the database was away, and could not be noted there.
        self._taken: set[int] = set()

    async def look(self) -> list[str]:
        """The conversations with something to send."""
        return await self.ask(self.store.conversations_to_send)

    async def work(self, conversation: str) -> None:
        """Sends what there is for a conversation."""
        message = await self.ask(self.store.next_to_send, conversation, self.holder)
        while message is not None and not self.stopping:
            message = await self._try(message)

    async def _try(self, message: Outgoing) -> Outgoing | None:
        """Sends a message; the one to send next, which may be the same."""
        try:
            if message.id not in self._taken:
                await self._send(message)
                self._taken.add(message.id)
        except SendAgainError as error:
            if error.after is not None:
                logger.info("%s asks to wait %.0f s.", self.channel, error.after)
                await self.pause(error.after)
                return message
            if message.attempts + 1 >= MOST_ATTEMPTS:
                return await self._give_up(message, str(error))
            await self.ask(self.store.note_failure, message)
            await self.pause(min(FIRST_PAUSE * 2**message.attempts, LONGEST_PAUSE))
            return replace(message, attempts=message.attempts + 1)
        except SendRefusedError as error:
            return await self._give_up(message, str(error))
        except StorageError:
            raise
        except Exception as error:
            # A fault of the connector's own must not block what comes after. Only its kind is
            # logged: an HTTP client's own words may hold the address, and so the token.
            return await self._give_up(message, f"{type(error).__name__} in the connector")
        following = await self.ask(self.store.mark_sent, message, self.holder)
        self._taken.discard(message.id)
        return following

    async def _give_up(self, message: Outgoing, reason: str) -> Outgoing | None:
        logger.error(
            "%s: message %d to %s was not sent: %s",
            self.channel,
            message.id,
            message.conversation,
            reason,
        )
        return await self.ask(self.store.give_up, message, self.holder)
