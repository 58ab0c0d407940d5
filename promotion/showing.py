"""A comparison in words, for the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable

from promotion.comparing import Change, Comparison, Measure

MOST_SHOWN = 40
"""Changes of each kind that are told; of more there is a number."""

_MAY_BE_CHANCE = 0.05


def show(comparison: Comparison, say: Callable[[str], None]) -> None:
    """Tells all that is compared, a line for each sentence that changed."""
    width = max(40, min(shutil.get_terminal_size((80, 24)).columns, 100)) - 1
    for measure in comparison.measures:
        if not measure.total:
            continue
        say("")
        say(
            f"{measure.name}: {measure.before} of {measure.total} right before, {measure.after} now"
        )
        for sign, word, changes in (("+", "better", measure.better), ("-", "worse", measure.worse)):
            for change in changes[:MOST_SHOWN]:
                for line in _told(sign, change, width, measure):
                    say(line)
            if len(changes) > MOST_SHOWN:
                say(f"  {sign} and {len(changes) - MOST_SHOWN} more that are {word}")
        if measure.gained and measure.chance > _MAY_BE_CHANCE:
            say("  So small a difference may be chance.")


def _told(sign: str, change: Change, width: int, measure: Measure) -> list[str]:
    if measure.name == "conversations":
        line = f"  {sign} {change.what}: {change.after}"
    else:
        line = f"  {sign} {change.what}: {change.before} → {change.after}"
        if sign == "-" or change.wanted not in change.after:
            line += f" (wanted: {change.wanted})"
    return textwrap.wrap(line, width, subsequent_indent="      ", break_on_hyphens=False)
