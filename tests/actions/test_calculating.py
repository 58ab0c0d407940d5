"""Sums and units: what is computed, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.arithmetic import LARGEST, compute
from actions.calculating import ActionCalculate, ActionConvertUnits
from actions.conversions import read_conversion
from actions.figures import exact, shown, speak_decimal
from actions.sum_words import (
    DividedByZeroError,
    NoRealNumberError,
    NoSumError,
    SumError,
    TooLargeError,
)
from actions.units import Amount, OtherDimensionError, convert, phrases
from tests.actions.asking import ask, value
from tests.actions.conftest import Talk


def said(text: str) -> dict[str, Any]:
    return {"text": text, "entities": []}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("12 times 7 plus 3", "87"),
        ("3 plus 12 times 7", "87"),
        ("what is (3 + 4) * 2?", "14"),
        ("15 percent of 80", "12"),
        ("what's 20% of 45", "9"),
        ("80 plus 15 percent", "92"),
        ("100 minus 20%", "80"),
        ("10% plus 5%", "0.15"),
        ("half of 350", "175"),
        ("a third of 90", "30"),
        ("3/4 of 100", "75"),
        ("100 divided by half of 10", "20"),
        ("what percentage of 60 is 12", "20"),
        ("18 is what percent of 72", "25"),
        ("the square root of 144", "12"),
        ("square root of 144 plus 25", "37"),
        ("cube root of 27", "3"),
        ("cube root of minus 27", "-3"),
        ("2^10", "1024"),
        ("2**3**2", "512"),
        ("-2^2", "-4"),
        ("2 to the power of minus 1", "0.5"),
        ("7 squared", "49"),
        ("0.1 + 0.2", "0.3"),
        ("10 - 2 - 3", "5"),
        ("100 / 10 / 2", "5"),
        ("17 mod 5", "2"),
        ("7-9", "-2"),
        ("1,000 × 3", "3000"),
        ("twice 21", "42"),
        ("the sum of 12, 15 and 20", "47"),
        ("the difference between 10 and 3", "7"),
        ("multiply 11 by 11", "121"),
        ("subtract 3 from 10", "7"),
        ("what do I get if I add 17 to 25", "42"),
        ("they want 30 percent of 250, outrageous", "75"),
    ],
)
def test_sums(text: str, result: str) -> None:
    assert compute(said(text)).value == Decimal(result)


def test_numbers_in_words_come_as_values() -> None:
    text = "twelve times twenty-one minus five"
    message = {
        "text": text,
        "entities": [
            value("number", text, "twelve", 12),
            value("number", text, "twenty-one", 21),
            value("number", text, "five", 5),
        ],
    }
    assert compute(message).value == 247
    text = "fifteen percent of eighty"
    entities = [
        value("percentage", text, "fifteen percent", 15),
        value("number", text, "eighty", 80),
    ]
    assert compute({"text": text, "entities": entities}).value == 12


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("12 divided by 0", DividedByZeroError),
        ("5 mod 0", DividedByZeroError),
        ("0 to the power of minus 1", DividedByZeroError),
        ("what percent of 0 is 3", DividedByZeroError),
        ("the square root of -4", NoRealNumberError),
        ("0^0", NoRealNumberError),
        ("(0 - 8) to the power of 0.5", NoRealNumberError),
        ("9**9**9", TooLargeError),
        ("10 to the power of 400", TooLargeError),
        ("2 to the power of 9999999", TooLargeError),
        ("1234567890123456 plus 1", TooLargeError),
        ("(" * 40 + "1" + ")" * 40, TooLargeError),
        ("1 + " * 50 + "1", TooLargeError),
        ("what is 7", NoSumError),
        ("hello there", NoSumError),
        ("12 bananas times 7", NoSumError),
        ("3 plus", NoSumError),
        ("(3 plus 4", NoSumError),
        ("times 7", NoSumError),
        ("__import__('os').system('ls')", NoSumError),
        ("", NoSumError),
    ],
)
def test_what_cannot_be_computed_is_told_by_its_kind(text: str, error: type[SumError]) -> None:
    with pytest.raises(error):
        compute(said(text))


@given(st.text(alphabet="0123456789.,+-*/^()% ofandpercntimsqurgdvby", max_size=80))
def test_whatever_is_said_gives_a_result_or_a_refusal(text: str) -> None:
    try:
        result = compute(said(text))
    except SumError:
        return
    assert abs(result.value) <= LARGEST
    assert speak_decimal(result.value)


@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(1, 999))
def test_precedence_is_that_of_the_school(a: int, b: int, c: int) -> None:
    assert compute(said(f"({a}) + ({b}) * {c}")).value == a + b * c
    assert compute(said(f"({a} - {c}) * {c}")).value == (a - c) * c


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("1234567.5", "1,234,567.5"),
        ("-3", "minus 3"),
        ("3.3333333333333333", "3.333333333"),
        ("0.00001234", "0.00001234"),
        ("100", "100"),
        ("0.10", "0.1"),
    ],
)
def test_numbers_are_said_in_figures(number: str, words: str) -> None:
    assert speak_decimal(Decimal(number)) == words


def test_thirds_are_as_exact_as_they_can_be() -> None:
    assert exact(0.1) == Decimal("0.1")
    assert abs(exact(1 / 3) * 3 - 1) < Decimal("1e-50")
    assert shown(exact(2 / 3) * 3) == 2


async def test_a_sum_goes_on_with_the_one_before(talk: Talk) -> None:
    ask(talk, "calculate", "12 times 7 plus 3")
    slots = await talk.run(ActionCalculate())
    assert talk.said == ["utter_sum"]
    assert talk.filled["sum"] == "12 times 7 plus 3"
    assert talk.filled["result"] == "87"

    talk.slot("sum_in_talk", slots["sum_in_talk"]).bot("action_calculate")
    ask(talk, "calculate", "and times 2")
    await talk.run(ActionCalculate())
    assert talk.filled["result"] == "174"


async def test_what_is_rounded_is_said_to_be(talk: Talk) -> None:
    await ask(talk, "calculate", "10 divided by 3").run(ActionCalculate())
    assert talk.said == ["utter_sum_about"]


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("12 / 0", "utter_divided_by_zero"),
        ("9**9**9", "utter_sum_too_large"),
        ("root of -1", "utter_no_real_number"),
        ("what is a number", "utter_no_sum"),
    ],
)
async def test_each_refusal_has_its_sentence(talk: Talk, text: str, response: str) -> None:
    slots = await ask(talk, "calculate", text).run(ActionCalculate())
    assert talk.said == [response]
    assert slots == {}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("5 miles in kilometres", "8.05 kilometres"),
        ("convert 350 Fahrenheit to Celsius", "176.67 degrees Celsius"),
        ("-40 celsius in fahrenheit", "minus 40 degrees Fahrenheit"),
        ("0 kelvin in Celsius", "minus 273.15 degrees Celsius"),
        ("350 degrees in celsius", "176.67 degrees Celsius"),
        ("20 degrees in fahrenheit", "68 degrees Fahrenheit"),
        ("how many ounces are in a pound", "16 ounces"),
        ("how many ounces in a cup", "8 fluid ounces"),
        ("how many feet are there in a mile", "5,280 feet"),
        ("100 km/h in mph", "62.14 miles an hour"),
        ("5 feet 11 inches in cm", "180.34 centimetres"),
        ("5 foot 11 in centimetres", "180.34 centimetres"),
        ("a gallon in litres", "3.79 litres"),
        ("an imperial gallon in litres", "4.55 litres"),
        ("1 mm in miles", "0.000000621 miles"),
        ("how many minutes are in a week", "10,080 minutes"),
    ],
)
async def test_conversions(talk: Talk, text: str, result: str) -> None:
    await ask(talk, "convert_units", text).run(ActionConvertUnits())
    assert talk.filled["result"] == result


async def test_amounts_come_as_values(talk: Talk) -> None:
    text = "five miles and an hour and a half"
    found = read_conversion(
        {
            "text": text,
            "entities": [
                value("amount", text, "five miles", 5, unit="mile"),
                value("duration", text, "an hour and a half", 5400, unit="hour", amount=1.5),
            ],
        }
    )
    assert found.amounts == (Amount(Decimal(5), "mile"), Amount(Decimal("1.5"), "hour"))
    text = "ten pounds in kilos"
    money = value("money", text, "ten pounds", 10, unit="GBP")
    await ask(talk, "convert_units", text, money).run(ActionConvertUnits())
    assert talk.filled["result"] == "4.54 kilograms"


async def test_a_conversion_goes_on_with_the_one_before(talk: Talk) -> None:
    slots = await ask(talk, "convert_units", "5 miles in kilometres").run(ActionConvertUnits())
    talk.slot("conversion_in_talk", slots["conversion_in_talk"]).bot("action_convert_units")

    await ask(talk, "convert_units", "and in feet?").run(ActionConvertUnits())
    assert talk.filled["result"] == "26,400 feet"

    await ask(talk, "convert_units", "and 10 miles?").run(ActionConvertUnits())
    assert talk.filled["result"] == "16.09 kilometres"


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("3 kilos in litres", "utter_units_differ"),
        ("20 dollars in euros", "utter_no_exchange_rates"),
        ("convert something", "utter_no_conversion"),
        ("999999999999999999999 miles in feet", "utter_sum_too_large"),
        ("999999999999999 miles in inches", "utter_converted_about"),
    ],
)
async def test_what_cannot_be_converted_is_said(talk: Talk, text: str, response: str) -> None:
    await ask(talk, "convert_units", text).run(ActionConvertUnits())
    assert talk.said == [response]


def test_every_unit_is_known_to_pint_and_converts_into_itself() -> None:
    for unit in set(phrases().values()) - {"degrees"}:
        assert convert(Amount(Decimal(3), unit), unit).value == 3


def test_other_dimensions_do_not_convert() -> None:
    with pytest.raises(OtherDimensionError):
        convert(Amount(Decimal(1), "hour"), "metre")
