"""Amounts in words and figures."""

from decimal import Decimal

import pytest

from actions.quantities import parse_quantity, write_quantity


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("two", "2"),
        ("3", "3"),
        ("A", "1"),
        ("an", "1"),
        ("a dozen", "12"),
        ("two dozen", "24"),
        ("half a dozen", "6"),
        ("half a", "0.5"),
        ("half", "0.5"),
        ("half an", "0.5"),
        ("a quarter of a", "0.25"),
        ("three quarters of a", "0.75"),
        ("a couple of", "2"),
        ("a pair of", "2"),
        ("one and a half", "1.5"),
        ("three and a half", "3.5"),
        ("1 1/2", "1.5"),
        ("1/2", "0.5"),
        ("½", "0.5"),
        ("1½", "1.5"),
        ("2.5", "2.5"),
        ("2,5", "2.5"),
        ("1,000", "1000"),
        ("1,250.5", "1250.5"),
        ("twenty-five", "25"),
        ("Twenty Five", "25"),
        ("a hundred", "100"),
        ("one hundred and twenty", "120"),
        ("two hundred and twenty five", "225"),
        ("three thousand five hundred", "3500"),
        ("a thousand", "1000"),
    ],
)
def test_amounts(text: str, amount: str) -> None:
    assert parse_quantity(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    ["", " ", "some", "lots of", "a few", "of", "and", "several", "2 loaves", "-3", "0", "zero",
     "1/0", "two three", "5 5", "1e9", "9" * 12, "7up", "2.5.1", "; drop", "half a loaf", "٣x"],
)  # fmt: skip
def test_what_is_no_amount(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [("2", "2"), ("2.50", "2.5"), ("1E+3", "1000"), ("0.125", "0.125"), ("10", "10")],
)
def test_written_plainly(amount: str, text: str) -> None:
    assert write_quantity(Decimal(amount)) == text


@pytest.mark.parametrize("text", ["2", "0.5", "1000", "12", "0.25"])
def test_what_is_written_is_read_again(text: str) -> None:
    amount = parse_quantity(text)
    assert amount is not None
    assert write_quantity(amount) == text
