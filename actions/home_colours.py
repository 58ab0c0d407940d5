"""Colours by their names: hue and saturation, or the temperature of white."""

from __future__ import annotations

from rapidfuzz import process
from rapidfuzz.distance import OSA

from actions.home_devices import Setting

COLOURS: dict[str, tuple[float, float]] = {
    "red": (0, 100), "scarlet": (8, 100), "crimson": (348, 91), "coral": (16, 69),
    "orange": (30, 100), "amber": (45, 100), "gold": (51, 100), "yellow": (60, 100),
    "lime": (90, 100), "green": (120, 100), "mint": (150, 40), "teal": (180, 100),
    "turquoise": (174, 72), "cyan": (180, 100), "sky blue": (197, 43), "light blue": (195, 35),
    "blue": (240, 100), "dark blue": (240, 100), "indigo": (275, 100), "violet": (270, 80),
    "purple": (280, 100), "lavender": (255, 35), "lilac": (280, 30), "magenta": (300, 100),
    "pink": (330, 60), "rose": (340, 60), "peach": (28, 40),
}  # fmt: skip
"""Hue in degrees, saturation in percent."""

WHITES: dict[str, float] = {
    "candlelight": 2000, "warm white": 2700, "soft white": 3000, "white": 4000,
    "neutral white": 4000, "natural white": 4000, "cool white": 5500, "cold white": 6000,
    "daylight": 6500,
}  # fmt: skip
"""Kelvin."""

NAMES = (*COLOURS, *WHITES)
_LEAST_LETTERS_TO_MISSPELL = 5


def colour_setting(name: str) -> Setting | None:
    """What a light is set to for a colour's name; one slip of the keys is forgiven.

    >>> colour_setting("Warm white")
    Setting(on=None, brightness=None, hue=None, saturation=None, kelvin=2700, ...
    """
    key = " ".join(name.casefold().replace("-", " ").split())
    if key not in NAMES and len(key) >= _LEAST_LETTERS_TO_MISSPELL:
        close = process.extractOne(key, NAMES, scorer=OSA.distance, score_cutoff=1)
        key = close[0] if close else key
    if key in WHITES:
        return Setting(kelvin=WHITES[key])
    if key in COLOURS:
        hue, saturation = COLOURS[key]
        return Setting(hue=hue, saturation=saturation)
    return None


def colour_name(hue: float, saturation: float) -> str:
    """The name that comes closest to a colour."""

    def distance(name: str) -> float:
        around = abs(COLOURS[name][0] - hue) % 360
        return min(around, 360 - around) + abs(COLOURS[name][1] - saturation) / 4

    return "white" if saturation < 10 else min(COLOURS, key=distance)


def white_name(kelvin: float) -> str:
    """How warm a white is, in words."""
    plain = ("candlelight", "warm white", "soft white", "white", "cool white", "daylight")
    return min(plain, key=lambda name: abs(WHITES[name] - kelvin))
