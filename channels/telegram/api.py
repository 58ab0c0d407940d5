"""The Bot API's calls, and their failures in words that never name the token."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

CONNECT_SECONDS = 5.0

ANSWER_SECONDS = 20.0
"""A picture that is sent by its address is fetched by Telegram before it answers."""

LONGEST_DESCRIPTION = 200


class TelegramError(Exception):
    """A call failed. The text names the method and the reason, never the token."""


class UnreachableError(TelegramError):
    """The Bot API was not reached, or has a trouble of its own: it may work later."""


class BusyError(TelegramError):
    """We called too often."""

    def __init__(self, method: str, after: float) -> None:
        """Says when to call again.

        Args:
            method: What was called.
            after: Seconds to wait.
        """
        super().__init__(f"{method}: 429, again in {after:g} s")
        self.after = after


class RefusedError(TelegramError):
    """The Bot API does not do this, however often it is asked."""

    def __init__(
        self, method: str, code: int, description: str, moved_to: int | None = None
    ) -> None:
        """Says why.

        Args:
            method: What was called.
            code: `error_code`, as of HTTP.
            description: The Bot API's own words.
            moved_to: The chat's new id, where it was refused because the group got another.
        """
        super().__init__(f"{method}: {code} {description}")
        self.code = code
        self.description = description
        self.moved_to = moved_to


class BotApi:
    """A client for one bot."""

    def __init__(self, token: str, url: str) -> None:
        """Prepares; connections are opened by the first call.

        Args:
            token: The bot's.
            url: Of the Bot API server.
        """
        self._token = token
        self._base = f"{url}/bot{token}/"
        # httpx logs the address of each request at INFO, and the token is a part of it.
        self._filter = WithoutToken(token)
        logging.getLogger("httpx").addFilter(self._filter)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            # A proxy that the environment names leads outside, not to this machine.
            trust_env=not _is_this_machine(url),
        )

    async def call(
        self, method: str, fields: Mapping[str, Any] | None = None, held: float = 0.0
    ) -> Any:
        """Calls a method.

        Args:
            method: As in the Bot API's documentation.
            fields: Its parameters; those that are None are left out.
            held: Seconds that the server was asked to hold its answer back.

        Returns:
            The `result`.

        Raises:
            UnreachableError: If there was no answer, or a server's error.
            BusyError: If the rate limit was met.
            RefusedError: For all other errors.
        """
        # Of some fifty cancellations, httpx 0.28 loses one. So what can be cancelled is the wait.
        posting = asyncio.create_task(self._post(method, fields or {}, held))
        try:
            await asyncio.wait({posting})
        finally:
            posting.cancel()
            posting.add_done_callback(_passed_over)
        return posting.result()

    async def _post(self, method: str, fields: Mapping[str, Any], held: float) -> Any:
        given = {key: value for key, value in fields.items() if value is not None}
        timeout = httpx.Timeout(ANSWER_SECONDS + held, connect=CONNECT_SECONDS)
        try:
            response = await self._client.post(self._base + method, json=given, timeout=timeout)
            answer = response.json()
        except httpx.HTTPError as error:
            # Their own words may hold the address.
            raise UnreachableError(f"{method}: {type(error).__name__}") from None
        except ValueError:
            # A proxy's page, for example.
            raise UnreachableError(f"{method}: status {response.status_code}, no JSON") from None
        if isinstance(answer, dict) and answer.get("ok") is True:
            return answer.get("result")
        raise self._error(method, response.status_code, answer)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()
        logging.getLogger("httpx").removeFilter(self._filter)

    def _error(self, method: str, status: int, answer: Any) -> TelegramError:
        told = answer if isinstance(answer, dict) else {}
        given = told.get("parameters")
        parameters = given if isinstance(given, dict) else {}
        description = str(told.get("description") or "no reason given")
        description = description.replace(self._token, "…")[:LONGEST_DESCRIPTION]
        if status == 429:
            after = parameters.get("retry_after")
            return BusyError(method, float(after) if isinstance(after, (int, float)) else 1.0)
        if status >= 500 or status < 400:
            return UnreachableError(f"{method}: status {status}, {description}")
        moved_to = parameters.get("migrate_to_chat_id")
        return RefusedError(
            method, status, description, moved_to if isinstance(moved_to, int) else None
        )


class WithoutToken(logging.Filter):
    """Lets no record pass that names the token."""

    def __init__(self, token: str) -> None:
        """Remembers it."""
        super().__init__()
        self._token = token

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        return self._token not in record.getMessage()


def _passed_over(task: asyncio.Task[Any]) -> None:
    """Of a call that nobody waits for any more, nobody need be told how it ended."""
    if not task.cancelled():
        task.exception()


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
