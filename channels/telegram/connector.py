"""Telegram's connector: what comes in by webhook or polling, and what goes out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from sanic import Blueprint

from channels.connector import Connector
from channels.handling import Answer, Question
from channels.messages import Outgoing, Reply, Written
from channels.payloads import LONGEST_TEXT, typed
from channels.sending import FIRST_PAUSE, LONGEST_PAUSE
from channels.settings import ChannelSettingsError
from channels.telegram.api import BotApi, BusyError, RefusedError, TelegramError
from channels.telegram.delivery import Delivery, Place
from channels.telegram.entities import Me
from channels.telegram.kinds import KINDS
from channels.telegram.polling import Poller
from channels.telegram.registering import identify, register
from channels.telegram.replies import call_for_choice, messages_of
from channels.telegram.settings import POLLING, WEBHOOK, TelegramSettings, read_telegram_settings
from channels.telegram.updates import CHANNEL, Press, StrayPress, read_update
from channels.telegram.voice_notes import VoiceNotes
from channels.telegram.webhook import NotReadyError, add_webhook
from channels.voice.sharing import close_ears, ears_of, voice_of
from channels.voice.speech import aloud
from channels.wording import OUT_OF_DATE, TOO_LONG

logger = logging.getLogger(__name__)

TYPING_AFTER = 0.5
"""Seconds; most answers are there sooner."""

TYPING_EVERY = 4.5
"""Seconds; Telegram shows it for five."""

PRESS_ATTEMPTS = 3
"""How often a press is answered, until Telegram takes it."""

END_SECONDS = 3.0
"""How long what was begun beside the messages may take when the server ends."""

NOT_YOURS = "This question was put to somebody else."


class TelegramInput(Connector):
    """People on Telegram, in private and in groups."""

    def __init__(self, settings: TelegramSettings) -> None:
        """Prepares; `_start` opens the rest."""
        super().__init__(messages_per_minute=settings.messages_per_minute)
        self._settings = settings
        self._opened: Delivery | None = None
        self._me: Me | None = None
        self._poller: Poller | None = None
        self._registering: asyncio.Task[None] | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._notes: VoiceNotes | None = None

    @classmethod
    def name(cls) -> str:
        """The channel's name, in addresses and conversations."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TelegramInput:
        """Makes the connector of its entry in credentials.yml.

        Raises:
            ChannelSettingsError: If something is missing or wrong.
        """
        return cls(read_telegram_settings(credentials))

    # ---------------------------------------------------------- starts and stops

    def routes(self, blueprint: Blueprint) -> None:
        """Adds the webhook; who polls has no address that could be called."""
        if self._settings.mode == WEBHOOK:
            add_webhook(blueprint, self._settings.secret, self.take)

    async def begin(self) -> None:
        """Makes the bot known to Telegram, and asks for updates where it is to be asked.

        Raises:
            ChannelSettingsError: If Telegram refuses the token or the address.
        """
        self._opened = Delivery(BotApi(self._settings.token, self._settings.api_url))
        if self._settings.voice_notes:
            self._notes = VoiceNotes(self._api, ears_of(self.app), voice_of(self.app))
        try:
            await self._register()
        except TelegramError as error:
            # A network that comes up after us is no reason not to start.
            logger.error("telegram: not registered yet, this is tried again: %s", error)
            self._registering = asyncio.create_task(self._register_later())
        if self._settings.mode == POLLING:
            self._poller = Poller(self._api, self.take, lambda: self._me is not None, self.store)
            self._poller.start()

    async def end(self) -> None:
        """Closes the connections."""
        if self._poller is not None:
            await self._poller.stop()
        if self._registering is not None:
            self._registering.cancel()
        if self._beside:
            _, late = await asyncio.wait(self._beside, timeout=END_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._opened is not None:
            await self._api.close()
        await close_ears(self.app)

    async def _register(self) -> None:
        self._me = await identify(self._api)
        await register(self._api, self._settings)
        logger.info("telegram: @%s is there, by %s.", self._me.username, self._settings.mode)

    async def _register_later(self) -> None:
        pause = FIRST_PAUSE
        while True:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                return await self._register()
            except BusyError as error:
                pause = error.after
            except ChannelSettingsError as error:
                logger.error("telegram: not registered: %s", error)
                return
            except TelegramError:
                continue

    @property
    def _api(self) -> BotApi:
        return self._delivery.api

    @property
    def _delivery(self) -> Delivery:
        if self._opened is None:
            raise RuntimeError("The channel 'telegram' has not started.")
        return self._opened

    # ------------------------------------------------------------- what comes in

    async def take(self, update: Mapping[str, Any]) -> None:
        """Writes an update down, if it is for the bot. When this returns, it may be confirmed.

        Raises:
            StorageError: If it could not be written down.
            NotReadyError: Until it is known who the bot is.
        """
        if self._me is None:
            raise NotReadyError("Telegram has not told yet who the bot is.")
        by_person = self._settings.group_conversations == "person"
        meant = read_update(update, self._me, by_person)
        if isinstance(meant, Press):
            await self._press(meant)
        elif isinstance(meant, StrayPress):
            self._do_beside(self._answer_press(meant.query))
        elif meant is not None:
            await self.take_in(meant)

    async def _press(self, press: Press) -> None:
        conversation = press.incoming.conversation
        offered_in = await asyncio.to_thread(self.store.offered_in, press.offer)
        if offered_in not in (None, conversation):
            self._do_beside(self._answer_press(press.query, NOT_YOURS))
            return
        pressed = await asyncio.to_thread(self.store.pressed, conversation, press.offer)
        new = await self.take_in(press.incoming) is not None
        self._do_beside(self._answer_press(press.query, "" if pressed else OUT_OF_DATE))
        if new:
            self._do_beside(self._show_choice(press, pressed[1] if pressed else None))

    async def _answer_press(self, query: str, text: str = "") -> None:
        """Ends the waiting that Telegram shows on the button."""
        told = {"text": text, "show_alert": True} if text else {}
        fields = {"callback_query_id": query, **told}
        await self._try("answerCallbackQuery", fields, PRESS_ATTEMPTS)

    async def _show_choice(self, press: Press, title: str | None) -> None:
        method, fields = call_for_choice(press.text, title)
        fields.update(chat_id=press.chat, message_id=press.message)
        await self._try(method, fields, PRESS_ATTEMPTS)

    async def read(self, written: Written) -> Question | Answer:
        """Says what a message means."""
        content = written.content
        await self._remember_thread(written)
        if content["kind"] == "press":
            return await self.read_press(written)
        if content["kind"] == "voice" and self._notes is not None:
            return await self._notes.read(content, written.conversation)
        if content["kind"] != "text":
            return Answer([{"text": KINDS[content["kind"]]}])
        if len(content["text"]) > LONGEST_TEXT:
            return Answer([{"text": TOO_LONG}])
        return Question(typed(content["text"]))

    def place(self, written: Written) -> Mapping[str, Any]:
        """Answers stay in the topic, and in groups say whom they answer."""
        content = written.content
        place = {"thread": content.get("thread")}
        if content["group"]:
            place["reply_to"] = content["message"]
        if content["kind"] == "voice" and self._settings.voice_answers:
            place["aloud"] = True
        return place

    async def meanwhile(self, written: Written) -> None:
        """Shows that the bot is typing."""
        await asyncio.sleep(TYPING_AFTER)
        fields = {
            "chat_id": self._delivery.chat(written.conversation),
            "action": "typing",
            "message_thread_id": written.content.get("thread"),
        }
        while await self._try("sendChatAction", fields):
            await asyncio.sleep(TYPING_EVERY)

    # ------------------------------------------------------------- what goes out

    def parts(self, reply: Reply) -> list[Reply]:
        """A reply as the messages that Telegram takes."""
        messages = messages_of(reply)
        return [{**one, "unspoken": True} for one in messages] if "unspoken" in reply else messages

    async def send(self, message: Outgoing) -> None:
        """Has Telegram take a message.

        Raises:
            SendAgainError: If Telegram was not reached, has a trouble, or asks to wait.
            SendRefusedError: If it does not take the message: the person has blocked the bot, say.
        """
        thread = message.place.get("thread")
        if not message.place:
            # Said unasked: where the conversation was last held.
            thread = await asyncio.to_thread(self.store.noted, _thread_of(message.conversation))
        place = Place(thread, message.place.get("reply_to"))
        await self._delivery.deliver(message.conversation, message.reply, place)
        if message.place.get("aloud") and self._notes and "unspoken" not in message.reply:
            where = self._delivery.fields(message.conversation, place)
            await self._notes.say(aloud([message.reply]), where)

    async def _remember_thread(self, written: Written) -> None:
        name, thread = _thread_of(written.conversation), written.content.get("thread")
        if await asyncio.to_thread(self.store.noted, name) != thread:
            await asyncio.to_thread(self.store.note, name, thread)

    # --------------------------------------------------------------- beside that

    async def _try(self, method: str, fields: Mapping[str, Any], attempts: int = 1) -> bool:
        """Calls what no message depends on; whether it succeeded."""
        for left in range(attempts - 1, -1, -1):
            try:
                await self._api.call(method, fields)
                return True
            except TelegramError as error:
                logger.info("telegram: %s", error)
                if not left or isinstance(error, RefusedError):
                    break
                await asyncio.sleep(error.after if isinstance(error, BusyError) else FIRST_PAUSE)
        return False

    def _do_beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


def _thread_of(conversation: str) -> str:
    return f"thread:{conversation}"
