"""Threads in which a person answers somebody whom Parley has handed over.

What was handed over stands in a message of Parley's own; its metadata, which Slack keeps and
nobody sees, names the conversation. Below it, what is said to Parley is passed on into that
conversation, on whatever channel it is; what people say there among themselves is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel
from rasa.core.lock_store import LockError
from rasa.shared.core.constants import USER_INTENT_BACK
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from actions.clients.slack_message import CONVERSATION, HANDED_OVER
from actions.handoff import HANDED_OFF
from channels import wording
from channels.output import PushedOutput
from channels.sending import SendAgainError
from channels.slack.client import RefusedError, SlackClient

PASSED_ON_AS = "passed_on_as"
"""In the metadata of what was passed on: which message of the person it was."""

MOST = 1000
"""Threads that are remembered."""

_BACK = re.compile(r"(hand|give)?\s*(it\s*)?back(\s+to\s+parley)?", re.IGNORECASE)


class Handoffs:
    """The conversations that a person has, by the threads in one channel of Slack's."""

    def __init__(
        self,
        client: SlackClient,
        channel: str,
        bot: Callable[[], str],
        agent: Callable[[], Agent | None],
        channels: Callable[[], list[InputChannel]],
    ) -> None:
        """Prepares.

        Args:
            client: Asks Slack.
            channel: The id of the channel to which conversations are handed over; empty for none.
            bot: Parley's bot id; empty until it is known.
            agent: Rasa's agent.
            channels: All channels of the server.
        """
        self._client = client
        self._channel = channel
        self._bot = bot
        self._agent = agent
        self._channels = channels
        self._known: dict[str, str] = {}
        self._explained: set[str] = set()

    async def conversation_in(self, channel: str, thread: str) -> str | None:
        """The conversation that a thread is about; None for an ordinary thread.

        Raises:
            SendAgainError: If Slack does not say.
        """
        if not self._channel or channel != self._channel:
            return None
        bot = self._bot()
        if not bot:
            raise SendAgainError("Slack has not told yet who Parley is")
        if thread not in self._known:
            try:
                parent = await self._client.first_of_thread(channel, thread)
            except RefusedError:
                return None
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[thread] = _handed_over_by(parent, bot)
        return self._known[thread] or None

    def is_explained(self, thread: str) -> bool:
        """Whether it was said in a thread before how to pass something on; now it is."""
        explained = thread in self._explained
        self._explained.add(thread)
        return explained

    async def say(self, conversation: str, text: str, name: str) -> str:
        """Passes on what a person says, or ends the handing over.

        Args:
            conversation: Whose.
            text: What the person said to Parley.
            name: Of the message, so that it is passed on once.

        Returns:
            What the person is told of it.
        """
        agent = self._agent()
        if agent is None or agent.processor is None:
            raise RuntimeError("There is no model.")
        try:
            async with agent.lock_store.lock(conversation):
                tracker = await agent.processor.get_tracker(conversation)
                if _was_passed_on(tracker, name):
                    return wording.PASSED_ON
                if not tracker.get_slot(HANDED_OFF):
                    return wording.NOT_HANDED_OFF
                output = self._output_to(tracker)
                if output is None:
                    return wording.NOT_REACHED
                if _BACK.fullmatch(text.strip(" .!")):
                    await agent.trigger_intent(USER_INTENT_BACK, [], output, tracker)
                    return wording.HANDED_BACK
                said = BotUttered(text, metadata={PASSED_ON_AS: name})
                tracker.update(said)
                await agent.processor.execute_side_effects([said], tracker, output)
                await agent.tracker_store.save(tracker)
                return wording.PASSED_ON
        except LockError:
            return wording.FAILED

    def _output_to(self, tracker: DialogueStateTracker) -> OutputChannel | None:
        """What reaches a conversation without being asked; None where nothing does."""
        name = tracker.get_latest_input_channel()
        for channel in self._channels():
            if channel.name() == name:
                output = channel.get_output_channel()
                # Another one than ours may drop what it is told.
                return output if isinstance(output, PushedOutput) else None
        return None


def _was_passed_on(tracker: DialogueStateTracker, name: str) -> bool:
    return any(
        isinstance(event, BotUttered) and event.metadata.get(PASSED_ON_AS) == name
        for event in reversed(tracker.events)
    )


def _handed_over_by(message: dict[str, Any], bot: str) -> str:
    """The conversation in a message's metadata, if Parley itself wrote it."""
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(payload, dict):
        return ""
    if message.get("bot_id") != bot or metadata.get("event_type") != HANDED_OVER:
        return ""
    return str(payload.get(CONVERSATION) or "")
