"""What messages, commands and presses mean, when their turn has come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from actions.clock import TIMEZONE
from channels import wording
from channels.handling import Answer, Question
from channels.messages import Written
from channels.payloads import LONGEST_TEXT, typed
from channels.sending import SendError
from channels.slack import events
from channels.slack.blocks import without_buttons
from channels.slack.client import RefusedError, SlackClient
from channels.slack.handoffs import Handoffs
from channels.slack.markup import as_typed, escaped, mentioned, without_mention
from channels.slack.people import People

logger = logging.getLogger(__name__)

Pressed = Callable[[str, str], "tuple[str, str] | None"]
"""What a button stands for: payload and title, by the conversation and the offer."""


class Reader:
    """Reads what was written down."""

    def __init__(
        self,
        client: SlackClient,
        people: People,
        handoffs: Handoffs,
        pressed: Pressed,
    ) -> None:
        """Prepares.

        Args:
            client: Asks Slack.
            people: Knows those who write.
            handoffs: Knows the threads in which a person answers.
            pressed: Says what a button stands for; blocks.
        """
        self._client = client
        self._people = people
        self._handoffs = handoffs
        self._pressed = pressed

    async def read(self, written: Written) -> Question | Answer:
        """Says what a message, a command or a press means."""
        content = written.content
        if content["kind"] == events.NOT_YOURS:
            return Answer([{"text": wording.NOT_YOURS}])
        if content["kind"] == events.PRESS:
            return await self._read_press(written)
        said = await self._as_typed(content)
        if content.get("in_thread"):
            conversation = await self._handoffs.conversation_in(
                content["channel"], content["thread"]
            )
            if conversation is not None:
                return await self._read_for_person(conversation, said, written)
        if len(said) > LONGEST_TEXT:
            return Answer([{"text": wording.TOO_LONG}])
        if said:
            return Question(said, await self._metadata(content["user"]))
        files = content.get("files") or []
        if files:
            voice = events.VOICE in files
            return Answer([{"text": wording.NO_VOICE if voice else wording.NOT_TEXT}])
        return Answer([{"text": wording.LISTENING}])

    async def _read_press(self, written: Written) -> Question | Answer:
        content = written.content
        pressed = await asyncio.to_thread(self._pressed, written.conversation, content["offer"])
        note = f"✓ {pressed[1]}" if pressed else wording.OUT_OF_DATE
        await self._settle(content, note)
        if pressed is None:
            return Answer([{"text": wording.OUT_OF_DATE}])
        return Question(pressed[0], await self._metadata(content["user"]))

    async def _read_for_person(self, conversation: str, said: str, written: Written) -> Answer:
        """Passes on what was said to Parley; what is said among people is not its business."""
        content = written.content
        if said and content["me"] in mentioned(content["text"]):
            name = f"slack-{written.id}"
            return Answer([{"text": await self._handoffs.say(conversation, said, name)}])
        if self._handoffs.is_explained(content["thread"]):
            return Answer()
        return Answer([{"text": wording.HOW_TO_PASS_ON}])

    async def _settle(self, content: Mapping[str, Any], note: str) -> None:
        """Shows in the message what was pressed, in place of its buttons."""
        # Slack does not tell what a message said that one person alone sees.
        blocks = without_buttons(content["blocks"], note)
        message = {"text": content["said"] or escaped(note), "blocks": blocks}
        try:
            if not content["is_ephemeral"]:
                try:
                    await self._client.update(content["channel"], content["message"], message)
                    return
                except RefusedError:
                    # Said with a command, in a channel that Parley is not in.
                    if not content["response_url"]:
                        raise
            replacing = {"replace_original": True, **message}
            await self._client.respond(content["response_url"], replacing)
        except SendError as error:
            # The press counts all the same, and its answer says so.
            logger.warning("slack: the buttons of a message were not taken away: %s", error)

    async def _as_typed(self, content: Mapping[str, Any]) -> str:
        """What a person wrote, as they saw it; nothing in it passes for a button's payload."""
        said = content["text"]
        if content["me"]:
            said = without_mention(said, content["me"])
        return typed(as_typed(said, await self._people.names(mentioned(said))))

    async def _metadata(self, user: str) -> dict[str, Any]:
        timezone = (await self._people.person(user)).timezone
        return {TIMEZONE: timezone} if timezone else {}
