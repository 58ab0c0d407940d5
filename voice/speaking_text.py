"""Written answers as sentences to be spoken: no Markdown, no emoji, all in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from voice.speaking_numbers import cardinal, numbers_in_words

FIRST = 100
"""Characters of the first piece, where it can be cut at a pause: it is heard the sooner."""

LONGEST = 200
"""Characters of a piece."""

_SHORT_ITEM = 8
"""Words up to which the items of a list are one sentence."""

# A reference would vanish, an indented line would be code: an assistant means neither.
_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False, "maxNesting": 100})
    .enable(["table", "strikethrough"])
    .disable(["reference", "code"])
)
_BULLET = re.compile(r"^(\s*)[•‣▪◦●·–—]\s+", re.MULTILINE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_EMOTICON = re.compile(r"(?<!\w)[:;=]['o-]?[()DPp|\\](?!\w)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(r"(?:https?://|www\.)(?P<host>[\w-]+(?:\.[\w-]+)*)(?P<rest>[^\s<>\"]*)")
_FILE = re.compile(r"(?<![\w.])[\w-]*(?:[./_]+[\w-]+)+/?")
_EITHER = re.compile(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])")
_INITIALS = re.compile(r"\b(?:[A-Z]\.\s?){2,}")
_NAMED = {".": " dot ", "/": " slash ", "_": " ", "-": " dash ", "+": " plus ", "@": " at "}

_ABBREVIATIONS = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "and so on",
    "vs.": "versus",
    "approx.": "approximately",
    "incl.": "including",
    "Mr.": "Mister",
    "Mrs.": "Missis",
    "Ms.": "Miz",
    "Dr.": "Doctor",
    "Prof.": "Professor",
    "and/or": "and or",
    "w/o": "without",
}
_ABBREVIATION = re.compile(
    r"(?<![\w.])(?:" + "|".join(re.escape(short) for short in _ABBREVIATIONS) + r")(?!\w)", re.I
)
_LOWER = {short.lower(): words for short, words in _ABBREVIATIONS.items()}
_SENTENCE_FOLLOWS = re.compile(r"\s+[A-Z]|\s*$")

_SIGNS = {
    "&": " and ",
    "%": " percent ",
    "+": " plus ",
    "=": " equals ",
    "@": " at ",
    "×": " times ",
    "÷": " divided by ",
    "−": " minus ",
    "±": " plus or minus ",
    "°": " degrees ",
    "€": " euros ",
    "$": " dollars ",
    "£": " pounds ",
    "½": " one half ",
    "¼": " one quarter ",
    "¾": " three quarters ",
    "²": " squared ",
    "³": " cubed ",
    "→": " to ",
    "≈": " about ",
    "≤": " at most ",
    "≥": " at least ",
    "…": ". ",
    "–": ", ",
    "—": ", ",
    "(": ", ",
    ")": ", ",
    "’": "'",
    "‘": "'",
    "\u2010": "-",
    "\u2011": "-",
}
_BETWEEN = {"<": "less than", ">": "greater than", "-": "minus"}
_KEPT = frozenset(".,?!;:'-")


def speakable(text: str) -> list[str]:
    r"""The sentences of an answer as a voice may say them; none where there is nothing to say.

    Markdown, HTML and emoji are left out, links are their text, items of lists are enumerated,
    and figures, times, dates, amounts, units and common abbreviations are words. Long sentences
    are cut at a pause.

    >>> speakable("**Done!** The list has:\n- milk\n- 2 eggs")
    ['Done!', 'The list has: milk, and two eggs.']
    """
    plain = _BULLET.sub(r"\1- ", _TAG.sub(" ", _digits(text)))
    tree = SyntaxTreeNode(_MARKDOWN.parse(plain))
    said = " ".join(_blocks(tree.children))
    return list(_pieces(_tidy(said)))


def in_words(text: str) -> str:
    """A text without markup, its addresses, figures, signs and abbreviations as words."""
    text = _EMOTICON.sub(" ", text)
    text = _MAIL.sub(lambda found: _spelled(found[0]), text)
    text = _ADDRESS.sub(_host, text)
    text = _ABBREVIATION.sub(_in_full, text)
    text = _INITIALS.sub(_initials, text)
    text = numbers_in_words(text)
    text = _FILE.sub(_file, text)
    text = _EITHER.sub(" or ", text)
    text = re.sub(r"(?<=\w) ([<>]) (?=\w)", lambda found: f" {_BETWEEN[found[1]]} ", text)
    text = re.sub(r"(?<=\s)-(?=\s)", ",", text)
    return "".join(_characters(text))


def _digits(text: str) -> str:
    """Figures of other scripts as our own; letters composed, line ends as one character."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        str(unicodedata.decimal(one)) if one > "\x7f" and one.isdecimal() else one for one in text
    )


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    """What each block says, with a mark of its end."""
    for node in nodes:
        if node.type in ("bullet_list", "ordered_list"):
            yield _list(node)
        elif node.type == "inline":
            yield _ended(in_words(_inline(node)))
        elif node.type == "tr":
            cells = (in_words(_inline(cell)).strip() for cell in node.children)
            yield _ended(", ".join(cell for cell in cells if cell))
        elif node.type in ("fence", "code_block"):
            yield _ended(in_words(_lines(node.content)))
        else:
            yield from _blocks(node.children)


def _list(node: SyntaxTreeNode) -> str:
    items = [" ".join(_blocks(item.children)).strip() for item in node.children]
    ordered = node.type == "ordered_list"
    first = int(node.attrs.get("start", 1)) if ordered else 1
    if ordered and len(items) == 1:
        # "5. December" is no list.
        return _ended(in_words(f"{first}. {_source(node)}"))
    if ordered:
        numbered = enumerate(items, first)
        return " ".join(f"{cardinal(number).capitalize()}, {item}" for number, item in numbered)
    if any(_stands_alone(item, said) for item, said in zip(node.children, items, strict=True)):
        return " ".join(items)
    return _ended(_enumerated([item.rstrip(".") for item in items if item.strip(" .")]))


def _stands_alone(item: SyntaxTreeNode, said: str) -> bool:
    """Whether an item of a list is a sentence, or too long to be a part of one."""
    ends = _source(item).rstrip('*_~`"”) ').endswith((".", "!", "?", ";"))
    return ends or len(said.split()) > _SHORT_ITEM or bool(re.search(r"[.!?;:](?=.)", said))


def _source(node: SyntaxTreeNode) -> str:
    """All inline text below a node."""
    return " ".join(_inline(one) for one in node.walk() if one.type == "inline")


def _enumerated(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])}, and {items[-1]}"


def _inline(node: SyntaxTreeNode) -> str:
    """The text of a line, with what is within it; breaks end sentences that do not go on."""
    text = ""
    for child in node.children:
        if child.type in ("softbreak", "hardbreak"):
            text += "\n"
        elif child.type == "code_inline":
            text += _file_name(child.content)
        elif child.type == "text":
            text += child.content
        else:
            text += _inline(child)
    return _lines(text)


def _lines(text: str) -> str:
    """Lines as sentences, but where the next one goes on in small letters."""
    said = ""
    for line in (one.strip() for one in text.split("\n")):
        if said and line and said[-1] not in ".!?:;," and not line[0].islower():
            said += "."
        said += f" {line}" if said else line
    return said


def _ended(text: str) -> str:
    text = text.rstrip()
    if not text or text[-1] in ".!?:":
        return text
    return f"{text.rstrip(',;')}."


def _file_name(content: str) -> str:
    """What stands in code: the names of files and folders with their dots and slashes."""
    plain = content.strip().strip("/")
    return _spelled(plain) if re.fullmatch(r"[\w./-]+", plain) else content


def _file(found: re.Match[str]) -> str:
    name = found[0]
    letters = name.replace("_", "")
    if re.fullmatch(r"[^\W\d]+/[^\W\d]+", letters):
        return name.replace("_", " ")  # on/off: read as "or" below
    if re.search(r"\.[A-Z]", name) and "/" not in name:
        return name.replace(".", ". ")  # a sentence that begins without a space
    return _spelled(name.strip("/"))


def _spelled(name: str) -> str:
    if "@" not in name:
        name = name.replace("-", " ")
    return " ".join("".join(_NAMED.get(one, one) for one in name).split())


def _host(found: re.Match[str]) -> str:
    end = re.search(r"[.,;:!?)]*$", found["rest"])
    host = found["host"].removeprefix("www.")
    return host.replace(".", " dot ") + (end[0] if end else "")


def _in_full(found: re.Match[str]) -> str:
    words = _LOWER[found[0].lower()]
    ends = words == "and so on" and _SENTENCE_FOLLOWS.match(found.string, found.end())
    return f"{words}." if ends else words


def _initials(found: re.Match[str]) -> str:
    letters = " ".join(one for one in found[0] if one.isalpha())
    ends = re.match(r"\s*$", found.string[found.end() :])
    return f"{letters}." if ends else f"{letters} "


def _characters(text: str) -> Iterator[str]:
    """Letters and what makes pauses; the names of signs; nothing else."""
    letter = False
    for one in text:
        kind = unicodedata.category(one)[0]
        if kind == "L" or (kind == "M" and letter):
            yield one
            letter = True
            continue
        letter = False
        if one in _SIGNS:
            yield _SIGNS[one]
        elif one in _KEPT:
            yield one
        elif kind == "N":
            # A figure in a circle, a Roman numeral: what they stand for.
            value = unicodedata.numeric(one, 0)
            yield f" {cardinal(int(value))} " if value == int(value) else " "
        else:
            yield " "


def _tidy(text: str) -> str:
    """Pauses once each and where they belong, no quotation marks, single spaces."""
    text = re.sub(r"(?<![^\W_])'|'(?![^\W_])", "", text)
    text = re.sub(r"(?<![^\W_])-+|-+(?![^\W_])", " ", text)
    text = re.sub(r"\s+(?=[,.;:!?])", "", " ".join(text.split()))
    # Of several marks in a row the strongest stays.
    text = re.sub(r"[,.;:!?]{2,}", lambda found: _strongest(found[0]), text)
    text = re.sub(r"([,.;:!?])(?=[^\s,.;:!?])", r"\1 ", text)
    text = re.sub(r"[,.;:!?](?:\s[,.;:!?])+", lambda found: _strongest(found[0]), text)
    return text.lstrip(",.;:!? ")


def _strongest(marks: str) -> str:
    return next(mark for mark in "?!.:;," if mark in marks)


def _pieces(text: str) -> Iterator[str]:
    """The sentences, the long ones in parts."""
    most = FIRST
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        sentence = sentence.strip()
        if not any(one.isalpha() for one in sentence):
            continue
        while len(sentence) > most:
            place = _pause(sentence, most)
            if place is None and most < LONGEST:
                most = LONGEST
                continue
            end = place or _space(sentence, most)
            yield sentence[:end].strip()
            sentence, most = sentence[end:].strip(), LONGEST
        most = LONGEST
        yield sentence if sentence[-1] in ".!?" else f"{sentence.rstrip(',;:')}."


def _pause(sentence: str, most: int) -> int | None:
    """Where it may be cut: behind the last comma or colon that leaves enough on both sides."""
    for marks in ("[;:]", ","):
        places = [found.end() for found in re.finditer(rf"{marks}\s", sentence[: most + 1])]
        if places and places[-1] > most // 4:
            return places[-1]
    return None


def _space(sentence: str, most: int) -> int:
    place = sentence.rfind(" ", 1, most + 1)
    return place if place > 0 else most
