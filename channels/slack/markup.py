"""Slack's way to write text, read and written.

What people type arrives with `&`, `<` and `>` escaped, and with mentions, links and channels in
angle brackets: https://docs.slack.dev/messaging/formatting-message-text.

What Parley says is sent as a `rich_text` block. Its text elements are taken literally, so that no
`*`, `_`, `~` or backtick of a reply formats anything and none has to be changed: invisible joiners
would be copied along with the text, `plain_text` would leave addresses dead. The message's `text`,
which notifications and screen readers use, is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_BRACKETS = re.compile(r"<([^<>]*)>")
_USER = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_NOT_OF_THE_ADDRESS = ".,;:!?)]}'"
_SCHEMES = ("mailto:", "tel:")

Block = dict[str, Any]


def mentioned(text: str) -> list[str]:
    """The ids of the people whom a text mentions, in order."""
    return _USER.findall(text)


def without_mention(text: str, user: str) -> str:
    """The text without its mentions of a user, and the comma or colon that follows one."""
    return re.sub(rf"<@{re.escape(user)}(?:\|[^<>]*)?>[\s,:]*", "", text)


def as_typed(text: str, names: Mapping[str, str]) -> str:
    """A text as the person saw it when they wrote it.

    Args:
        text: As Slack sends it.
        names: The display names of those who are mentioned, by their ids.
    """
    typed = []
    end = 0
    for found in _BRACKETS.finditer(text):
        typed.append(_unescaped(text[end : found.start()]))
        typed.append(_shown(found.group(1), names))
        end = found.end()
    typed.append(_unescaped(text[end:]))
    return "".join(typed).replace("\u00a0", " ").strip()


def escaped(text: str) -> str:
    """The text without what Slack takes for mentions and links."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich_text(text: str, addressee: str = "") -> Block:
    """A block that shows a text as it is; addresses in it can be followed.

    Args:
        text: What is said.
        addressee: The id of a user who is mentioned ahead of it.
    """
    elements: list[Block] = []
    if addressee:
        elements += [{"type": "user", "user_id": addressee}, {"type": "text", "text": " "}]
    end = 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(_NOT_OF_THE_ADDRESS)
        if found.start() > end:
            elements.append({"type": "text", "text": text[end : found.start()]})
        elements.append({"type": "link", "url": address})
        end = found.start() + len(address)
    if end < len(text):
        elements.append({"type": "text", "text": text[end:]})
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }


def _shown(inner: str, names: Mapping[str, str]) -> str:
    """What stands for `<…>` on the screen."""
    head, _, label = inner.partition("|")
    label = _unescaped(label)
    if head.startswith("@"):
        return names.get(head[1:]) or label.lstrip("@") or "somebody"
    if head.startswith("#"):
        return f"#{label or head[1:]}"
    if head.startswith("!"):
        # `<!here>`; a group and a date bring along how they are shown.
        return label or f"@{head[1:].partition('^')[0]}"
    if label:
        return label
    for scheme in _SCHEMES:
        head = head.removeprefix(scheme)
    return _unescaped(head)


def _unescaped(text: str) -> str:
    # The ampersand last: "&amp;lt;" is how "&lt;" was typed.
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
