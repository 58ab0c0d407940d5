"""How weather is put into words: codes, degrees, chances, wind, by the units of the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.forecast import Outlook

GENERAL = "general"
RAIN = "rain"
SNOW = "snow"
WIND = "wind"
WARMTH = "warmth"
SUNRISE = "sunrise"
SUNSET = "sunset"

POSSIBLE = 20
"""Percent from which rain is worth a word."""

WINDY = 50.0
"""Kilometres an hour: gusts from which wind is worth a word (Beaufort 7)."""

STORMY = 75.0
"""Kilometres an hour: gusts of a storm (Beaufort 9)."""

FROST, HEAT = 0.0, 30.0
"""Degrees Celsius from which a warning is due."""

_ASPECTS = (
    (
        SUNRISE,
        r"\bsun ?rise\b|\bsun (?:come|rise|go)\w* up\b|\bsun rises?\b|\bdawn\b|\bget light\b",
    ),
    (SUNSET, r"\bsun ?set\b|\bsun (?:go|goes|set|sets)\b|\bdusk\b|\bget dark\b"),
    (SNOW, r"\bsnow\w*|\bsledg\w+|\bsled\w*|\bski\w*|\bblizzard"),
    (
        RAIN,
        r"\bumbrella|\brain\w*|\bwet\b|\bdry\b|\bshower\w*|\bdrizzl\w*|\bpour\w*|\bwellies\b"
        r"|\bthunder\w*|\bhail\w*|\bbrolly\b|\bwashing (?:out|on the line)\b",
    ),
    (WIND, r"\bwind\w*|\bstorm\w*|\bgust\w*|\bgal(?:e|es)\b|\bbreez\w+|\bhurricane"),
    (
        WARMTH,
        r"\bwarm\w*|\bhot\b|\bhotter\b|\bcold\w*|\bchilly\b|\bcool\w*|\btemperatures?\b"
        r"|\bdegrees\b|\bfreez\w+|\bfrost\w*|\bjacket\b|\bcoat\b|\bjumper\b|\bshorts\b|\bmild\b",
    ),
)
_SKIES: Mapping[int, str] = {
    0: "a clear sky",
    1: "a mostly clear sky",
    2: "some clouds",
    3: "an overcast sky",
    45: "fog",
    48: "freezing fog",
    51: "light drizzle",
    53: "drizzle",
    55: "heavy drizzle",
    56: "freezing drizzle",
    57: "heavy freezing drizzle",
    61: "light rain",
    63: "rain",
    65: "heavy rain",
    66: "freezing rain",
    67: "heavy freezing rain",
    71: "light snow",
    73: "snow",
    75: "heavy snow",
    77: "snow grains",
    80: "light showers",
    81: "showers",
    82: "violent showers",
    85: "light snow showers",
    86: "heavy snow showers",
    95: "a thunderstorm",
    96: "a thunderstorm with hail",
    99: "a thunderstorm with heavy hail",
}
_WINDS = (
    (6, "hardly any wind"),
    (20, "a light breeze"),
    (39, "a fresh breeze"),
    (62, "a strong wind"),
)


def aspect_of(text: str) -> str:
    """What a question about the weather is after, by its words."""
    lower = text.casefold()
    return next((name for name, words in _ASPECTS if re.search(words, lower)), GENERAL)


def speak_sky(code: int) -> str:
    """The words for a WMO weather code, as the service uses them."""
    return _SKIES.get(code, "mixed weather")


def speak_degrees(celsius: float, imperial: bool) -> str:
    """A temperature: "12 degrees", "minus 3 degrees"."""
    degrees = _degrees(celsius, imperial)
    return f"{_signed(degrees)} degree{'' if abs(degrees) == 1 else 's'}"


def speak_range(low: float, high: float, imperial: bool) -> str:
    """The temperatures of a stretch of time: "between 3 and 9 degrees"."""
    least, most = _degrees(low, imperial), _degrees(high, imperial)
    if least == most:
        return f"around {speak_degrees(high, imperial)}"
    return f"between {_signed(least)} and {_signed(most)} degrees"


def speak_speed(kilometres: float, imperial: bool) -> str:
    """A wind speed, to the next five: "60 kilometres an hour"."""
    speed = kilometres / 1.609344 if imperial else kilometres
    return f"{round(speed / 5) * 5 or round(speed)} {'miles' if imperial else 'kilometres'} an hour"


def speak_chance(percent: float) -> str:
    """A probability, to the next five: "a 70 percent chance"."""
    rounded = min(100, round(percent / 5) * 5)
    return f"{'an' if str(rounded).startswith('8') else 'a'} {rounded} percent chance"


def speak_snowfall(centimetres: float, imperial: bool) -> str:
    """How much snow: "about 4 centimetres"."""
    depth = centimetres / 2.54 if imperial else centimetres
    unit = "inch" if imperial else "centimetre"
    if depth < 1:
        return f"less than {'an' if imperial else 'a'} {unit}"
    plural = "es" if imperial else "s"
    return f"about {round(depth)} {unit}{'' if round(depth) == 1 else plural}"


def speak_wind(kilometres: float) -> str:
    """The wind in words: "a light breeze"."""
    return next((words for limit, words in _WINDS if kilometres < limit), "a storm")


def speak_remarks(ahead: Outlook, imperial: bool) -> str:
    """What else matters of a stretch: rain that its sky does not tell, wind, frost, heat.

    Returns:
        Whole sentences with a blank in front of each; empty if nothing does.
    """
    remarks = []
    if ahead.chance >= POSSIBLE:
        what = "snow" if ahead.snows else "rain"
        remarks.append(f"There's {speak_chance(ahead.chance)} of {what}.")
    if ahead.gusts >= WINDY:
        how = "It gets stormy" if ahead.gusts >= STORMY else "It gets windy"
        remarks.append(f"{how}, with gusts of up to {speak_speed(ahead.gusts, imperial)}.")
    if ahead.low <= FROST < ahead.high:
        remarks.append("Mind the frost.")
    if ahead.high >= HEAT:
        remarks.append("Keep cool and drink enough.")
    return "".join(f" {remark}" for remark in remarks)


def _degrees(celsius: float, imperial: bool) -> int:
    return round(celsius * 9 / 5 + 32 if imperial else celsius)


def _signed(degrees: int) -> str:
    return f"minus {-degrees}" if degrees < 0 else str(degrees)
