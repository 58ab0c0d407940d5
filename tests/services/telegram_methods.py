"""The Bot API's methods that Parley uses, with their parameters, as strictly as documented.

https://core.telegram.org/bots/api. The real server passes over fields that it does not know; here
they are errors, because a field that nobody knows is a mistake of ours.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

TEXT_LIMIT = 4096
UPDATE_KINDS = {
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages",
    "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result",
    "callback_query", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll",
    "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
    "removed_chat_boost",
}  # fmt: skip
TAGS = "b|strong|i|em|u|ins|s|strike|del|span|tg-spoiler|a|code|pre|blockquote"

Check = Callable[[Any], None]
Json = dict[str, Any]


class ApiError(Exception):
    """What the Bot API answers to a request that it does not carry out."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        """As it is answered."""
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def checked(method: str, fields: Mapping[str, Any]) -> None:
    """Sees whether a method knows these fields.

    Raises:
        ApiError: If it does not exist, a field is missing, unknown or wrong.
    """
    if method not in METHODS:
        raise ApiError(404, "Not Found: method not found")
    required, optional = METHODS[method]
    for name in required:
        if name not in fields:
            raise bad(MISSING.get((method, name), f'parameter "{name}" is required'))
    for name, value in fields.items():
        check = required.get(name) or optional.get(name)
        if check is None:
            raise bad(f'unknown parameter "{name}" of {method}')
        check(value)


def form(body: bytes, kind: str) -> Json:
    """The fields of a form with a file; what is not text or a file is JSON in it."""
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    fields: Json = {}
    for part in message.get_payload():
        assert isinstance(part, Message)
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        fields[name] = content if part.get_filename() else json.loads(content)
    return fields


def plain(text: str, parse_mode: str | None) -> str:
    """What a text looks like once its markup is read.

    Raises:
        ApiError: If the markup is wrong, or nothing is left, or too much.
    """
    if parse_mode == "HTML":
        wrong = re.search(rf"<(?!/?(?:{TAGS})[\s>])", text)
        if wrong:
            raise bad(f"can't parse entities: Unsupported start tag at byte offset {wrong.start()}")
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    if not text.strip():
        raise bad("message text is empty")
    if units(text) > TEXT_LIMIT:
        raise bad("message is too long")
    return text


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def _integer(value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad("an integer is expected")


def _flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise bad("a boolean is expected")


def _string(value: Any) -> None:
    if not isinstance(value, str):
        raise bad("a string is expected")


def _one_of(*values: str) -> Check:
    def check(value: Any) -> None:
        if value not in values:
            raise bad(f"'{value}' is none of {', '.join(values)}")

    return check


def _up_to(longest: int, least: int = 0) -> Check:
    def check(value: Any) -> None:
        _string(value)
        if not least <= units(value) <= longest:
            raise bad(f"{least} to {longest} characters are expected")

    return check


def _between(least: int, most: int) -> Check:
    def check(value: Any) -> None:
        _integer(value)
        if not least <= value <= most:
            raise bad(f"a number from {least} to {most} is expected")

    return check


def _object(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise bad("object expected")
        for name in required:
            if name not in value:
                raise bad(f'field "{name}" is missing')
        for name, inner in value.items():
            inner_check = required.get(name) or optional.get(name)
            if inner_check is None:
                raise bad(f'unknown field "{name}"')
            inner_check(inner)

    return check


def _list(check: Check, most: int) -> Check:
    def check_all(value: Any) -> None:
        if not isinstance(value, list) or len(value) > most:
            raise bad(f"an array of {most} at most is expected")
        for item in value:
            check(item)

    return check_all


def _callback_data(value: Any) -> None:
    _string(value)
    if not 1 <= len(value.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")


def _web_address(value: Any) -> None:
    _string(value)
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        raise bad("wrong file identifier/HTTP URL specified")


def _button(value: Any) -> None:
    _object({"text": _up_to(1000, 1)}, {"callback_data": _callback_data, "url": _web_address})(
        value
    )
    if len(value) != 2:
        raise bad("Text buttons are unallowed in the inline keyboard")


def _webhook_address(value: Any) -> None:
    _string(value)
    parts = urlsplit(value)
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in (443, 80, 88, 8443):
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _secret(value: Any) -> None:
    _string(value)
    if not 1 <= len(value) <= 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
        raise bad("secret token contains unallowed characters")


def _command(value: Any) -> None:
    _string(value)
    if not re.fullmatch(r"[a-z0-9_]{1,32}", value):
        raise bad("BOT_COMMAND_INVALID")


_UPDATES = _list(_one_of(*sorted(UPDATE_KINDS)), len(UPDATE_KINDS))
_KEYBOARD = _object({"inline_keyboard": _list(_list(_button, 8), 100)}, {})
_REPLY = _object({"message_id": _integer}, {"allow_sending_without_reply": _flag})
_PLACE: Mapping[str, Check] = {
    "message_thread_id": _integer,
    "reply_parameters": _REPLY,
    "reply_markup": _KEYBOARD,
}
_PARSE_MODE = {"parse_mode": _one_of("HTML", "MarkdownV2", "Markdown")}


def _voice_note(value: Any) -> None:
    """A file that was sent along, of the kind that Telegram shows as a voice note."""
    if not isinstance(value, bytes):
        raise bad("there is no voice in the request")
    if value[:4] != b"OggS" or b"OpusHead" not in value[:100]:
        raise bad("wrong file type: a voice note is OGG encoded with OPUS")


METHODS: Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]] = {
    "getMe": ({}, {}),
    "getWebhookInfo": ({}, {}),
    "deleteWebhook": ({}, {"drop_pending_updates": _flag}),
    "setWebhook": (
        {"url": _webhook_address},
        {"secret_token": _secret, "allowed_updates": _UPDATES, "max_connections": _between(1, 100)},
    ),
    "getUpdates": (
        {},
        {
            "offset": _integer,
            "limit": _between(1, 100),
            "timeout": _between(0, 50),
            "allowed_updates": _UPDATES,
        },
    ),
    "setMyCommands": (
        {"commands": _list(_object({"command": _command, "description": _up_to(256, 1)}, {}), 100)},
        {},
    ),
    "sendMessage": ({"chat_id": _integer, "text": _string}, {**_PARSE_MODE, **_PLACE}),
    "sendPhoto": ({"chat_id": _integer, "photo": _web_address}, _PLACE),
    "sendDocument": ({"chat_id": _integer, "document": _web_address}, _PLACE),
    "sendVoice": (
        {"chat_id": _integer, "voice": _voice_note},
        {"duration": _between(0, 3600), **_PLACE},
    ),
    "getFile": ({"file_id": _string}, {}),
    "sendChatAction": (
        {"chat_id": _integer, "action": _one_of("typing", "upload_photo")},
        {"message_thread_id": _integer},
    ),
    "answerCallbackQuery": (
        {"callback_query_id": _string},
        {"text": _up_to(200), "show_alert": _flag},
    ),
    "editMessageText": (
        {"chat_id": _integer, "message_id": _integer, "text": _string},
        {**_PARSE_MODE, "reply_markup": _KEYBOARD},
    ),
    "editMessageReplyMarkup": (
        {"chat_id": _integer, "message_id": _integer},
        {"reply_markup": _KEYBOARD},
    ),
}
"""Required and optional fields of each method."""

MISSING = {
    ("sendMessage", "text"): "message text is empty",
    ("sendMessage", "chat_id"): "chat_id is empty",
}
"""Where the real server has words of its own for what is missing."""
