"""Where a message goes, and what is tried when Slack does not take it there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from channels.messages import Outgoing
from channels.sending import SendRefusedError
from channels.slack.blocks import Asked, message_of, without_image
from channels.slack.client import RefusedError, SlackClient
from channels.slack.conversations import Conversation
from channels.slack.events import COMMAND
from channels.slack.settings import EPHEMERAL, IN_CHANNEL

_NOT_THIS_WAY = frozenset(
    {
        *("not_in_channel", "channel_not_found", "is_archived"),
        *("expired_url", "used_url", "status_404", "status_410"),
    }
)
"""Codes for a channel that Parley is not in, and for a `response_url` that is used up."""

_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format"})


async def send(client: SlackClient, outgoing: Outgoing) -> None:
    """Has Slack take one message.

    Raises:
        SendError: If it did not.
    """
    try:
        conversation = Conversation.of(outgoing.conversation)
    except ValueError as error:
        raise SendRefusedError(str(error)) from None
    place = outgoing.place
    asked = Asked(conversation.id, conversation.user or str(place.get("user") or ""))
    # A person is told that something said in a channel unasked is for them.
    is_pushed = not place
    addressee = conversation.user if is_pushed and not conversation.is_direct else ""
    message = message_of(outgoing.reply, asked, addressee)
    if not message["blocks"]:
        raise SendRefusedError("nothing in it that Slack can show")
    ways = _ways(client, conversation, place)
    try:
        await _deliver(ways, message)
    except RefusedError as error:
        plainer = without_image(message)
        if error.code not in _BAD_BLOCKS or plainer is None:
            raise
        await _deliver(ways, plainer)


Way = Callable[[dict[str, Any]], Awaitable[None]]


def _ways(client: SlackClient, conversation: Conversation, place: Mapping[str, Any]) -> list[Way]:
    """How a message gets to its place, the best way first."""
    channel = str(place.get("channel") or conversation.channel)
    user = str(place.get("user") or conversation.user)
    thread = str(place["thread"] if place else conversation.thread)
    url = str(place.get("response_url") or "")

    def post(message: dict[str, Any]) -> Awaitable[None]:
        return client.post(channel, thread, message)

    def post_privately(message: dict[str, Any]) -> Awaitable[None]:
        return client.post(user, "", message)

    def post_hidden(message: dict[str, Any]) -> Awaitable[None]:
        return client.post_ephemeral(channel, user, thread, message)

    def respond(message: dict[str, Any]) -> Awaitable[None]:
        response_type = EPHEMERAL if place["hidden"] else IN_CHANNEL
        more = {"response_type": response_type, "replace_original": False, "mrkdwn": False}
        return client.respond(url, {**more, **message})

    # A `response_url` reaches channels that Parley is not in; five times, for half an hour.
    if not place:
        # Reminders that were set with a command come due there, too.
        return [post, post_privately] if user else [post]
    if not url:
        return [post]
    if place["hidden"]:
        return [respond, post_hidden]
    return [respond, post, post_privately] if place["kind"] == COMMAND else [post, respond]


async def _deliver(ways: Sequence[Way], message: dict[str, Any]) -> None:
    *ahead, last = ways
    for way in ahead:
        try:
            await way(message)
            return
        except RefusedError as error:
            if error.code not in _NOT_THIS_WAY:
                raise
    await last(message)
