"""The review as a person has it: an item is shown, a key decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from review.data_files import DataFiles, Example
from review.marking import entities_in
from review.masking import has_masks
from review.queue import Item, Queue
from review.screen import TOGETHER, Screen
from review.session import DecidedMeanwhileError, RefusedError, Session, default_skill

KEYS = (
    ("a", "accept"),
    ("i", "other intent"),
    ("s", "sentiment"),
    ("e", "edit"),
    ("n", "new intent"),
    ("g", "whole group"),
    ("h", "hold out"),
    ("x", "skip"),
    ("l", "later"),
    ("u", "undo"),
    ("q", "quit"),
    ("?", "help"),
)
_KEYS = "  ".join(f"{key} {word}".replace(" ", TOGETHER) for key, word in KEYS)
HELP = """\
a  accept: the example is written into data/nlu, as it stands here
i  another intent: a number of those that are shown, or a name (Tab completes)
s  the next mood: neutral, negative, positive
e  edit the sentence and its entities: [milk](item)
n  a new intent out of this message and those like it
g  decide on all messages of the group at once
h  hold out: kept for tests (tests/data/nlu_set_aside.yml), never trained on
x  skip: it does not come back
l  later: it comes back the next time
u  undo the last decision
q  quit; all that was decided is written already"""
_LIKE_SHOWN = 3
_MOODS = ("neutral", "negative", "positive")


@dataclass
class _Draft:
    """An item with what the person has changed of it."""

    item: Item
    text: str
    intent: str
    sentiment: str | None

    @classmethod
    def of(cls, item: Item) -> _Draft:
        """As the model reads it; where it is unsure of the mood, neutral as most messages are."""
        return cls(item, item.example, item.message.intent, item.message.sentiment or "neutral")

    @property
    def example(self) -> Example:
        return Example(self.text, self.intent, self.sentiment)


class Dialogue:
    """Goes through a queue with a person."""

    def __init__(self, screen: Screen, session: Session, files: DataFiles, queue: Queue) -> None:
        """Takes what is shown, and who writes it down."""
        self._screen = screen
        self._session = session
        self._files = files
        self._queue = queue
        self._at = 0
        self._keys: dict[str, Callable[[_Draft], bool]] = {
            "a": self._accept,
            "i": self._choose_intent,
            "s": self._change_mood,
            "e": self._edit,
            "n": self._new_intent,
            "g": self._whole_group,
            "h": self._hold_out,
            "x": self._skip,
            "l": lambda _: True,
            "u": self._undo,
            "?": self._help,
        }

    def run(self) -> None:
        """Shows item after item, until the queue or the person is at an end."""
        items = self._queue.items
        while self._at < len(items):
            item = items[self._at]
            if self._session.is_open(item):
                if not self._decide(_Draft.of(item)):
                    break
            self._at += 1
        else:
            self._screen.show("That was all that is worth a look.", style="good")
        self._sum_up()

    def _decide(self, draft: _Draft) -> bool:
        """Asks until something is decided; False where the person quits."""
        self._show(draft)
        while True:
            key = self._screen.key("  > ")
            if key == "q":
                return False
            act = self._keys.get(key.lower()[:1]) if key else None
            if act is None:
                self._screen.show(f"  {_KEYS}", "  ")
                continue
            try:
                if act(draft):
                    return True
            except DecidedMeanwhileError as error:
                self._screen.show(f"  {error}", "  ", style="note")
                return True
            except RefusedError as error:
                self._screen.show(f"  {error}", "  ", style="bad")

    # ------------------------------------------------------------------ what is shown

    def _show(self, draft: _Draft) -> None:
        screen, message = self._screen, draft.item.message
        count = f"{self._at + 1}/{len(self._queue.items)}"
        times = f"  ({message.times} times)" if message.times > 1 else ""
        screen.show()
        screen.show(f"{count}  {message.text}{times}", " " * (len(count) + 2), style="strong")
        screen.field("why", ", ".join(message.reasons) or "like others that were misread")
        self._show_draft(draft)
        like = [one for one in self._queue.like(draft.item) if self._session.is_open(one)]
        if like:
            shown = " · ".join(one.message.text for one in like[:_LIKE_SHOWN])
            more = f" · and {len(like) - _LIKE_SHOWN} more" if len(like) > _LIKE_SHOWN else ""
            screen.field("like it", f"{shown}{more}", style="faint")
        screen.field("", _KEYS, style="faint")

    def _show_draft(self, draft: _Draft) -> None:
        screen = self._screen
        ranked = "  ".join(
            f"{number} {name} {confidence:.2f}"
            for number, (name, confidence) in enumerate(draft.item.message.ranking, 1)
        )
        screen.field("intent", draft.intent or "(none)", style="note")
        screen.field("or", ranked, style="faint")
        screen.field("sentiment", draft.sentiment or "(none)")
        entities = ", ".join(f"{name}: {words}" for name, words in entities_in(draft.text))
        screen.field("entities", entities or "none")

    # ---------------------------------------------------------------- what is decided

    def _accept(self, draft: _Draft) -> bool:
        path = self._session.accept(draft.item, draft.example)
        self._screen.show(f"  Written into {path}.", style="good")
        return True

    def _hold_out(self, draft: _Draft) -> bool:
        path = self._session.set_aside(draft.item, draft.example)
        self._screen.show(f"  Held out: {path}.", style="good")
        return True

    def _skip(self, draft: _Draft) -> bool:
        self._session.skip(draft.item)
        return True

    def _choose_intent(self, draft: _Draft) -> bool:
        intents = sorted(name for name in self._session.catalog.files)
        said = self._screen.ask("  intent: ", choices=intents)
        ranked = [name for name, _ in draft.item.message.ranking]
        if said.isdecimal() and 0 < int(said) <= len(ranked):
            said = ranked[int(said) - 1]
        matching = [name for name in intents if name.startswith(said)] if said else []
        if said in intents:
            draft.intent = said
        elif len(matching) == 1:
            draft.intent = matching[0]
        elif said:
            told = f"several: {', '.join(matching[:8])}" if matching else "none: n makes a new one"
            self._screen.show(f"  Of intents called '{said}' there are {told}.", "  ", style="bad")
            return False
        self._show_draft(draft)
        return False

    def _change_mood(self, draft: _Draft) -> bool:
        at = _MOODS.index(draft.sentiment) if draft.sentiment in _MOODS else -1
        draft.sentiment = _MOODS[(at + 1) % len(_MOODS)]
        self._screen.field("sentiment", draft.sentiment)
        return False

    def _edit(self, draft: _Draft) -> bool:
        if not self._screen.on_terminal or has_masks(draft.text):
            self._screen.field("now", draft.text)
        written = self._screen.ask("  sentence: ", draft.text)
        unknown = {name for name, _ in entities_in(written)} - self._session.catalog.entities
        if unknown:
            raise RefusedError(f"No example has an entity called {', '.join(sorted(unknown))}.")
        if written:
            draft.text = written
            self._show_draft(draft)
        return False

    def _new_intent(self, draft: _Draft) -> bool:
        suggested = self._queue.name_of(draft.item)
        name = self._screen.ask(f"  name [{suggested}]: ") or suggested
        if name in self._session.catalog.files:
            raise RefusedError(f"There is an intent '{name}' already (i takes it).")
        skill = default_skill(draft.item, self._session.catalog, self._files)
        skill = self._screen.ask(f"  skill [{skill}]: ", choices=self._files.skills()) or skill
        example = Example(draft.text, name, draft.sentiment)
        path = self._session.accept(draft.item, example, skill)
        self._screen.show(f"  {name} is new, in {path} and domain.yml.", "  ", style="good")
        self._accept_like(draft.item, name)
        return True

    def _whole_group(self, draft: _Draft) -> bool:
        like = [one for one in self._queue.like(draft.item) if self._session.is_open(one)]
        if not like:
            raise RefusedError("There is nothing like it.")
        key = self._screen.key(f"  all {len(like) + 1}: a accept as {draft.intent}, x skip? ")
        if key == "a":
            self._accept(draft)
            self._accept_like(draft.item, draft.intent, ask=False)
            return True
        if key == "x":
            for one in (draft.item, *like):
                self._session.skip(one)
            return True
        return False

    def _accept_like(self, item: Item, intent: str, ask: bool = True) -> None:
        """Takes what is like an item for the same intent, or offers it one by one."""
        for one in self._queue.like(item):
            if not self._session.is_open(one) or self._screen.ended:
                continue
            self._screen.field("too", one.example)
            key = self._screen.key("  a accept, x skip, Enter later > ") if ask else "a"
            try:
                if key == "a":
                    sentiment = one.message.sentiment or "neutral"
                    self._session.accept(one, Example(one.example, intent, sentiment))
                elif key == "x":
                    self._session.skip(one)
            except RefusedError as error:
                self._screen.show(f"  {error}", "  ", style="bad")

    def _undo(self, _draft: _Draft) -> bool:
        step = self._session.take_back()
        self._screen.show(f"  Taken back: {step.item.message.text}", "  ", style="note")
        # The run goes on behind this place: it is the item's own turn again.
        self._at = self._queue.items.index(step.item) - 1
        return True

    def _help(self, _draft: _Draft) -> bool:
        for line in HELP.splitlines():
            self._screen.show(f"  {line}", "     ")
        return False

    def _sum_up(self) -> None:
        steps = self._session.steps
        accepted = [step for step in steps if step.decision == "accepted"]
        held = sum(step.decision == "set aside" for step in steps)
        skipped = sum(step.decision == "skipped" for step in steps)
        screen = self._screen
        screen.show()
        screen.show(f"{len(accepted)} accepted, {held} held out, {skipped} skipped.")
        for path in sorted({str(step.path) for step in accepted}):
            screen.show(f"  {path}")
        for name in self._session.new_intents:
            screen.show(f"No rule answers {name} yet: write one into data/rules.", style="note")
        if accepted:
            screen.show("`make promote` trains with it, and tells whether it is better.")
