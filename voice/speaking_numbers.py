"""Numbers, times, dates, amounts of money and units as somebody says them.

The words are our own and not a library's: inflect, which the assistant's actions use, takes two
seconds of processor time to load, in each process that speaks and in each training. Tests hold the
one against the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_GROUPS = ("", " thousand", " million", " billion", " trillion")
_MOST_DIGITS = 3 * len(_GROUPS)
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_MONTH = "|".join(_MONTHS)
_SHORT = "|".join(month[:3] for month in _MONTHS) + "|Sept"
_DAYS = {day[:3]: day for day in "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()}

_UNITS = {
    "km/h": ("kilometre per hour", "kilometres per hour"),
    "kmh": ("kilometre per hour", "kilometres per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "m/s": ("metre per second", "metres per second"),
    "km²": ("square kilometre", "square kilometres"),
    "m²": ("square metre", "square metres"),
    "m³": ("cubic metre", "cubic metres"),
    "l/m²": ("litre per square metre", "litres per square metre"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "%": ("percent", "percent"),
    "km": ("kilometre", "kilometres"),
    "m": ("metre", "metres"),
    "dm": ("decimetre", "decimetres"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "l": ("litre", "litres"),
    "L": ("litre", "litres"),
    "dl": ("decilitre", "decilitres"),
    "cl": ("centilitre", "centilitres"),
    "ml": ("millilitre", "millilitres"),
    "ft": ("foot", "feet"),
    "mi": ("mile", "miles"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "V": ("volt", "volts"),
    "hPa": ("hectopascal", "hectopascals"),
    "kHz": ("kilohertz", "kilohertz"),
    "Hz": ("hertz", "hertz"),
    "kB": ("kilobyte", "kilobytes"),
    "KB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
}
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))

_MONEY = {
    "€": ("euro", "euros", "cent", "cents"),
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
}

_WHOLE = r"\d{1,3}(?:,\d{3})+|\d+"
_NUMBER = rf"(?:{_WHOLE})(?:\.\d+)?"
_FREE = r"(?<![\w.,:])"
"""No number or word stands before it."""


def cardinal(number: int) -> str:
    """A whole number in words; one of more than fifteen digits, digit by digit.

    >>> cardinal(1234)
    'one thousand two hundred and thirty-four'
    """
    if number < 0:
        return f"minus {cardinal(-number)}"
    if number < 1000:
        return _below_thousand(number)
    digits = str(number)
    if len(digits) > _MOST_DIGITS:
        return _one_by_one(digits)
    parts: list[str] = []
    for place in range(len(_GROUPS) - 1, -1, -1):
        group = number // 1000**place % 1000
        if group:
            joint = "and " if place == 0 and group < 100 and parts else ""
            parts.append(f"{joint}{_below_thousand(group)}{_GROUPS[place]}")
    return " ".join(parts)


def ordinal(number: int) -> str:
    """A place in words.

    >>> ordinal(21)
    'twenty-first'
    """
    words = cardinal(number)
    start = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[start:]
    if last in _IRREGULAR:
        return words[:start] + _IRREGULAR[last]
    return f"{words[:-1]}ieth" if last.endswith("y") else f"{words}th"


def year(number: int) -> str:
    """A year in words.

    >>> year(2026), year(1805), year(2000)
    ('twenty twenty-six', 'eighteen oh five', 'two thousand')
    """
    century, rest = divmod(number, 100)
    if not 1100 <= number < 2100 or 2000 <= number < 2010:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def decimal(figures: str) -> str:
    """A number in words: its figures, with or without commas and a point.

    >>> decimal("1,200.05"), decimal("007")
    ('one thousand two hundred point zero five', 'zero zero seven')
    """
    whole, point, fraction = figures.replace(",", "").partition(".")
    said = cardinal(int(whole)) if _is_amount(whole) else _one_by_one(whole)
    return f"{said} point {_one_by_one(fraction)}" if point else said


def time(hour: int, minute: int, *, half_day: bool = False) -> str:
    """A time of day in words.

    Args:
        hour: From 0 to 24.
        minute: From 0 to 59.
        half_day: Whether "a m" or "p m" follows.

    >>> time(19, 30), time(7, 5), time(7, 0), time(0, 0)
    ('nineteen thirty', 'seven oh five', "seven o'clock", 'midnight')
    """
    if minute:
        return f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    if half_day:
        return cardinal(hour)
    if hour in (0, 24):
        return "midnight"
    return f"{cardinal(hour)} o'clock" if hour <= 12 else f"{cardinal(hour)} hundred"


def numbers_in_words(text: str) -> str:
    """A text with all that is written in figures as words; what is no number stays as it is."""
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    if rest < len(_SMALL):
        small = _SMALL[rest]
    else:
        small = _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
    if not hundreds:
        return small
    return f"{_SMALL[hundreds]} hundred" + (f" and {small}" if rest else "")


def _one_by_one(digits: str) -> str:
    return " ".join(_SMALL[int(digit)] for digit in digits)


def _is_amount(whole: str) -> bool:
    """Whether it is counted; what begins with a nought or is very long is a name of something."""
    return whole == "0" or not (whole.startswith("0") or len(whole) > _MOST_DIGITS)


def _said_date(day: str, month: str, its_year: str | None) -> str:
    words = f"the {ordinal(int(day))} of {month}"
    return f"{words} {year(int(its_year))}" if its_year else words


def _iso_date(found: re.Match[str]) -> str:
    number, month, day = (int(found[place]) for place in (1, 2, 3))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return " ".join(decimal(part) for part in found.groups())
    return _said_date(str(day), _MONTHS[month - 1], str(number))


def _day_first(found: re.Match[str]) -> str:
    day, month = int(found["day"]), int(found["month"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return " ".join(decimal(part) for part in found.groups())
    return _said_date(str(day), _MONTHS[month - 1], found["year"])


def _month(name: str) -> str:
    return next(month for month in _MONTHS if month[:3] == name[:3])


def _day_and_month(found: re.Match[str]) -> str:
    if not 1 <= int(found["day"]) <= 31:
        return found[0]
    article = "" if found["the"] else "the "
    words = f"{found['the'] or ''}{article}{ordinal(int(found['day']))} of {_month(found['month'])}"
    return f"{words} {year(int(found['year']))}" if found["year"] else words


def _month_and_day(found: re.Match[str]) -> str:
    if not 1 <= int(found["day"]) <= 31:
        return found[0]
    words = f"{_month(found['month'])} the {ordinal(int(found['day']))}"
    return f"{words} {year(int(found['year']))}" if found["year"] else words


def _clock(found: re.Match[str]) -> str:
    hour, minute = int(found["hour"]), int(found["minute"])
    if hour > 24 or minute > 59:
        return " ".join(
            decimal(part) for part in (found["hour"], found["minute"], found["second"]) if part
        )
    half = found["half"]
    said = time(hour, minute, half_day=bool(half))
    if found["second"]:
        said = f"{time(hour, minute, half_day=True)} and {_counted(found['second'], 'second')}"
    return f"{said} {half[0].upper()} M" if half else said


def _counted(figures: str, unit: str) -> str:
    number = int(figures)
    return f"{cardinal(number)} {unit}{'' if number == 1 else 's'}"


def _whole_hour(found: re.Match[str]) -> str:
    return f"{decimal(found['hour'])} {found['half'][0].upper()} M"


def _money(found: re.Match[str]) -> str:
    one, many, small_one, small_many = _MONEY[found["sign"]]
    figures = found["amount"].replace(",", "")
    whole, _, part = figures.partition(".")
    minus = "minus " if found["minus"] else ""
    if len(part) not in (0, 2) or not _is_amount(whole):
        return f"{minus}{decimal(figures)} {many}"
    cents = int(part or 0)
    if whole == "0" and cents:
        return f"{minus}{cardinal(cents)} {small_one if cents == 1 else small_many}"
    said = f"{minus}{cardinal(int(whole))} {one if int(whole) == 1 else many}"
    return f"{said} {cardinal(cents)}" if cents else said


def _with_unit(found: re.Match[str]) -> str:
    one, many = _UNITS[found["unit"]]
    return f"{found['amount']} {one if found['amount'] == '1' else many}"


_SEPARATE = r"(?![\w]|[.,:]\d)"
_HALF = r"(?P<half>[ap])(?:m\b|\.\s?m\b(?:\.(?!\s+(?-i:[A-Z])|\s*$))?)"
_HOUR = rf"{_FREE}(?P<hour>\d{{1,2}})"
_YEAR = r"(?P<year>[12]\d{3})"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_RULES: tuple[Rule, ...] = (
    # From here to there: 5–7 km, 9-10, 9:00-10:30, Monday–Friday.
    (
        re.compile(
            rf"(?<=\w)–(?=\w)|(?<=\d) – (?=\d)|(?<=:\d\d)-(?=\d)"
            rf"|(?<![\w.:-])(?P<from>{_NUMBER})-(?={_NUMBER}(?![\w:-]))"
        ),
        lambda found: f"{found['from'] or ''} to ",
    ),
    # Dates: those that can be read in one way only.
    (re.compile(rf"{_FREE}(\d{{4}})-(\d\d)-(\d\d){_SEPARATE}"), _iso_date),
    (
        re.compile(
            rf"{_FREE}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>[12]\d{{3}}){_SEPARATE}"
        ),
        _day_first,
    ),
    (
        re.compile(
            rf"{_FREE}(?P<the>the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.? (?:of )?"
            rf"(?P<month>{_MONTH}|(?:{_SHORT})\b\.?)(?:,? {_YEAR})?{_SEPARATE}"
        ),
        _day_and_month,
    ),
    (
        re.compile(
            rf"\b(?P<month>{_MONTH}|(?:{_SHORT})\.?) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
            rf"(?:,? {_YEAR})?{_SEPARATE}"
        ),
        _month_and_day,
    ),
    (
        re.compile(
            rf"(?P<before>\b(?:{_MONTH}|[Ii]n|[Ss]ince|[Uu]ntil|[Yy]ear) )(?P<year>(?:19|20)\d\d)"
            rf"(?!\w|[.,:]\d|\s?(?:{_UNIT})(?!\w))"
        ),
        lambda found: found["before"] + year(int(found["year"])),
    ),
    (
        re.compile(rf"\b({'|'.join(_DAYS)})(?:\.|(?=,)),?(?= (?:the )?\w+)"),
        lambda found: f"{_DAYS[found[1]]},",
    ),
    # Times of day.
    (
        re.compile(
            rf"{_HOUR}:(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:\s?{_HALF})?(?![\w]|[.:]\d)",
            re.IGNORECASE,
        ),
        _clock,
    ),
    (re.compile(rf"{_HOUR}\s?{_HALF}(?!\w)", re.IGNORECASE), _whole_hour),
    # Money, before or behind its sign.
    (
        re.compile(rf"(?P<minus>[-−]?)(?P<sign>[€$£])\s?(?P<amount>{_NUMBER})(?!\w)"),
        _money,
    ),
    (
        re.compile(rf"(?P<minus>(?<!\w)[-−]|)(?<![\w.])(?P<amount>{_NUMBER})\s?(?P<sign>[€$£])"),
        _money,
    ),
    # Units, whose numbers are said further below.
    (
        re.compile(rf"(?<![\w.])(?P<amount>{_NUMBER})\s?(?P<unit>{_UNIT})(?![\w°²³/])"),
        _with_unit,
    ),
    (re.compile(r"(?<![\w.,])(\d{1,9})(?:st|nd|rd|th)\b"), lambda found: ordinal(int(found[1]))),
    # Signs of sums.
    (re.compile(r"(?<![\w)])[-−](?=\d)"), lambda found: "minus "),
    (re.compile(r"(?<=\w)\s?[×✕]\s?(?=\d)|(?<=\d) [xX*] (?=\d)"), lambda found: " times "),
    (re.compile(r"(?<=\w)\s?÷\s?(?=\d)|(?<=\d) / (?=\d)"), lambda found: " divided by "),
    (re.compile(r"(?<=\w)\s*−\s*(?=\d)|(?<=\d) - (?=\d)"), lambda found: " minus "),
    (re.compile(r"#(?=\d)"), lambda found: "number "),
    (re.compile(r"[~≈]\s?(?=\d)"), lambda found: "about "),
    (re.compile(r"°C\b"), lambda found: " degrees Celsius"),
    (re.compile(r"°F\b"), lambda found: " degrees Fahrenheit"),
    (re.compile(r"\bkm/h\b"), lambda found: "kilometres per hour"),
    (re.compile(r"(?<![\w.)])\.(?=\d)"), lambda found: "point "),
    # 3.6.21, and figures within words.
    (
        re.compile(r"(?<![\w,])\d+(?:\.\d+){2,}"),
        lambda found: " point ".join(decimal(part) for part in found[0].split(".")),
    ),
    (re.compile(rf"(?<![\w.]){_NUMBER}(?![\w])"), lambda found: decimal(found[0])),
    (re.compile(r"\d+"), lambda found: f" {decimal(found[0])} "),
)
