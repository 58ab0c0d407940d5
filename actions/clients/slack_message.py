"""A report as a message for Slack: text for notifications, blocks for the eye.

Slack's limits: 50 blocks a message, 3,000 characters a section, 150 a header, 40,000 in all.
https://api.slack.com/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from actions.handoff_report import Line, Report

HANDED_OVER = "parley_handed_over"
"""The type of the message's metadata: by it, an answer below the message finds its way back."""

CONVERSATION = "conversation"
"""What the metadata holds: Rasa's id of the conversation."""

LONGEST_SECTION = 3000
_LONGEST_WORD = 120


def slack_message(report: Report) -> dict[str, Any]:
    """The `text` and `blocks` of the message."""
    title = "Somebody would like to talk to a person"
    summary = [
        f"*Who:* {_safe(report.conversation)}",
        f"*Channel:* {_safe(report.channel)}",
        f"*Since:* {report.since}",
        f"*Mood:* {report.mood}",
        f"*Under way:* {_safe(report.doing) or 'nothing'}",
        f"*Wanted last:* {_safe(', '.join(report.wanted)) or 'nothing in particular'}",
    ]
    sections = ["\n".join(summary), *_in_sections(report)]
    return {
        "text": f"{title}: {_safe(report.conversation)}",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": title}},
            *(
                {"type": "section", "text": {"type": "mrkdwn", "text": section}}
                for section in sections
            ),
        ],
    }


def slack_metadata(report: Report) -> dict[str, Any]:
    """What Slack keeps with the message, for the app that wrote it."""
    return {"event_type": HANDED_OVER, "event_payload": {CONVERSATION: report.conversation}}


def _in_sections(report: Report) -> Iterator[str]:
    """The transcript, cut between lines wherever a section is full."""
    section = f"_{report.left_out} earlier lines left out_" if report.left_out else ""
    for line in report.transcript:
        spoken = _spoken(line)
        if section and len(section) + 1 + len(spoken) > LONGEST_SECTION:
            yield section
            section = ""
        section = f"{section}\n{spoken}" if section else spoken
    if section:
        yield section


def _spoken(line: Line) -> str:
    who = "Parley" if line.who == "parley" else "User"
    return f"*{who}:* {_escaped(line.text)}"


def _safe(text: str) -> str:
    return _escaped(text[:_LONGEST_WORD])


def _escaped(text: str) -> str:
    """The text without what Slack takes for markup: mentions, links, channels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
