"""Messages read anew by the newest model: the events hold what an older one made of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from review.messages import Message, reread


def read_anew(messages: Iterable[Message], model: Path) -> list[Message]:
    """The messages as a trained model reads them now; each wording is parsed once."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    agent = Agent.load(str(model))
    said = list(messages)

    async def parse_all() -> list[Message]:
        parsed = {text: await agent.parse_message(text) for text in {one.text for one in said}}
        return [reread(one, parsed[one.text]) for one in said]

    return asyncio.run(parse_all())
