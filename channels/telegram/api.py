"""The Bot API's calls, and their failures in words that never name the token."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx

CONNECT_SECONDS = 5.0

ANSWER_SECONDS = 20.0
"""A picture that is sent by its address is fetched by Telegram before it answers."""

DOWNLOAD_SECONDS = 30.0

LONGEST_DESCRIPTION = 200

Result = TypeVar("Result")


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
        self._files = f"{url}/file/bot{token}/"
        # httpx logs the address of each request at INFO, and the token is a part of it.
        self._filter = WithoutToken(token)
        logging.getLogger("httpx").addFilter(self._filter)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            # A proxy that the environment names leads outside, not to this machine.
            trust_env=not _is_this_machine(url),
        )

    async def call(
        self,
        method: str,
        fields: Mapping[str, Any] | None = None,
        held: float = 0.0,
        file: tuple[str, bytes] | None = None,
    ) -> Any:
        """Calls a method.

        Args:
            method: As in the Bot API's documentation.
            fields: Its parameters; those that are None are left out.
            held: Seconds that the server was asked to hold its answer back.
            file: A parameter that is a file, and what is in it.

        Returns:
            The `result`.

        Raises:
            UnreachableError: If there was no answer, or a server's error.
            BusyError: If the rate limit was met.
            RefusedError: For all other errors.
        """
        return await _apart(self._post(method, fields or {}, held, file))

    async def download(self, file: str, most: int) -> bytes:
        """What is in a file that somebody sent.

        Args:
            file: Its `file_id`.
            most: Bytes that it may have.

        Raises:
            TelegramError: As `call` does; `RefusedError` for a file that is larger.
        """
        found = await self.call("getFile", {"file_id": file})
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str) or (found.get("file_size") or 0) > most:
            raise RefusedError("getFile", 413, "the file is too large")
        return await _apart(self._get(path, most))

    async def _get(self, path: str, most: int) -> bytes:
        async def read() -> bytes:
            content = b""
            async with self._client.stream("GET", self._files + quote(path)) as response:
                if response.status_code != 200:
                    raise UnreachableError(f"download: status {response.status_code}")
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > most:
                        raise RefusedError("download", 413, "the file is larger than was said")
            return content

        try:
            return await asyncio.wait_for(read(), DOWNLOAD_SECONDS)
        except (httpx.HTTPError, asyncio.TimeoutError) as error:
            raise UnreachableError(f"download: {type(error).__name__}") from None

    async def _post(
        self,
        method: str,
        fields: Mapping[str, Any],
        held: float,
        file: tuple[str, bytes] | None,
    ) -> Any:
        given = {key: value for key, value in fields.items() if value is not None}
        timeout = httpx.Timeout(ANSWER_SECONDS + held, connect=CONNECT_SECONDS)
        sent: dict[str, Any] = {"json": given}
        if file is not None:
            # With a file, the Bot API takes forms alone, in them objects as JSON.
            texts = {
                key: value if isinstance(value, str) else json.dumps(value)
                for key, value in given.items()
            }
            sent = {"data": texts, "files": {file[0]: (f"{file[0]}.ogg", file[1], "audio/ogg")}}
        try:
            response = await self._client.post(self._base + method, **sent, timeout=timeout)
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


async def _apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Has something done that may be left to itself.

    Of some fifty cancellations, httpx 0.28 loses one. So what can be cancelled is the wait.
    """
    doing = asyncio.create_task(work)
    try:
        await asyncio.wait({doing})
    finally:
        doing.cancel()
        doing.add_done_callback(_passed_over)
    return doing.result()


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
