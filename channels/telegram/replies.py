"""What the bot says as the calls of the Bot API that say it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

from channels.messages import Reply
from channels.text import split_text

logger = logging.getLogger(__name__)

LONGEST_TEXT = 4096
"""UTF-16 code units that a message holds, after its markup is taken away."""

MOST_BUTTONS = 100
"""What Telegram shows below a message."""

WIDEST_ROW = 24
"""Characters that the titles of a row have together, so that a phone cuts none of them off."""

MOST_IN_ROW = 3

CHOOSE = "Please choose:"
"""Buttons need a text above them."""

CHOSEN = "\u2713"

Call = tuple[str, dict[str, Any]]
"""A method and its fields."""


def messages_of(reply: Reply) -> list[Reply]:
    """A reply as the messages that Telegram takes, each with one of text, image, attachment."""
    if reply.get("custom"):
        logger.warning("telegram: a reply has custom JSON, which Telegram cannot show; left out.")
    messages = _texts(reply)
    if reply.get("image"):
        messages.append(_linked("image", reply["image"]))
    if reply.get("attachment"):
        messages.append(_linked("attachment", reply["attachment"]))
    for element in reply.get("elements") or []:
        messages += messages_of(_card(element))
    return messages


def call_of(message: Reply) -> Call:
    """The method and the fields that send a message; who gets it is left to the caller."""
    if "image" in message:
        return "sendPhoto", {"photo": message["image"]}
    if "attachment" in message:
        return "sendDocument", {"document": message["attachment"]}
    fields: dict[str, Any] = {"text": escape(message["text"], quote=False), "parse_mode": "HTML"}
    rows = _rows(message.get("buttons") or [])
    if rows:
        fields["reply_markup"] = {"inline_keyboard": rows}
    return "sendMessage", fields


def instead_of(message: Reply) -> Reply | None:
    """What is sent in place of a picture or file that was refused: its address."""
    address = message.get("image") or message.get("attachment")
    return {"text": str(address)[:LONGEST_TEXT]} if address else None


def call_for_choice(text: str | None, title: str | None) -> Call:
    """What takes the buttons off a message, and shows which one was chosen.

    Args:
        text: The message's, None where it is not known.
        title: The chosen button's, None for one that is out of date.
    """
    if text and title:
        shown = f"{text}\n\n{CHOSEN} {title}"
        if split_text(shown, LONGEST_TEXT) == [shown]:
            # Without a reply_markup, the buttons go.
            return "editMessageText", {"text": escape(shown, quote=False), "parse_mode": "HTML"}
    return "editMessageReplyMarkup", {"reply_markup": {"inline_keyboard": []}}


def _texts(reply: Reply) -> list[Reply]:
    buttons = reply.get("buttons") or []
    text = str(reply.get("text") or "")
    messages: list[Reply] = [{"text": part} for part in split_text(text, LONGEST_TEXT)]
    if buttons:
        if not messages:
            messages.append({"text": CHOOSE})
        messages[-1]["buttons"] = buttons
    return messages


def _linked(kind: str, value: Any) -> Reply:
    """A picture or file by its address; what is none is said as it is."""
    if isinstance(value, Mapping):
        # As some of Rasa's other channels want it.
        payload = value.get("payload")
        inner = payload if isinstance(payload, Mapping) else value
        value = inner.get("src") or inner.get("url") or ""
    address = str(value)
    if urlsplit(address).scheme in ("http", "https"):
        return {kind: address}
    return {"text": address[:LONGEST_TEXT] or "…"}


def _card(element: Mapping[str, Any]) -> Reply:
    lines = [str(element[key]) for key in ("title", "subtitle") if element.get(key)]
    return {
        "text": "\n".join(lines),
        "image": element.get("image_url"),
        "buttons": element.get("buttons") or [],
    }


def _rows(buttons: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
    """Short titles beside each other, long ones each in a row of its own."""
    rows: list[list[dict[str, Any]]] = []
    width = 0
    for button in buttons[:MOST_BUTTONS]:
        shown = _button(button)
        if shown is None:
            continue
        wide = len(shown["text"])
        if not rows or len(rows[-1]) == MOST_IN_ROW or width + wide > WIDEST_ROW:
            rows.append([])
            width = 0
        rows[-1].append(shown)
        width += wide
    return rows


def _button(button: Mapping[str, Any]) -> dict[str, Any] | None:
    title = str(button.get("title") or button.get("payload") or "").strip()
    address = str(button.get("url") or "")
    if title and urlsplit(address).scheme in ("http", "https"):
        return {"text": title, "url": address}
    if not title or "offer" not in button:
        return None
    return {"text": title, "callback_data": button["offer"]}
