"""What people type must not pass for what buttons stand for.

Rasa takes a text that starts with `/` for an intent with its entities, whoever wrote it: with
`/affirm` typed at the right moment, or `/EXTERNAL_reminder_due`, anybody could do what the
understanding of a sentence would not have led to.
"""

from __future__ import annotations

import re

LONGEST_TEXT = 4096
"""Characters of a message that are read: what Telegram lets a person send."""

_SLASHES = re.compile(r"^[\s/]+")


def typed(text: str) -> str:
    """A typed text as it is handed to Rasa: never an intent."""
    return _SLASHES.sub("", text).strip()
