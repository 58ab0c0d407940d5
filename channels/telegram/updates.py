"""What an update means: a message to the bot, a button that was pressed, or nothing.

Nothing in here asks anybody: an update and who we are suffice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.conversation import conversation_id
from channels.messages import Incoming
from channels.telegram.entities import Me, read_entities
from channels.telegram.kinds import COMMANDS, kind_of
from channels.telegram.notes import content_of

logger = logging.getLogger(__name__)

CHANNEL = "telegram"

ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member"]
"""What Telegram is asked to tell. Edits are not among them: what was answered stays answered."""

Update = Mapping[str, Any]


@dataclass(frozen=True)
class Press:
    """A button that somebody pressed."""

    query: str
    """What `answerCallbackQuery` calls it."""

    incoming: Incoming

    offer: str
    """The button."""

    chat: int

    message: int
    """The message that the button belongs to."""

    text: str | None
    """That message's text; None where it has none or Telegram does not tell it any more."""


@dataclass(frozen=True)
class StrayPress:
    """A pressed button that is no message to the bot, but waits for an answer all the same."""

    query: str


def update_id(update: Any) -> int:
    """The update's number.

    Raises:
        ValueError: If this is no update.
    """
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("No update has no update_id.")
    return number


def read_update(update: Update, me: Me, by_person: bool) -> Incoming | Press | StrayPress | None:
    """Says what an update means; None where it is nothing to the bot.

    Args:
        update: As Telegram sent it.
        me: The bot.
        by_person: Whether each one in a group has a conversation of their own.
    """
    try:
        if isinstance(update.get("message"), dict):
            return _message(update, me, by_person)
        if isinstance(update.get("callback_query"), dict):
            return _press(update, by_person)
        if isinstance(update.get("my_chat_member"), dict):
            _note_membership(update["my_chat_member"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # A later Bot API's form, say. Refused, it would come again and hold up all others.
        logger.warning("telegram: an update was not understood: %s", type(error).__name__)
    return None


def _message(update: Update, me: Me, by_person: bool) -> Incoming | None:
    message = update["message"]
    chat, sender = message["chat"], message.get("from")
    if chat["type"] not in ("private", "group", "supergroup"):
        return None
    # Channels and anonymous admins speak as a chat; there is nobody to have a conversation with.
    if not sender or sender["is_bot"] or "via_bot" in message or "sender_chat" in message:
        return None
    raw = message.get("text") or message.get("caption")
    kind = None if raw else kind_of(message)
    if not raw and kind is None:
        return None
    content = {**_where(message), "kind": kind or "text"}
    if kind == "voice":
        content.update(content_of(message))
    keys = [_key(update)]
    if raw:
        marks = message.get("entities") or message.get("caption_entities") or []
        said = read_entities(_clean(raw), marks, me)
        content["text"] = _in_words(said.text, said.command)
    elif "media_group_id" in message:
        # An album arrives as one message for each picture: one word to all of them.
        keys.append(f"album:{chat['id']}:{message['media_group_id']}")
    if content["group"] and not (raw and said.by_name) and not _answers(message, me):
        return None
    return Incoming(_conversation(chat, sender, by_person), tuple(keys), content)


def _in_words(text: str, command: str | None) -> str:
    """A command as a person would say it; a mention of the bot and nothing else is a greeting."""
    if not text:
        return COMMANDS["start"][0]
    alone = len(text.split()) == 1
    # "/start" may carry what a link to the bot held. It is nothing that the person said.
    if command is not None and command in COMMANDS and (alone or command == "start"):
        return COMMANDS[command][0]
    return text


def _answers(message: Mapping[str, Any], me: Me) -> bool:
    """Whether a message replies to one of the bot's."""
    replied = message.get("reply_to_message")
    # In a topic, what replies to nothing replies to the topic's beginning.
    if not replied or "forum_topic_created" in replied:
        return False
    return bool((replied.get("from") or {}).get("id") == me.id)


def _press(update: Update, by_person: bool) -> Press | StrayPress:
    query = update["callback_query"]
    name = str(query["id"])
    message, offer, sender = query.get("message"), query.get("data"), query["from"]
    # Messages sent through an inline query, and games, are not ours.
    if not isinstance(message, dict) or not isinstance(offer, str) or sender["is_bot"]:
        return StrayPress(name)
    chat = message["chat"]
    if chat["type"] not in ("private", "group", "supergroup"):
        return StrayPress(name)
    incoming = Incoming(
        _conversation(chat, sender, by_person),
        # A button is pressed once, however often somebody taps on it.
        (_key(update), f"press:{offer}"),
        {**_where(message), "kind": "press", "offer": offer},
    )
    text = message.get("text")
    return Press(
        name,
        incoming,
        offer,
        int(chat["id"]),
        int(message["message_id"]),
        _clean(text) if isinstance(text, str) else None,
    )


def _where(message: Mapping[str, Any]) -> dict[str, Any]:
    """Where the message stands, so that the answer can stand there too."""
    where: dict[str, Any] = {
        "message": int(message["message_id"]),
        "group": message["chat"]["type"] != "private",
    }
    # Replies have a message_thread_id in any group; only in a topic is it where answers go.
    if message.get("is_topic_message") and "message_thread_id" in message:
        where["thread"] = int(message["message_thread_id"])
    return where


def _conversation(chat: Mapping[str, Any], sender: Mapping[str, Any], by_person: bool) -> str:
    if chat["type"] == "private" or not by_person:
        return conversation_id(CHANNEL, int(chat["id"]))
    return conversation_id(CHANNEL, int(chat["id"]), int(sender["id"]))


def _note_membership(change: Mapping[str, Any]) -> None:
    """The bot was blocked, let in again, or is in or out of a group."""
    status = str(change["new_chat_member"]["status"])
    logger.info("telegram: in chat %d the bot is now '%s'.", int(change["chat"]["id"]), status)


def _key(update: Update) -> str:
    return f"update:{update['update_id']}"


def _clean(text: str) -> str:
    """Without halves of characters, which JSON can name and nothing after it can write."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
