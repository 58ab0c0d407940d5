"""What is asked of Slack, through its own SDK; its errors as the channel's.

The SDK tells its debug log what is sent, and its exceptions what came back: it gets a logger of
its own that stays above that, and no exception of its leaves this module.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from channels.sending import SendAgainError, SendRefusedError

ANSWER_SECONDS = 10.0
NAME_SECONDS = 3.0
"""For what an answer can do without."""

_AGAIN = frozenset(
    {
        *("ratelimited", "rate_limited", "message_limit_exceeded"),
        *("internal_error", "fatal_error", "service_unavailable", "request_timeout"),
    }
)
"""Errors that pass."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

_sdk_logger = logging.getLogger("channels.slack.sdk")
_sdk_logger.setLevel(logging.WARNING)


class RefusedError(SendRefusedError):
    """Slack will not do it; the code is its own word for why."""

    def __init__(self, code: str) -> None:
        """Takes Slack's code."""
        super().__init__(f"Slack says {code}")
        self.code = code


class SlackClient:
    """Slack's Web API, for one bot token."""

    def __init__(self, token: str, api: str) -> None:
        """Opens the connections' pool; to be called in the running loop."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS), trust_env=False
        )
        self._web = AsyncWebClient(
            token,
            base_url=api,
            session=self._session,
            logger=_sdk_logger,
            # What failed is written down and tried again, also after a restart.
            retry_handlers=[],
        )
        if urlsplit(api).hostname in _ON_THIS_MACHINE:
            # The SDK takes the environment's proxy for every address.
            self._web.proxy = None

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def who_am_i(self) -> dict[str, Any]:
        """The bot's `user_id`, `bot_id`, `team`."""
        return await _asked(self._web.auth_test())

    async def person(self, user: str) -> dict[str, Any]:
        """What Slack knows of a user."""
        asked = self._web.users_info(user=user)
        found = (await _asked(asyncio.wait_for(asked, NAME_SECONDS))).get("user")
        return found if isinstance(found, dict) else {}

    async def first_of_thread(self, channel: str, thread: str) -> dict[str, Any]:
        """The message that a thread is below, with its metadata."""
        asked = self._web.conversations_replies(
            channel=channel, ts=thread, limit=1, inclusive=True, include_all_metadata=True
        )
        messages = (await _asked(asked)).get("messages")
        first = messages[0] if isinstance(messages, list) and messages else {}
        return first if isinstance(first, dict) and first.get("ts") == thread else {}

    async def post(self, channel: str, thread: str, message: dict[str, Any]) -> None:
        """Posts a message to a channel, or to a person's direct messages."""
        await _asked(
            self._web.chat_postMessage(
                channel=channel,
                thread_ts=thread or None,
                mrkdwn=False,
                unfurl_links=False,
                unfurl_media=False,
                **message,
            )
        )

    async def post_ephemeral(
        self, channel: str, user: str, thread: str, message: dict[str, Any]
    ) -> None:
        """Posts a message that one person alone sees."""
        await _asked(
            self._web.chat_postEphemeral(
                channel=channel, user=user, thread_ts=thread or None, **message
            )
        )

    async def update(self, channel: str, time_stamp: str, message: dict[str, Any]) -> None:
        """Changes a message of the bot's own."""
        await _asked(self._web.chat_update(channel=channel, ts=time_stamp, **message))

    async def respond(self, url: str, message: dict[str, Any]) -> None:
        """Posts to a `response_url`, which holds five times within half an hour."""
        webhook = AsyncWebhookClient(
            url, session=self._session, logger=_sdk_logger, retry_handlers=[]
        )
        webhook.proxy = self._web.proxy
        try:
            answer = await webhook.send_dict(message)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise SendAgainError(type(error).__name__) from None
        _check(answer.status_code, answer.body, answer.headers.get("Retry-After"))


def _check(status: int, said: str, retry_after: str | None) -> None:
    """Raises what a status of a `response_url` means."""
    if status == 429:
        raise SendAgainError("ratelimited", _seconds(retry_after))
    if status >= 500:
        raise SendAgainError(f"status {status}")
    if status >= 400:
        raise RefusedError(_code(said.strip()) or f"status_{status}")


async def _asked(asking: Awaitable[Any]) -> dict[str, Any]:
    """What Slack answered.

    Raises:
        SendAgainError: If it may answer otherwise later.
        RefusedError: If it will not.
    """
    try:
        answer = await asking
    except (aiohttp.ClientError, asyncio.TimeoutError) as error:
        raise SendAgainError(type(error).__name__) from None
    except SlackApiError as error:
        raise _meaning(error) from None
    except SlackClientError as error:
        raise SendRefusedError(type(error).__name__) from None
    data = answer.data
    return data if isinstance(data, dict) else {}


def _meaning(error: SlackApiError) -> SendAgainError | SendRefusedError:
    response = error.response
    # Where the answer was no JSON, it is aiohttp's own.
    status: int = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    data = getattr(response, "data", None)
    code = _code(str(data.get("error"))) if isinstance(data, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        headers = getattr(response, "headers", None) or {}
        return SendAgainError("ratelimited", _seconds(headers.get("Retry-After")))
    if status >= 500 or code in _AGAIN:
        return SendAgainError(code or f"status {status}")
    return RefusedError(code or f"status_{status}")


def _code(said: str) -> str:
    """Slack's word for an error; empty for anything else, which might be anything."""
    return said if _CODE.fullmatch(said) and said != "none" else ""


def _seconds(retry_after: str | None) -> float:
    try:
        return min(max(float(retry_after or 1), 0.0), 3600.0)
    except ValueError:
        return 1.0
