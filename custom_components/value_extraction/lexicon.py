"""The words that values are made of, and what each means.

A category maps phrases, in lower case, to their meaning. A phrase may stand in several
categories: "second" is a unit of time and an ordinal, and the grammar decides which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ONES = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fourty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}

ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
        "twentieth".split(),
        start=1,
    )
} | {"thirtieth": 30, "fortieth": 40, "fiftieth": 50, "hundredth": 100}

FRACTIONS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
    "eighth": 8,
    "eighths": 8,
    "tenth": 10,
    "tenths": 10,
}

_WEEKDAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday".split()
WEEKDAYS = {name: day for day, name in enumerate(_WEEKDAY_NAMES)} | {
    "tue": 1,
    "tues": 1,
    "thu": 3,
    "thur": 3,
    "thurs": 3,
    "fri": 4,
}
# They are words of their own as well: only behind "on", "next" and the like.
SHORT_WEEKDAYS = {"mon": 0, "wed": 2, "weds": 2, "sat": 5, "sun": 6}
PLURAL_WEEKDAYS: dict[str, tuple[int, ...]] = {
    f"{name}s": (day,) for day, name in enumerate(_WEEKDAY_NAMES)
} | {
    "weekdays": (0, 1, 2, 3, 4),
    "workdays": (0, 1, 2, 3, 4),
    "working days": (0, 1, 2, 3, 4),
    "week days": (0, 1, 2, 3, 4),
    "weekends": (5, 6),
}
WEEKDAY_GROUPS: dict[str, tuple[int, ...]] = {
    "weekday": (0, 1, 2, 3, 4),
    "workday": (0, 1, 2, 3, 4),
    "working day": (0, 1, 2, 3, 4),
    "week day": (0, 1, 2, 3, 4),
    "weekend": (5, 6),
}

_MONTH_NAMES = (
    "january february march april may june july august september october november december"
).split()
MONTHS = {name: month for month, name in enumerate(_MONTH_NAMES, start=1)}
# Only beside a day of the month.
SHORT_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}

HOLIDAYS = {
    "christmas eve": "christmas_eve",
    "xmas eve": "christmas_eve",
    "christmas": "christmas",
    "xmas": "christmas",
    "christmas day": "christmas",
    "boxing day": "boxing_day",
    "new year's eve": "new_years_eve",
    "new years eve": "new_years_eve",
    "new year's day": "new_years_day",
    "new years day": "new_years_day",
    "new year's": "new_years_day",
    "halloween": "halloween",
    "valentine's day": "valentines_day",
    "valentines day": "valentines_day",
    "st patrick's day": "st_patricks_day",
    "saint patrick's day": "st_patricks_day",
    "labour day": "labour_day",
    "may day": "labour_day",
    "thanksgiving": "thanksgiving",
    "good friday": "good_friday",
    "easter": "easter",
    "easter sunday": "easter",
    "easter monday": "easter_monday",
    "pentecost": "pentecost",
    "whit sunday": "pentecost",
    "epiphany": "epiphany",
}

PARTS = {
    "morning": "morning",
    "afternoon": "afternoon",
    "evening": "evening",
    "night": "night",
    "lunchtime": "lunchtime",
    "lunch time": "lunchtime",
}
PLURAL_PARTS = {
    "mornings": "morning",
    "afternoons": "afternoon",
    "evenings": "evening",
    "nights": "night",
}

TIME_UNITS = {
    "second": "second",
    "seconds": "second",
    "sec": "second",
    "secs": "second",
    "minute": "minute",
    "minutes": "minute",
    "min": "minute",
    "mins": "minute",
    "hour": "hour",
    "hours": "hour",
    "hr": "hour",
    "hrs": "hour",
    "day": "day",
    "days": "day",
    "week": "week",
    "weeks": "week",
    "wk": "week",
    "wks": "week",
    "fortnight": "fortnight",
    "fortnights": "fortnight",
    "month": "month",
    "months": "month",
    "year": "year",
    "years": "year",
    "yr": "year",
    "yrs": "year",
    "decade": "decade",
    "decades": "decade",
}
# Only behind digits: "1h 30m", "90s".
SHORT_TIME_UNITS = {"h": "hour", "m": "minute", "s": "second", "d": "day"}

CURRENCIES: dict[str, tuple[str | None, float]] = {
    "€": ("EUR", 1.0),
    "eur": ("EUR", 1.0),
    "euro": ("EUR", 1.0),
    "euros": ("EUR", 1.0),
    "$": ("USD", 1.0),
    "usd": ("USD", 1.0),
    "dollar": ("USD", 1.0),
    "dollars": ("USD", 1.0),
    "bucks": ("USD", 1.0),
    "us dollars": ("USD", 1.0),
    "£": ("GBP", 1.0),
    "gbp": ("GBP", 1.0),
    "quid": ("GBP", 1.0),
    "pound sterling": ("GBP", 1.0),
    "pounds sterling": ("GBP", 1.0),
    "british pounds": ("GBP", 1.0),
    "pence": ("GBP", 0.01),
    "¥": ("JPY", 1.0),
    "jpy": ("JPY", 1.0),
    "yen": ("JPY", 1.0),
    "chf": ("CHF", 1.0),
    "swiss franc": ("CHF", 1.0),
    "swiss francs": ("CHF", 1.0),
    "francs": ("CHF", 1.0),
    # Of whichever currency.
    "cent": (None, 0.01),
    "cents": (None, 0.01),
    "eurocents": ("EUR", 0.01),
    "euro cents": ("EUR", 0.01),
}

# pint's name of a unit, and the words for it; those of one or two letters only behind digits.
_UNIT_WORDS: dict[str, str] = {
    "millimetre": "millimetre millimetres millimeter millimeters mm",
    "centimetre": "centimetre centimetres centimeter centimeters cm cms",
    "metre": "metre metres meter meters m",
    "kilometre": "kilometre kilometres kilometer kilometers km kms",
    "inch": "inch inches",
    "foot": "foot feet ft",
    "yard": "yard yards yd",
    "mile": "mile miles mi",
    "milligram": "milligram milligrams mg",
    "gram": "gram grams gramme grammes g gr",
    "kilogram": "kilogram kilograms kilogramme kilogrammes kilo kilos kg kgs",
    "tonne": "tonne tonnes",
    "ounce": "ounce ounces oz",
    "pound": "pound pounds lb lbs",
    "stone": "stone",
    "millilitre": "millilitre millilitres milliliter milliliters ml",
    "centilitre": "centilitre centilitres centiliter centiliters cl",
    "decilitre": "decilitre decilitres deciliter deciliters dl",
    "litre": "litre litres liter liters l",
    "cup": "cup cups",
    "tablespoon": "tablespoon tablespoons tbsp tbsps",
    "teaspoon": "teaspoon teaspoons tsp tsps",
    "pint": "pint pints",
    "quart": "quart quarts",
    "gallon": "gallon gallons",
    "joule": "joule joules",
    "kilojoule": "kilojoule kilojoules kj",
    "kilocalorie": "kilocalorie kilocalories kcal",
    "watt": "watt watts w",
    "kilowatt": "kilowatt kilowatts kw",
    "kilowatt_hour": "kwh",
    "volt": "volt volts",
    "ampere": "ampere amperes amps",
    "kelvin": "kelvin",
    "byte": "byte bytes",
    "kilobyte": "kilobyte kilobytes kb",
    "megabyte": "megabyte megabytes mb",
    "gigabyte": "gigabyte gigabytes gb",
    "terabyte": "terabyte terabytes tb",
    "acre": "acre acres",
    "hectare": "hectare hectares ha",
    "hertz": "hertz hz",
    "kilohertz": "kilohertz khz",
    "megahertz": "megahertz mhz",
    "knot": "knot knots",
}
_UNIT_PHRASES: dict[str, tuple[str, ...]] = {
    "kilometre / hour": ("kilometres per hour", "kilometers per hour", "km/h", "kmh", "kph"),
    "mile / hour": ("miles per hour", "mph", "miles an hour"),
    "metre / second": ("metres per second", "meters per second", "m/s"),
    "fluid_ounce": ("fluid ounce", "fluid ounces", "fl oz"),
    "metre ** 2": ("square metre", "square metres", "square meter", "square meters", "m²"),
    "kilometre ** 2": ("square kilometre", "square kilometres", "square kilometers", "km²"),
    "foot ** 2": ("square foot", "square feet"),
    "mile ** 2": ("square mile", "square miles"),
    "metre ** 3": ("cubic metre", "cubic metres", "cubic meters", "m³"),
    "kilowatt_hour": ("kilowatt hour", "kilowatt hours"),
}
UNITS: dict[str, str] = {
    **{word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()},
    **{phrase: unit for unit, phrases in _UNIT_PHRASES.items() for phrase in phrases},
}

DEGREES: dict[str, str | None] = {
    "degree": None,
    "degrees": None,
    "°": None,
    "deg": None,
    "celsius": "celsius",
    "centigrade": "celsius",
    "fahrenheit": "fahrenheit",
}

PERCENT = {"%": 1, "percent": 1, "per cent": 1, "pct": 1}

LEXICON: Mapping[str, Mapping[str, Any]] = {
    "one": ONES,
    "ten": TENS,
    "scale": SCALES,
    "ordinal": ORDINALS,
    "fraction": FRACTIONS,
    "weekday": WEEKDAYS,
    "short_weekday": SHORT_WEEKDAYS,
    "weekdays": PLURAL_WEEKDAYS,
    "weekday_group": WEEKDAY_GROUPS,
    "month": MONTHS,
    "short_month": SHORT_MONTHS,
    "holiday": HOLIDAYS,
    "part": PARTS,
    "parts": PLURAL_PARTS,
    "time_unit": TIME_UNITS,
    "short_time_unit": SHORT_TIME_UNITS,
    "currency": CURRENCIES,
    "unit": UNITS,
    "degrees": DEGREES,
    "percent": PERCENT,
}
