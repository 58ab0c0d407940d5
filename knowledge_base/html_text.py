"""Text out of HTML, as a reader would see it."""

from __future__ import annotations

import re
import warnings

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from bs4.element import CData, NavigableString, PreformattedString, Tag

from knowledge_base.sections import Section, SectionWriter, UnreadableDocumentError

_LEFT_OUT = (
    "script style template noscript head nav footer svg math iframe object embed form button "
    "select textarea audio video canvas"
).split()
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code data dfn em font i ins kbd label mark q s samp small span "
    "strong sub sup time tt u var wbr".split()
)
_CELLS = frozenset(("td", "th"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_html(text: str) -> list[Section]:
    """Reads HTML; scripts, navigation and what is hidden are left out.

    Raises:
        UnreadableDocumentError: It is nested deeper than anybody writes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        try:
            soup = BeautifulSoup(text, "html.parser")
            for tag in soup.find_all(_LEFT_OUT):
                tag.decompose()
            for tag in soup.find_all(_is_hidden):
                tag.decompose()
            reader = _Reader()
            reader.read(soup)
        except RecursionError as error:
            raise UnreadableDocumentError("its elements are nested too deeply") from error
    return reader.end()


def _is_hidden(tag: Tag) -> bool:
    return (
        tag.has_attr("hidden")
        or str(tag.get("aria-hidden", "")).lower() == "true"
        or bool(_HIDDEN.search(str(tag.get("style", ""))))
    )


class _Reader:
    """Walks the tree; a paragraph ends wherever a block begins or ends."""

    def __init__(self) -> None:
        self._writer = SectionWriter()
        self._parts: list[str] = []

    def read(self, element: Tag) -> None:
        for child in element.children:
            if isinstance(child, Tag):
                self._read_tag(child)
            elif isinstance(child, NavigableString) and _is_text(child):
                self._parts.append(str(child))

    def end(self) -> list[Section]:
        self._end_paragraph()
        return self._writer.end_section()

    def _read_tag(self, tag: Tag) -> None:
        if re.fullmatch("h[1-6]", tag.name):
            self._end_paragraph()
            self._writer.heading(int(tag.name[1]), tag.get_text(" "))
        elif tag.name in _INLINE:
            self.read(tag)
        elif tag.name in _CELLS:
            # A row is a paragraph, its cells are parts of it.
            self._parts.append(", " if "".join(self._parts).strip() else "")
            self._parts.append(tag.get_text(" ").strip())
        else:
            self._end_paragraph()
            self.read(tag)
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        self._writer.paragraph("".join(self._parts))
        self._parts = []


def _is_text(string: NavigableString) -> bool:
    """Whether it is neither a comment nor a declaration."""
    return isinstance(string, CData) or not isinstance(string, PreformattedString)
