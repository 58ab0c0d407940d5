"""A reply as Slack's messages, within its limits.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from channels.messages import Reply
from channels.slack.markup import Block, escaped, rich_text
from channels.text import split_text

LONGEST_TEXT = 3000
"""Characters of a message. A section holds so many; Slack recommends 4,000 for a whole message,
and counts what is escaped longer than it looks."""

MOST_BUTTONS = 25
"""In one block."""

MOST_BLOCKS = 50
LONGEST_TITLE = 75
LONGEST_ALT_TEXT = 2000
LONGEST_IMAGE_URL = 3000

_BETWEEN = "|"

_ROWS = MOST_BLOCKS - 2
"""Blocks that are left for buttons, beside a text and an image."""


@dataclass(frozen=True)
class Asked:
    """Whose button it is: comes back with the press, as the `block_id`."""

    conversation: str
    user: str
    """Who alone may press; empty where anybody may."""

    def block_id(self, number: int) -> str:
        """The id of one of a message's blocks of buttons."""
        return _BETWEEN.join([str(number), self.user, self.conversation])

    @classmethod
    def of(cls, block_id: str) -> Asked | None:
        """What an id holds; None for one that is not of this making."""
        parts = block_id.split(_BETWEEN)
        if len(parts) != 3 or not parts[2]:
            return None
        return cls(parts[2], parts[1])


def parts_of(reply: Reply) -> list[Reply]:
    """A reply as what fits into one message each; image and buttons go with the last text."""
    texts = split_text(_words(reply), LONGEST_TEXT)
    rest = {key: value for key, value in reply.items() if key not in ("text", "attachment")}
    if not texts:
        return [rest] if rest else []
    return [*({"text": text} for text in texts[:-1]), {"text": texts[-1], **rest}]


def message_of(reply: Reply, asked: Asked, addressee: str = "") -> dict[str, Any]:
    """The `text` and `blocks` of a message.

    Args:
        reply: As `parts_of` made it.
        asked: Whose buttons they are.
        addressee: Who is mentioned ahead of the text, if anybody is.
    """
    text = str(reply.get("text") or "")
    image = str(reply.get("image") or "")
    blocks = [rich_text(text, addressee)] if text else []
    if _can_be_shown(image):
        alt = text[:LONGEST_ALT_TEXT] or "Image"
        blocks.append({"type": "image", "image_url": image, "alt_text": alt})
    elif image:
        blocks.append(rich_text(image))
    blocks += _own_blocks(reply)
    buttons = reply.get("buttons") or []
    blocks += _rows(buttons, asked)
    titles = ", ".join(_title(button) for button in buttons)
    spoken = text or _own_text(reply) or titles or "Image"
    mention = f"<@{addressee}> " if addressee else ""
    return {"text": mention + escaped(spoken), "blocks": blocks}


def without_image(message: dict[str, Any]) -> dict[str, Any] | None:
    """The message with its images' addresses instead; None where it has no image.

    Slack refuses the whole message when it cannot fetch an image.
    """
    blocks = [
        rich_text(block["image_url"]) if block.get("type") == "image" else block
        for block in message["blocks"]
    ]
    return None if blocks == message["blocks"] else {**message, "blocks": blocks}


def without_buttons(blocks: Sequence[Block], note: str) -> list[Block]:
    """The blocks of a message that was sent, with a note in place of the buttons.

    Slack hands blocks back with more in them than it takes: only what was sent is kept.
    """
    kept = [
        {key: block[key] for key in _SENT_KEYS[block["type"]] if key in block}
        for block in blocks
        if block.get("type") in _SENT_KEYS
    ]
    said = {"type": "plain_text", "text": note, "emoji": False}
    return [*kept, {"type": "context", "elements": [said]}]


_SENT_KEYS = {
    "rich_text": ("type", "elements"),
    "section": ("type", "text"),
    "image": ("type", "image_url", "alt_text"),
    "context": ("type", "elements"),
    "divider": ("type",),
}


def _words(reply: Reply) -> str:
    attachment = reply.get("attachment")
    words = [str(reply.get("text") or ""), attachment if isinstance(attachment, str) else ""]
    return "\n".join(word for word in words if word)


def _can_be_shown(image: str) -> bool:
    return image.startswith(("https://", "http://")) and len(image) <= LONGEST_IMAGE_URL


def _own_blocks(reply: Reply) -> list[Block]:
    """Blocks that a response was written with, for this channel (`custom`)."""
    custom = reply.get("custom")
    blocks = custom.get("blocks") if isinstance(custom, dict) else None
    return list(blocks) if isinstance(blocks, list) else []


def _own_text(reply: Reply) -> str:
    custom = reply.get("custom")
    return str(custom.get("text") or "") if isinstance(custom, dict) else ""


def _rows(buttons: Sequence[dict[str, Any]], asked: Asked) -> list[Block]:
    rows = [buttons[start : start + MOST_BUTTONS] for start in range(0, len(buttons), MOST_BUTTONS)]
    return [
        {
            "type": "actions",
            "block_id": asked.block_id(number),
            "elements": [_button(button, place) for place, button in enumerate(row)],
        }
        for number, row in enumerate(rows[:_ROWS])
    ]


def _button(button: dict[str, Any], place: int) -> Block:
    title = _title(button)
    if len(title) > LONGEST_TITLE:
        title = f"{title[: LONGEST_TITLE - 1]}…"
    return {
        "type": "button",
        "action_id": f"offer-{place}",
        "text": {"type": "plain_text", "text": title, "emoji": False},
        "value": button["offer"],
    }


def _title(button: dict[str, Any]) -> str:
    return str(button.get("title") or button.get("payload") or "…")
