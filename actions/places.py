"""Places: how they are said, read out of a message, and told apart where several share a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.reading import Message, entities_of

PLACE_ENTITY = "place"

LONGEST_PLACE = 60
"""Characters of a place's name; hardly a town has more."""

NAMESAKE_SHARE = 0.1
"""A place of the same name is worth a word if it has this share of the other's population."""

_HERE = frozenset(
    {
        *("here", "home", "outside", "outdoors", "there", "it", "out", "out there", "at home"),
        *("my place", "my house", "my town", "my city", "where i am", "where i live"),
    }
)
_LEAD = re.compile(
    r"^(?:(?:it'?s|it is|i'?m|i am|we'?re|we are|i live|we live|my home is|home is|the|in|at|for|"
    r"near|from|to|around|and|what about|how about|please|just|well|um|erm|uh|ok|okay|yes)\b"
    r"[\s,]*)+",
    re.IGNORECASE,
)
_NAME = r"[A-Z][^\W\d_]+(?:['’-][^\W\d_]+)*"
_BEHIND_IN = re.compile(rf"\b(?:in|at|near)\s+((?:{_NAME})(?:,?\s+{_NAME})*)")
_TAIL = re.compile(r"[\s,]*\b(?:please|then|thanks|thank you|now|instead)$", re.IGNORECASE)
_NOT_IN_PLACES = frozenset(
    "what whatever which why who how when where i you me know idea dunno huh hm hmm hmmm sure not "
    "no don't nothing something anything somewhere anywhere weather".split()
)
_MOST_WORDS = 6


@dataclass(frozen=True)
class Place:
    """A place on the map."""

    name: str
    """Empty for coordinates without a name."""

    latitude: float
    longitude: float

    region: str = ""
    """The state or province."""

    country: str = ""

    country_code: str = ""
    """ISO 3166-1 alpha-2."""

    timezone: str = ""
    """An IANA name; empty if it is not known."""

    population: int = 0
    """0 if it is not known."""

    @property
    def where(self) -> str:
        """Where it is, as it stands in a sentence: "in Berlin"."""
        return f"in {self.name}" if self.name else "at home"

    @property
    def full_name(self) -> str:
        """The name with what tells it from others of that name: "Springfield, Illinois"."""
        further = self.region if self.region and self.region != self.name else self.country
        return f"{self.name}, {further}" if further else self.name


@dataclass(frozen=True)
class Found:
    """The place that a name is taken for."""

    place: Place

    namesakes: tuple[Place, ...] = ()
    """Others that may have been meant, the likelier ones first."""


def place_from(message: Message) -> str | None:
    """The place that the message names, the last of several; "here" and "outside" name none."""
    named = [name for name in places_from(message) if not means_here(name)]
    return named[-1] if named else None


def places_from(message: Message) -> list[str]:
    """The places that the message names, in their order, as they were said.

    Where the classifier saw none, a name behind "in" is one: "the sun in Longyearbyen".
    """
    named = [name.strip(" ,.?!") for name in entities_of(message, PLACE_ENTITY)]
    return named or _named_behind_in(message)


def says_here(message: Message) -> bool:
    """Whether the message speaks of the place where the person is at home."""
    text = str(message.get("text") or "").casefold()
    return bool(re.search(r"\b(?:here|at home|outside|outdoors|out there)\b", text))


def means_here(name: str) -> bool:
    """Whether a "place" is none but the one where the person is."""
    return " ".join(name.casefold().split()) in _HERE


def place_from_text(text: str) -> str | None:
    """Reads a place off a bare answer: "I live in Hamburg" is "Hamburg".

    Returns:
        The name, or None where the words cannot be one.
    """
    name = _TAIL.sub("", _LEAD.sub("", text.strip())).strip(' \t.,;:!"“”‘’')
    words = name.casefold().replace("’", "'").split()
    if not words or len(words) > _MOST_WORDS or text.rstrip().endswith("?"):
        return None
    if len(name) > LONGEST_PLACE or _NOT_IN_PLACES & set(words) or not re.search(r"[^\W_]", name):
        return None
    return None if means_here(name) else name


def readings(text: str) -> list[tuple[str, str]]:
    """The ways to read a name and the region it lies in, the likelier first.

    >>> readings("Springfield, Illinois")
    [('Springfield', 'Illinois')]
    >>> readings("Paris Texas")
    [('Paris Texas', ''), ('Paris', 'Texas')]
    """
    head, mark, tail = text.partition(",")
    if mark and head.strip() and tail.strip():
        return [(head.strip(), tail.strip(" ,"))]
    within = re.split(r"\s+in\s+", text, maxsplit=1)
    if len(within) == 2:
        return [(within[0], within[1])]
    words = text.split()
    return [
        (text, ""),
        *((" ".join(words[:-n]), " ".join(words[-n:])) for n in (1, 2)[: len(words) - 1]),
    ]


def choose(places: Sequence[Place], region: str) -> Found | None:
    """Takes one of the places that a search gave, in its order.

    Args:
        places: What was found; the search puts the likeliest first.
        region: Where it must lie; empty if nothing was said.

    Returns:
        The place, with those of the same name that are about as big; None where none fits.
    """
    fitting = [place for place in places if not region or _lies_in(place, region)]
    if not fitting:
        return None
    taken = fitting[0]
    namesakes: list[Place] = []
    for place in fitting[1:]:
        same = place.name.casefold() == taken.name.casefold()
        known = {(p.region, p.country) for p in (taken, *namesakes)}
        big = place.population >= NAMESAKE_SHARE * taken.population and place.population > 0
        if same and big and (place.region, place.country) not in known:
            namesakes.append(place)
    return Found(taken, tuple(namesakes))


def _named_behind_in(message: Message) -> list[str]:
    text = str(message.get("text") or "")
    others = [
        (int(e["start"]), int(e["end"]))
        for e in message.get("entities") or []
        if e.get("start") is not None and e.get("end") is not None
    ]
    return [
        found[1]
        for found in _BEHIND_IN.finditer(text)
        # "In December" is a time.
        if not any(start < found.end() and found.start() < end for start, end in others)
    ]


def _lies_in(place: Place, region: str) -> bool:
    wanted = region.casefold().strip(" .").removeprefix("the ")
    named = {place.region.casefold(), place.country.casefold(), place.country_code.casefold()}
    if wanted in named:
        return True
    return len(wanted) > 3 and any(name.startswith(wanted) for name in named)
