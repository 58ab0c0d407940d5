"""What of Slack's events, presses and commands is meant for Parley, in the channel's own form.

Nothing here asks Slack anything: a request is answered at once, and what a message means is worked
out when its turn comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.messages import Incoming
from channels.slack.blocks import Asked
from channels.slack.conversations import Conversation, is_direct
from channels.slack.markup import mentioned
from channels.slack.requests import RefusedRequestError
from channels.slack.settings import CHANNEL, SlackSettings

MESSAGE, COMMAND, PRESS, NOT_YOURS = "message", "command", "press", "not yours"
"""The kinds of content."""

VOICE, FILE = "voice", "file"

_FROM_PEOPLE = frozenset({None, "file_share", "thread_broadcast", "me_message"})
"""Subtypes of what people write. All others are edits, deletions, and what Slack or other bots
say of joins, topics, reminders."""

_SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class Identity:
    """Who Parley is in the workspace."""

    user: str
    """Its user id: what a mention of it holds."""

    bot: str = ""
    """Its bot id: what its own messages hold."""


@dataclass(frozen=True)
class Message:
    """Something that a person wrote."""

    channel: str
    user: str
    text: str
    time_stamp: str
    """Slack's id of a message within its channel."""

    thread: str
    """The time stamp of the thread's first message; empty outside of threads."""

    parent: str
    """Who wrote the thread's first message."""

    is_mention: bool
    """Whether Slack says that Parley is mentioned."""

    files: tuple[str, ...]
    """What kinds of files came with it."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What a message is known by, whether it arrives as `message` or as `app_mention`."""
        return (f"message:{self.channel}:{self.time_stamp}",)


def message_in(event: Mapping[str, Any], identity: Identity) -> Message | None:
    """The message that an event tells of; None where it is not a person's new message.

    Raises:
        RefusedRequestError: If a message lacks what every message has.
    """
    if event.get("type") not in ("message", "app_mention"):
        return None
    if event.get("subtype") not in _FROM_PEOPLE or event.get("hidden"):
        return None
    # A mention that was put in later arrives with `edited`.
    if event.get("bot_id") or event.get("app_id") or event.get("edited"):
        return None
    user = event.get("user")
    if not user or user in (identity.user, _SLACKBOT):
        return None
    files = event.get("files")
    return Message(
        channel=_text(event, "channel", required=True),
        user=_text(event, "user", required=True),
        text=_text(event, "text"),
        time_stamp=_text(event, "ts", required=True),
        thread=_text(event, "thread_ts"),
        parent=_text(event, "parent_user_id"),
        is_mention=event.get("type") == "app_mention",
        files=tuple(_kind(file) for file in files) if isinstance(files, list) else (),
    )


def is_addressed(message: Message, identity: Identity, takes_part: bool) -> bool:
    """Whether a message is meant for Parley.

    Args:
        message: What was written.
        identity: Who Parley is.
        takes_part: Whether Parley takes part in the thread that it is in.
    """
    if is_direct(message.channel) or message.is_mention:
        return True
    meant = mentioned(message.text)
    if identity.user in meant:
        return True
    # In its own thread, what begins with somebody else's name is for them.
    for_others = bool(meant) and message.text.lstrip().startswith(f"<@{meant[0]}")
    return takes_part and not for_others


def conversation_of(channel: str, user: str, thread: str, settings: SlackSettings) -> Conversation:
    """The conversation that something in a channel belongs to."""
    if is_direct(channel):
        return Conversation(channel, user)
    return Conversation(
        channel,
        "" if settings.channel_conversations == CHANNEL else user,
        thread if settings.thread_conversations else "",
    )


def answered_in(message: Message, settings: SlackSettings) -> str:
    """The thread in which a message is answered; empty for none."""
    if message.thread or is_direct(message.channel) or not settings.reply_in_thread:
        return message.thread
    return message.time_stamp


def incoming_message(message: Message, event_id: str, me: str, settings: SlackSettings) -> Incoming:
    """A message, to be written down.

    Args:
        message: What was written.
        event_id: By what Slack knows the event.
        me: Parley's user id.
        settings: Which conversation it belongs to.
    """
    thread = answered_in(message, settings)
    content = {
        "kind": MESSAGE,
        "channel": message.channel,
        "user": message.user,
        "thread": thread,
        "in_thread": bool(message.thread),
        "me": me,
        "text": message.text,
        "files": list(message.files),
    }
    keys = (*message.keys, *([f"event:{event_id}"] if event_id else []))
    conversation = conversation_of(message.channel, message.user, thread, settings)
    return Incoming(conversation.id, keys, content)


def incoming_command(form: Mapping[str, str], settings: SlackSettings) -> Incoming:
    """A slash command, to be written down.

    Raises:
        RefusedRequestError: If it lacks what every command has.
    """
    channel, user = (_text(form, key, required=True) for key in ("channel_id", "user_id"))
    content = {
        "kind": COMMAND,
        "channel": channel,
        "user": user,
        "thread": "",
        "me": "",
        "text": _text(form, "text"),
        "command": _text(form, "command"),
        "response_url": _text(form, "response_url"),
    }
    key = f"trigger:{_text(form, 'trigger_id', required=True)}"
    return Incoming(conversation_of(channel, user, "", settings).id, (key,), content)


def incoming_press(payload: Mapping[str, Any], settings: SlackSettings) -> Incoming | None:
    """A button that was pressed, to be written down; None for one that is not Parley's offer.

    Raises:
        RefusedRequestError: If it lacks what every press has.
    """
    action, user, container = _press(payload)
    asked = Asked.of(_text(action, "block_id"))
    if asked is None or action.get("type") != "button":
        return None
    message = payload.get("message")
    message = message if isinstance(message, dict) else {}
    presser = _text(user, "id", required=True)
    channel = _text(container, "channel_id", required=True)
    thread = _text(container, "thread_ts") or _text(message, "thread_ts")
    keys = [f"trigger:{_text(payload, 'trigger_id') or _text(action, 'action_ts', required=True)}"]
    content = {
        "kind": PRESS,
        "channel": channel,
        "user": presser,
        "thread": thread,
        "offer": _text(action, "value"),
        "message": _text(container, "message_ts"),
        "is_ephemeral": container.get("is_ephemeral") is True,
        "said": _text(message, "text"),
        "blocks": message["blocks"] if isinstance(message.get("blocks"), list) else [],
        "response_url": _text(payload, "response_url"),
    }
    conversation = asked.conversation
    if asked.user in ("", presser):
        # Pressed twice before the buttons were gone: once.
        keys.append(f"pressed:{content['offer']}")
    else:
        # An aside, and no step in a conversation of either: their questions stay open.
        content = {**content, "kind": NOT_YOURS, "said": "", "blocks": []}
        conversation = Conversation(channel, presser, content["message"]).id
    return Incoming(conversation, tuple(keys), content)


def _press(payload: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    parts = (action, payload.get("user"), payload.get("container"))
    if not all(isinstance(part, dict) for part in parts):
        raise RefusedRequestError(400, "a press without action, user or message")
    return tuple(part for part in parts if isinstance(part, dict))


def _text(fields: Mapping[str, Any], key: str, *, required: bool = False) -> str:
    value = fields.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise RefusedRequestError(400, f"'{key}' is missing or no text")
    return value


def _kind(file: object) -> str:
    if not isinstance(file, dict):
        return FILE
    is_audio = str(file.get("mimetype")).startswith("audio/")
    return VOICE if is_audio or file.get("subtype") == "slack_audio" else FILE
