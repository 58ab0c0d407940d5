"""Block Kit as Slack takes it: https://docs.slack.dev/reference/block-kit/blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_BLOCKS = 50

_KEYS = {
    "rich_text": ({"elements"}, {"block_id"}),
    "section": ({"text"}, {"block_id"}),
    "header": ({"text"}, {"block_id"}),
    "image": ({"image_url", "alt_text"}, {"block_id", "title"}),
    "context": ({"elements"}, {"block_id"}),
    "actions": ({"elements"}, {"block_id"}),
    "divider": (set(), {"block_id"}),
}
"""Of each kind of block: the keys that it must have, and that it may have."""

_RICH_KEYS = {
    "text": ({"text"}, {"style"}),
    "link": ({"url"}, {"text", "style", "unsafe"}),
    "user": ({"user_id"}, {"style"}),
}
_BUTTON_KEYS = ({"text", "action_id", "value"}, {"style", "url", "accessibility_label"})

UNREACHABLE = "https://nowhere.example.org/"
"""What is below it cannot be fetched by Slack."""


def are_valid_blocks(blocks: Sequence[Any]) -> bool:
    """Whether Slack would take these blocks."""
    ids = [block.get("block_id") for block in blocks if "block_id" in block]
    if len(blocks) > MOST_BLOCKS or len(set(ids)) < len(ids):
        return False
    return all(len(one) <= 255 for one in ids) and all(_is_valid(block) for block in blocks)


def shown(blocks: Sequence[Mapping[str, Any]]) -> str:
    """What is read on the screen."""
    return "\n".join(text for block in blocks if (text := _shown(block)))


def _shown(block: Mapping[str, Any]) -> str:
    kind = block["type"]
    if kind == "rich_text":
        return "".join(
            element.get("text") or element.get("url") or f"@{element.get('user_id')}"
            for section in block["elements"]
            for element in section["elements"]
        )
    if kind == "context":
        return " ".join(f"[{element['text']}]" for element in block["elements"])
    if kind == "image":
        return f"({block['alt_text']}: {block['image_url']})"
    return str(block["text"]["text"]) if kind in ("section", "header") else ""


def _is_valid(block: Any) -> bool:
    if not isinstance(block, dict) or not _has_keys(block, _KEYS):
        return False
    if block["type"] == "image":
        url, alt = block["image_url"], block["alt_text"]
        fetched = url.startswith("http") and not url.startswith(UNREACHABLE)
        return fetched and len(url) <= 3000 and 0 < len(alt) <= 2000
    if block["type"] in ("section", "header"):
        return _is_text(block["text"], 3000 if block["type"] == "section" else 150)
    if block["type"] == "context":
        return 0 < len(block["elements"]) <= 10 and all(_is_text(e) for e in block["elements"])
    if block["type"] == "rich_text":
        return bool(block["elements"]) and all(_is_rich_section(e) for e in block["elements"])
    if block["type"] == "actions":
        elements = block["elements"]
        names = {element.get("action_id") for element in elements}
        return (
            0 < len(elements) <= 25
            and len(names) == len(elements)
            and all(map(_is_button, elements))
        )
    return True


def _is_rich_section(section: Any) -> bool:
    if set(section) != {"type", "elements"} or section["type"] != "rich_text_section":
        return False
    return all(
        _has_keys(element, _RICH_KEYS) and element.get("text", "x") != ""
        for element in section["elements"]
    )


def _is_button(button: Any) -> bool:
    if button.get("type") != "button" or not _fits(button, _BUTTON_KEYS):
        return False
    is_plain = button["text"].get("type") == "plain_text"
    sizes = 0 < len(button["value"]) <= 2000 and 0 < len(button["action_id"]) <= 255
    return is_plain and sizes and _is_text(button["text"], 75)


def _is_text(text: Any, longest: int = 3000) -> bool:
    known = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
    if not set(text) <= known.get(text.get("type"), set()):
        return False
    return 0 < len(text["text"]) <= longest


def _has_keys(block: Any, known: Mapping[str, tuple[set[str], set[str]]]) -> bool:
    return block.get("type") in known and _fits(block, known[block["type"]])


def _fits(block: Any, keys: tuple[set[str], set[str]]) -> bool:
    required, optional = keys
    given = set(block) - {"type"}
    return required <= given <= required | optional
