"""What the report finds, and what it says of each kind of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of finding."""

    key: str
    title: str
    advice: str


KINDS = (
    Kind(
        "unreadable",
        "Files that cannot be read",
        "Nothing in them was looked at. YAML knows no tabs for indentation.",
    ),
    Kind(
        "contradiction",
        "Sentences under several intents",
        "No model can learn them: decide for one, or tell them apart by what was said before.",
    ),
    Kind(
        "label",
        "Labels in doubt",
        "A model that has not seen the sentence is surer of another intent than it usually is of "
        "that intent's own. A doubt is no verdict: what is right and rare wants more like it.",
    ),
    Kind(
        "overlap",
        "Intents that overlap",
        "Models take one for the other. Do the answers differ? If not, make one of them; if so, "
        "see to the sentences below, and to the smaller one's examples.",
    ),
    Kind(
        "few",
        "Intents with few examples",
        "Ten different ones are the least; what people really said is the best of them.",
    ),
    Kind(
        "repeated",
        "Sentences that are there twice",
        "The second one teaches nothing, and weighs the first.",
    ),
    Kind(
        "alike",
        "Intents whose examples are too much alike",
        "Once their entities are taken out, many of these sentences are the same but for a word. "
        "Other ways to say it teach more than other values.",
    ),
    Kind(
        "one_value",
        "Entities that are always the same",
        "A model learns the word, not what kind of thing it is. Give other values, or a lookup.",
    ),
    Kind(
        "never_set",
        "Slots that nothing sets",
        "No mapping fills them from what is there, and no code names them.",
    ),
    Kind(
        "never_asked",
        "Slots that a form wants and nobody asks for",
        "The form waits for them in silence: write utter_ask_… or action_ask_….",
    ),
    Kind(
        "never_read",
        "Slots that nothing reads",
        "No story, rule, response, form or code looks at them.",
    ),
    Kind(
        "response",
        "Responses that nothing says",
        "No story, rule or form names them, nor does code.",
    ),
    Kind(
        "action",
        "Actions that nothing calls",
        "They stand in the domain, and in no story, rule or code; forms count as actions.",
    ),
    Kind(
        "path",
        "Ways that conversations took and no story has",
        "Somewhere on them the assistant did what no story or rule says should follow. Where that "
        "was right, make a story of it.",
    ),
    Kind(
        "not_taken",
        "Stories and rules that no conversation took",
        "Nobody has gone this way yet; with few conversations that says little.",
    ),
)

Related = tuple[str, str]
"""Something to be seen with a finding, and its `file:line`, or nothing."""


@dataclass(frozen=True)
class Finding:
    """One thing to look at."""

    kind: str
    place: str
    """`file:line`."""
    what: str
    related: list[Related] = field(default_factory=list)


@dataclass
class Report:
    """All of it."""

    findings: list[Finding] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """What was not looked at, and why."""
    facts: list[str] = field(default_factory=list)
    """What was looked at."""

    def of(self, kind: str) -> list[Finding]:
        """The findings of a kind, in the order in which they matter."""
        return [one for one in self.findings if one.kind == kind]
