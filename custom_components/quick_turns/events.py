"""Which class an event is of: looked up, not looked for.

Rasa goes through all subclasses of its events, recursively, for each event that it reads.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

_resolve_by_rasa = Event.resolve_by_type
_known: dict[str, Any] = {}


def install() -> None:
    """Replaces Rasa's search."""
    Event.resolve_by_type = staticmethod(resolve_by_type)


def resolve_by_type(type_name: str, default: Any = None) -> Any:
    """Returns the class of events of a type.

    Raises:
        ValueError: There is none, and no default; in Rasa's own words.
    """
    found = _known.get(type_name)
    if found is None:
        found = _resolve_by_rasa(type_name, default)
        # A default is no answer to keep.
        if any(found is one for one in all_subclasses(Event) if one.type_name == type_name):
            _known[type_name] = found
    return found
