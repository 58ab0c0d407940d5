"""Units: their names as people say them, and conversion by pint, in decimals.

Pints, gallons, cups and fluid ounces are those of the United States unless "imperial" or "UK" is
said; a ton is a short one, a tonne a metric one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pint

FLUID = {"ounce": "fluid_ounce"}
"""Masses that are meant as volumes beside a volume: "how many ounces are in a cup"."""

DEGREES = "degrees"
"""A temperature of which the scale was not said."""

TEMPERATURES = {"celsius": "degree_Celsius", "fahrenheit": "degree_Fahrenheit", "kelvin": "kelvin"}

_NAMES: tuple[tuple[str, str, str, str], ...] = (
    # pint's name, one, several, and what else people say
    ("millimetre", "millimetre", "millimetres", "millimeter millimeters mm"),
    ("centimetre", "centimetre", "centimetres", "centimeter centimeters cm cms"),
    ("metre", "metre", "metres", "meter meters m"),
    ("kilometre", "kilometre", "kilometres", "kilometer kilometers km kms"),
    ("inch", "inch", "inches", ""),
    ("foot", "foot", "feet", "ft"),
    ("yard", "yard", "yards", "yd yds"),
    ("mile", "mile", "miles", "mi"),
    ("nautical_mile", "nautical mile", "nautical miles", ""),
    ("light_year", "light year", "light years", ""),
    ("milligram", "milligram", "milligrams", "mg"),
    ("gram", "gram", "grams", "gramme grammes g"),
    ("kilogram", "kilogram", "kilograms", "kilogramme kilogrammes kilo kilos kg kgs"),
    ("tonne", "tonne", "tonnes", "metric_ton metric_tons"),
    ("ton", "ton", "tons", ""),
    ("ounce", "ounce", "ounces", "oz"),
    ("pound", "pound", "pounds", "lb lbs"),
    ("stone", "stone", "stone", "stones"),
    ("millilitre", "millilitre", "millilitres", "milliliter milliliters ml"),
    ("centilitre", "centilitre", "centilitres", "centiliter centiliters cl"),
    ("decilitre", "decilitre", "decilitres", "deciliter deciliters dl"),
    ("litre", "litre", "litres", "liter liters l"),
    ("cup", "cup", "cups", ""),
    ("tablespoon", "tablespoon", "tablespoons", "tbsp tbsps"),
    ("teaspoon", "teaspoon", "teaspoons", "tsp tsps"),
    ("fluid_ounce", "fluid ounce", "fluid ounces", "fl_oz"),
    ("pint", "pint", "pints", ""),
    ("imperial_pint", "imperial pint", "imperial pints", "uk_pint uk_pints"),
    ("quart", "quart", "quarts", ""),
    ("gallon", "gallon", "gallons", "us_gallon us_gallons"),
    ("imperial_gallon", "imperial gallon", "imperial gallons", "uk_gallon uk_gallons"),
    ("second", "second", "seconds", "sec secs"),
    ("minute", "minute", "minutes", "min mins"),
    ("hour", "hour", "hours", "hr hrs"),
    ("day", "day", "days", ""),
    ("week", "week", "weeks", ""),
    ("year", "year", "years", ""),
    ("joule", "joule", "joules", ""),
    ("kilojoule", "kilojoule", "kilojoules", "kj"),
    ("calorie", "small calorie", "small calories", ""),
    ("kilocalorie", "kilocalorie", "kilocalories", "kcal calorie calories"),
    ("kilowatt_hour", "kilowatt hour", "kilowatt hours", "kwh"),
    ("watt", "watt", "watts", "w"),
    ("kilowatt", "kilowatt", "kilowatts", "kw"),
    ("horsepower", "horsepower", "horsepower", "hp"),
    ("byte", "byte", "bytes", ""),
    ("kilobyte", "kilobyte", "kilobytes", "kb"),
    ("megabyte", "megabyte", "megabytes", "mb"),
    ("gigabyte", "gigabyte", "gigabytes", "gb"),
    ("terabyte", "terabyte", "terabytes", "tb"),
    ("acre", "acre", "acres", ""),
    ("hectare", "hectare", "hectares", "ha"),
    ("metre ** 2", "square metre", "square metres", "square_meter square_meters m²"),
    (
        *("kilometre ** 2", "square kilometre", "square kilometres"),
        "square_kilometer square_kilometers km²",
    ),
    ("foot ** 2", "square foot", "square feet", ""),
    ("mile ** 2", "square mile", "square miles", ""),
    ("metre ** 3", "cubic metre", "cubic metres", "cubic_meter cubic_meters m³"),
    (
        *("kilometre / hour", "kilometre an hour", "kilometres an hour"),
        "kilometres_per_hour kilometers_per_hour kilometers_an_hour km_/_h kmh kph",
    ),
    ("mile / hour", "mile an hour", "miles an hour", "miles_per_hour mph"),
    ("metre / second", "metre a second", "metres a second", "metres_per_second m_/_s"),
    ("knot", "knot", "knots", ""),
    ("bar", "bar", "bar", "bars"),
    ("pound_force_per_square_inch", "pound per square inch", "pounds per square inch", "psi"),
    ("hectopascal", "hectopascal", "hectopascals", "hpa"),
    ("degree_Celsius", "degree Celsius", "degrees Celsius", "celsius centigrade c"),
    ("degree_Fahrenheit", "degree Fahrenheit", "degrees Fahrenheit", "fahrenheit f"),
    ("kelvin", "kelvin", "kelvin", "kelvins"),
    (DEGREES, "degree", "degrees", "°"),
)
CURRENCIES = frozenset(
    "euro euros dollar dollars yen franc francs sterling rupee rupees eur usd gbp quid bucks "
    "krona kronor krone kroner zloty yuan peso pesos".split()
)


@dataclass(frozen=True)
class Amount:
    """A number of a unit, by pint's name."""

    value: Decimal
    unit: str


class OtherDimensionError(ValueError):
    """The two units do not measure the same."""


def phrases() -> Mapping[str, str]:
    """Pint's name of a unit by each way to say it; words are parted by single blanks."""
    return _phrases()


def convert(amount: Amount, unit: str) -> Amount:
    """Converts an amount into another unit.

    Degrees of an unknown scale are those of the other one: 350 degrees in Celsius are Fahrenheit.

    Raises:
        OtherDimensionError: If that is not possible.
    """
    registry = _registry()
    source = _settled(amount.unit, unit)
    target = _settled(unit, source)
    try:
        value = registry.Quantity(amount.value, source).to(target).magnitude
    except pint.DimensionalityError:
        fluid, fluid_target = FLUID.get(source, source), FLUID.get(target, target)
        if (fluid, fluid_target) == (source, target):
            raise OtherDimensionError(f"{source} and {target}") from None
        return convert(Amount(amount.value, fluid), fluid_target)
    return Amount(Decimal(value), target)


def settled(amount: Amount, unit: str) -> Amount:
    """The amount with its unit as `convert` takes it, beside the unit of the result."""
    return Amount(amount.value, _settled(amount.unit, unit))


def speak_unit(unit: str, one: bool) -> str:
    """The unit's name for one, or for several."""
    names = {name: (singular, plural) for name, singular, plural, _ in _NAMES}
    singular, plural = names.get(unit, (unit.replace("_", " "), unit.replace("_", " ") + "s"))
    return singular if one else plural


def _settled(unit: str, other: str) -> str:
    if unit != DEGREES:
        return unit
    return "degree_Celsius" if other == "degree_Fahrenheit" else "degree_Fahrenheit"


@lru_cache(maxsize=1)
def _phrases() -> dict[str, str]:
    known: dict[str, str] = {}
    for name, one, several, others in _NAMES:
        for phrase in (one, several, *(other.replace("_", " ") for other in others.split())):
            known.setdefault(phrase.casefold(), name)
    known["degrees c"] = known["° c"] = "degree_Celsius"
    known["degrees f"] = known["° f"] = "degree_Fahrenheit"
    return known


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Pint's registry, made at its first use: that takes half a second."""
    return pint.UnitRegistry(non_int_type=Decimal, autoconvert_offset_to_baseunit=True)
