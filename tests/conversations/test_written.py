"""The written conversations, had with the running assistant."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import Assistant
from tests.conversations.written import Conversation, hold, read

pytestmark = [pytest.mark.slow, pytest.mark.conversation]

ALL = list(read())


@pytest.mark.parametrize("conversation", ALL, ids=[f"{c.skill}: {c.name}" for c in ALL])
def test_conversation(conversation: Conversation, assistant: Assistant) -> None:
    hold(conversation, assistant)
