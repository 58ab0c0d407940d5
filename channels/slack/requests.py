"""What Slack posts, told from what others post: signature, time, size, form.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from sanic.request import Request
from slack_sdk.signature import SignatureVerifier

LARGEST_BODY = 1_000_000
"""Bytes. A message of 40,000 characters with its blocks takes about a fifth of it."""

MOST_FIELDS = 50
"""Of a form. A slash command has some fifteen, a press one."""

SIGNATURE, TIMESTAMP = "x-slack-signature", "x-slack-request-timestamp"


class RefusedRequestError(Exception):
    """A request that is not worked on."""

    def __init__(self, status: int, reason: str) -> None:
        """Says what it is answered with; the reason holds nothing of the request."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


async def signed_body(request: Request, verifier: SignatureVerifier) -> bytes:
    """Reads a request's body and makes sure that Slack wrote it, not long ago.

    Raises:
        RefusedRequestError: If Slack did not, or it is too large.
    """
    timestamp, signature = request.headers.get(TIMESTAMP), request.headers.get(SIGNATURE)
    if not timestamp or not signature:
        # Nobody's body is read who does not even claim to be Slack.
        raise RefusedRequestError(403, "not signed")
    body = bytearray()
    while request.stream and (chunk := await request.stream.read()):
        body += chunk
        if len(body) > LARGEST_BODY:
            raise RefusedRequestError(413, "too large")
    if not _is_valid(verifier, bytes(body), timestamp, signature):
        raise RefusedRequestError(403, "not signed by Slack, or not just now")
    return bytes(body)


def json_of(body: bytes | str) -> dict[str, Any]:
    """The JSON object that a body holds.

    Raises:
        RefusedRequestError: If it holds none.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedRequestError(400, "not JSON") from None
    if not isinstance(content, dict):
        raise RefusedRequestError(400, "not a JSON object")
    return content


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form.

    Raises:
        RefusedRequestError: If it is none.
    """
    try:
        fields = parse_qs(
            body.decode("utf-8"),
            strict_parsing=True,
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise RefusedRequestError(400, "not a form") from None
    return {name: values[0] for name, values in fields.items()}


def _is_valid(verifier: SignatureVerifier, body: bytes, timestamp: str, signature: str) -> bool:
    try:
        # In constant time; with a window of five minutes either way.
        return verifier.is_valid(body, timestamp, signature)
    except (ValueError, TypeError):
        # A time that is no number, a body or a signature that is no text.
        return False
