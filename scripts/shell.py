"""`rasa shell` with a conversation that nothing but its person ends.

Rasa's own loop hangs for ever, without a word, once an answer fails or takes longer than
ten seconds, on Ctrl-D, and where there is no terminal. Everything else is Rasa's: the
prompt, buttons, the server, the model's loading. Only `record_messages`, the loop, is
replaced. Beside it, reminders that fall due are shown while the prompt waits, and buttons are
choices below the reply, taken by their number. Rasa's menu in their place would not let anybody
type anything else.
"""

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import aiohttp
import rasa.core.channels.console as rasa_console
from prompt_toolkit.application import run_in_terminal

from actions.delivery import LOOKS_EVERY, Delivery, DeliveryError
from actions.settings.delivery import read_delivery_settings
from actions.storage.database import StorageError
from scripts import rasa_program
from scripts.console import complain, say

logger = logging.getLogger(__name__)

STOP = "/stop"
ANSWER_SECONDS = 120
SERVER_START_SECONDS = 300
FAILED_DELIVERY_SECONDS = 30.0
"""How long after a delivery that failed the next one is tried."""

Reply = dict[str, Any]
Reader = Callable[[], Awaitable[str | None]]
"""Reads what the person says next; None ends the conversation."""

_WIDTH = 72
"""Characters up to which choices stand beside each other."""


class Screen:
    """Shows replies, and knows what the numbers of the choices below them stand for."""

    def __init__(self, show: Callable[[Reply], object]) -> None:
        """Remembers how a reply without its choices is shown."""
        self._show = show
        self._payloads: list[str] = []

    def show(self, reply: Reply) -> None:
        """Shows a reply; its choices take the place of those shown before."""
        self._show({key: value for key, value in reply.items() if key != "buttons"})
        choices = [button for button in reply.get("buttons") or () if button.get("payload")]
        if choices:
            self._payloads = [str(button["payload"]) for button in choices]
            say(_in_lines([str(button.get("title") or button["payload"]) for button in choices]))

    def meant(self, typed: str) -> str:
        """What was typed; for the number of a choice, what the choice says."""
        number = int(typed) if typed.isascii() and typed.isdigit() else 0
        return self._payloads[number - 1] if 0 < number <= len(self._payloads) else typed

    def forget(self) -> None:
        """The choices are answered."""
        self._payloads = []


async def converse(
    sender_id: str, server_url: str, request_timeout: int | None = None, **_: object
) -> int:
    """Carry a conversation between the person and the server in this process.

    Args:
        sender_id: Whose conversation it is.
        server_url: Where the server listens.
        request_timeout: Longest wait for an answer, in seconds.
        **_: What else Rasa passes to the loop that this one stands in for.

    Returns:
        How many messages were sent.
    """
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    read: Reader = _ask_on_terminal if on_terminal else LineReader().read
    screen = Screen(rasa_console._print_bot_output if on_terminal else show_plainly)
    wait = aiohttp.ClientTimeout(total=request_timeout or ANSWER_SECONDS)
    sent = 0
    async with aiohttp.ClientSession(timeout=wait) as session:
        if not await _is_up(session, server_url):
            complain("The assistant did not start.")
            return sent
        say(f"Parley listens. Say something; {STOP} ends the conversation.")
        delivery = Delivery(replace(read_delivery_settings(), api_url=server_url), session)
        delivering = asyncio.create_task(show_what_is_due(delivery, sender_id, screen.show))
        try:
            while (text := await read()) is not None and text != STOP:
                if not text:
                    continue
                said = screen.meant(text)
                screen.forget()
                for reply in await _answers(session, server_url, sender_id, said):
                    screen.show(reply)
                sent += 1
        finally:
            delivering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await delivering
    return sent


async def show_what_is_due(
    delivery: Delivery, sender_id: str, show: Callable[[Reply], object]
) -> None:
    """Show the conversation's reminders as they fall due, above the prompt that waits."""
    while True:
        pause = LOOKS_EVERY
        try:
            if await delivery.is_due(sender_id):
                made, replies = await delivery.deliver(sender_id, None)
                if replies:
                    await run_in_terminal(partial(_show_all, show, replies))
                if not made:
                    pause = FAILED_DELIVERY_SECONDS
        except (DeliveryError, StorageError) as error:
            logger.warning("What is due could not be shown: %s", error)
            pause = FAILED_DELIVERY_SECONDS
        await asyncio.sleep(pause)


def _show_all(show: Callable[[Reply], object], replies: list[Reply]) -> None:
    for reply in replies:
        show(reply)


async def _ask_on_terminal() -> str | None:
    try:
        text: str | None = await rasa_console._get_user_input(None)
    except (EOFError, OSError):
        return None  # Ctrl-D, or the terminal is gone
    return text


class LineReader:
    """Reads what the person says from standard input, a line a message."""

    def __init__(self) -> None:
        """Start reading, in a thread: the server shares this event loop."""
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def hand_on(line: str | None) -> None:
            try:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            except RuntimeError:
                pass  # the loop is closed: nobody listens any more

        def read_all() -> None:
            # Unbuffered: a thread that waits inside a buffered stream would keep that
            # stream's lock while Python shuts down, and abort it.
            with open(0, "rb", buffering=0, closefd=False) as stream:
                for line in stream:
                    hand_on(line.decode("utf-8", errors="replace").strip())
            hand_on(None)

        threading.Thread(target=read_all, name="stdin", daemon=True).start()

    async def read(self) -> str | None:
        """Return the next line, echoed; None at the end."""
        line = await self._lines.get()
        if line:
            say(f"You: {line}")
        return line


def show_plainly(reply: Reply) -> None:
    """Write a reply without colours."""
    for key in ("text", "image", "attachment", "custom"):
        if reply.get(key):
            say(str(reply[key]))


def _in_lines(titles: Sequence[str]) -> str:
    """The choices with their numbers: beside each other if they are short."""
    numbered = [f"{number}: {title}" for number, title in enumerate(titles, start=1)]
    beside = "   ".join(numbered)
    return f"  {beside}" if len(beside) <= _WIDTH else "\n".join(f"  {one}" for one in numbered)


async def _is_up(session: aiohttp.ClientSession, server_url: str) -> bool:
    for _ in range(SERVER_START_SECONDS * 5):
        try:
            async with session.get(server_url) as response:
                if response.status == 200:
                    return True
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)
    return False


async def _answers(
    session: aiohttp.ClientSession, server_url: str, sender_id: str, text: str
) -> list[Reply]:
    """What the assistant answers, at least one reply: silence is told as well."""
    # Not the streaming way, which never ends where the handler raises.
    url = f"{server_url}/webhooks/rest/webhook"
    try:
        async with session.post(
            url, json={"sender": sender_id, "message": text}, raise_for_status=True
        ) as response:
            replies: list[Reply] = await response.json()
    except asyncio.TimeoutError:
        return [{"text": "(No answer in time. The log says more: var/log/rasa.log)"}]
    except aiohttp.ClientError:
        return [{"text": "(The answer failed. The log says why: var/log/rasa.log)"}]
    return replies or [{"text": "(No answer. The log may say why: var/log/rasa.log)"}]


def main() -> int:
    """Run Rasa's command line with our loop in place of its own; the exit status."""
    status = 0

    async def converse_to_the_end(**arguments: Any) -> int:
        # Rasa would go on without a loop, and so without a word, were this to raise.
        nonlocal status
        try:
            return await converse(**arguments)
        except Exception:
            logger.exception("The conversation broke off.")
            status = 1
            return 0

    rasa_console.record_messages = converse_to_the_end
    rasa_program.main()
    return status


if __name__ == "__main__":
    sys.exit(main())
