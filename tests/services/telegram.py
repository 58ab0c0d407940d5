"""A Bot API server on this machine, for one bot; what it takes is in `telegram_methods`."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.services.http import HttpServer, Request, Response
from tests.services.telegram_methods import ApiError, Json, bad, checked, form, plain

BOT_ID = 7000000001
USERNAME = "ParleyTestBot"
TOKEN = f"{BOT_ID}:AAE-a_token_for_tests_and_nothing_else"
SECRET = "a_Secret-of-the-test"
WEBHOOK_URL = "https://parley.example.org"
LARGEST_FILE = 20 * 1024 * 1024
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Call:
    """What the bot asked for."""

    method: str
    fields: Json
    status: int
    at: float
    """`time.monotonic`."""


class Telegram(HttpServer):
    """The server. `deliver_to` stands for the proxy that a webhook's public address leads to."""

    def __init__(self) -> None:
        """Listens on a free port."""
        super().__init__()
        self.calls: list[Call] = []
        self.messages: dict[tuple[int, int], Json] = {}
        """What stands in the chats, by chat and number."""
        self.webhook: Json = {}
        self.webhook_error = ""
        self.deliver_to = ""
        self.commands: list[Json] = []
        self.blocked: set[int] = set()
        self.moved: dict[int, int] = {}
        self.topics: dict[int, set[int]] = defaultdict(set)
        self.unreachable_pictures: set[str] = set()
        self.queries: set[str] = set()
        self.files: dict[str, bytes] = {}
        """What people have sent, by `file_id`."""
        self.updates: list[Json] = []
        """Those that nobody has confirmed, where there is no webhook."""
        self._failures: dict[str, list[ApiError]] = defaultdict(list)
        self._number = 1000
        self._polls = 0
        self.changed = threading.Condition(threading.RLock())

    # ---------------------------------------------------------------- for the tests

    def fail(
        self, method: str, status: int, description: str = "", times: int = 1, **more: Any
    ) -> None:
        """Answers the next calls of a method with an error; `more` are its parameters."""
        with self.changed:
            self._failures[method] += [ApiError(status, description or "Error", **more)] * times

    def recover(self) -> None:
        """Fails no more."""
        with self.changed:
            self._failures.clear()

    def number(self) -> int:
        """One that was not given before: of a message, an update, a query."""
        with self.changed:
            self._number += 1
            return self._number

    def post(self, update: Json | bytes, secret: str | None = None, at: str | None = None) -> int:
        """Calls the webhook as it was registered, and tells the status that it answered.

        Args:
            update: What is sent.
            secret: Another secret than the registered one; empty for no header at all.
            at: The server to call, `deliver_to` unless given.
        """
        raw = update if isinstance(update, bytes) else json.dumps(update).encode()
        path = urlsplit(self.webhook["url"]).path
        headers = {"Content-Type": "application/json"}
        given = self.webhook["secret_token"] if secret is None else secret
        if given:
            headers[SECRET_HEADER] = given
        request = urllib.request.Request((at or self.deliver_to) + path, raw, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def tell(self, update: Json) -> int:
        """Delivers an update, by webhook or to who polls; the webhook's status, else 200."""
        with self.changed:
            if not self.webhook:
                self.updates.append(update)
                self.changed.notify_all()
                return 200
        return self.post(update)

    def said(self, chat: int) -> list[str]:
        """What the bot said in a chat, in order: texts, or addresses of pictures and files."""
        with self.changed:
            return [
                str(message.get("text") or message.get("photo") or message.get("document"))
                if "voice" not in message
                else "(a voice note)"
                for (where, _), message in sorted(self.messages.items())
                if where == chat and message["from"]["id"] == BOT_ID
            ]

    def last(self, chat: int) -> Json:
        """The bot's latest message in a chat."""
        with self.changed:
            return [
                message
                for (where, _), message in sorted(self.messages.items())
                if where == chat and message["from"]["id"] == BOT_ID
            ][-1]

    def called(self, method: str, **fields: Any) -> list[Call]:
        """The calls of a method with these fields, in order."""
        with self.changed:
            return [
                call
                for call in self.calls
                if call.method == method
                and all(call.fields.get(name) == value for name, value in fields.items())
            ]

    def wait_for(self, holds: Callable[[], Any], seconds: float = 60) -> None:
        """Waits until something holds.

        Raises:
            AssertionError: If it does not within the time.
        """
        deadline = time.monotonic() + seconds
        with self.changed:
            while not holds():
                left = deadline - time.monotonic()
                assert left > 0, f"It did not come. What came last: {self.calls[-5:]}"
                self.changed.wait(min(left, 1.0))

    # ------------------------------------------------------------------- its answers

    def answer(self, request: Request) -> Response:
        if request.path.startswith("/file/"):
            content = self._file(request.path)
            return Response(404) if content is None else Response(200, content)
        _, bot, method = [*request.path.split("/"), "", ""][:3]
        fields: Json = {}
        told: Json
        try:
            if bot != f"bot{TOKEN}":
                # What has not even the form of a token is not found.
                raise ApiError(401, "Unauthorized") if ":" in bot else ApiError(404, "Not Found")
            try:
                kind = request.headers.get("Content-Type", "")
                fields = form(request.body, kind) if "multipart" in kind else request.json()
            except ValueError:
                raise bad("can't parse request: JSON expected") from None
            checked(method, fields)
            with self.changed:
                if self._failures[method]:
                    raise self._failures[method].pop(0)
                result = getattr(self, f"_{method}")(fields)
            status, told = 200, {"ok": True, "result": result}
        except ApiError as error:
            status, told = (
                error.status,
                {
                    "ok": False,
                    "error_code": error.status,
                    "description": error.description,
                    **({"parameters": error.parameters} if error.parameters else {}),
                },
            )
        with self.changed:
            self.calls.append(Call(method, fields, status, time.monotonic()))
            self.changed.notify_all()
        return Response.of(told, status)

    def _getMe(self, _fields: Json) -> Json:
        return {"id": BOT_ID, "is_bot": True, "first_name": "Parley", "username": USERNAME}

    def _setWebhook(self, fields: Json) -> bool:
        self.webhook = dict(fields)
        return True

    def _deleteWebhook(self, _fields: Json) -> bool:
        self.webhook = {}
        return True

    def _getWebhookInfo(self, _fields: Json) -> Json:
        info: Json = {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }
        if self.webhook_error:
            info.update(last_error_date=int(time.time()), last_error_message=self.webhook_error)
        return info

    def _setMyCommands(self, fields: Json) -> bool:
        self.commands = fields["commands"]
        return True

    def _getUpdates(self, fields: Json) -> list[Json]:
        if self.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook "
                "to delete the webhook first",
            )
        self._polls += 1
        mine = self._polls
        self.changed.notify_all()
        offset = fields.get("offset", 0)
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        deadline = time.monotonic() + fields.get("timeout", 0)
        while not self.updates and time.monotonic() < deadline:
            self.changed.wait(max(deadline - time.monotonic(), 0))
            if self._polls != mine:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one "
                    "bot instance is running",
                )
        return self.updates[: fields.get("limit", 100)]

    def _sendMessage(self, fields: Json) -> Json:
        text = plain(fields["text"], fields.get("parse_mode"))
        return self._put(fields, text=text)

    def _sendPhoto(self, fields: Json) -> Json:
        if fields["photo"] in self.unreachable_pictures:
            raise bad("failed to get HTTP URL content")
        return self._put(fields, photo=fields["photo"])

    def _sendDocument(self, fields: Json) -> Json:
        # By address, Telegram takes these two alone.
        if not fields["document"].endswith((".pdf", ".zip")):
            raise bad("wrong type of the web page content")
        return self._put(fields, document=fields["document"])

    def _sendVoice(self, fields: Json) -> Json:
        return self._put(fields, voice=fields["voice"])

    def _getFile(self, fields: Json) -> Json:
        file = fields["file_id"]
        if file not in self.files:
            raise bad("invalid file_id")
        size = len(self.files[file])
        if size > LARGEST_FILE:
            raise bad("file is too big")
        return {"file_id": file, "file_size": size, "file_path": f"voice/{file}.oga"}

    def _file(self, path: str) -> bytes | None:
        """What is downloaded from an address."""
        prefix = f"/file/bot{TOKEN}/voice/"
        with self.changed:
            name = path.removeprefix(prefix).removesuffix(".oga")
            return self.files.get(name) if path.startswith(prefix) else None

    def _sendChatAction(self, fields: Json) -> bool:
        self._chat(fields)
        return True

    def _answerCallbackQuery(self, fields: Json) -> bool:
        if fields["callback_query_id"] not in self.queries:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.queries.discard(fields["callback_query_id"])
        return True

    def _editMessageText(self, fields: Json) -> Json:
        text = plain(fields["text"], fields.get("parse_mode"))
        return self._edit(fields, text)

    def _editMessageReplyMarkup(self, fields: Json) -> Json:
        return self._edit(fields, None)

    def _chat(self, fields: Json) -> int:
        chat = int(fields["chat_id"])
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat in self.moved:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[chat],
            )
        if not any(where == chat for where, _ in self.messages):
            raise bad("chat not found")
        thread = fields.get("message_thread_id")
        if thread is not None and thread not in self.topics[chat]:
            raise bad("message thread not found")
        return chat

    def _put(self, fields: Json, **content: Any) -> Json:
        chat = self._chat(fields)
        reply = fields.get("reply_parameters")
        if reply and (chat, reply["message_id"]) not in self.messages:
            if not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
        number = self.number()
        message = {"message_id": number, "from": self._getMe({}), **content}
        if "message_thread_id" in fields:
            message.update(message_thread_id=fields["message_thread_id"], is_topic_message=True)
        keyboard = fields.get("reply_markup")
        if keyboard and keyboard["inline_keyboard"]:
            message["reply_markup"] = keyboard
        if reply:
            message["replies_to"] = reply["message_id"]
        self.messages[chat, number] = message
        return message

    def _edit(self, fields: Json, text: str | None) -> Json:
        message = self.messages.get((self._chat(fields), fields["message_id"]))
        if message is None or message["from"]["id"] != BOT_ID:
            raise bad("message to edit not found")
        keyboard = fields.get("reply_markup") or {"inline_keyboard": []}
        before = message.get("reply_markup") or {"inline_keyboard": []}
        if text in (None, message.get("text")) and keyboard == before:
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        if text is not None:
            message["text"] = text
        message.pop("reply_markup", None)
        if keyboard["inline_keyboard"]:
            message["reply_markup"] = keyboard
        return message
