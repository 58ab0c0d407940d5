"""Figures in words, held against a library's."""

from __future__ import annotations

import inflect
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.speaking_numbers import cardinal, decimal, numbers_in_words, ordinal, time, year

ENGINE = inflect.engine()


@given(st.integers(0, 10**15 - 1))
def test_whole_numbers_are_those_of_a_library(number: int) -> None:
    expected = str(ENGINE.number_to_words(str(number), andword="and")).replace(",", "")
    assert cardinal(number) == expected


@given(st.integers(1, 10_000))
def test_places_are_those_of_a_library(number: int) -> None:
    expected = str(ENGINE.ordinal(ENGINE.number_to_words(str(number)))).replace(",", "")
    assert ordinal(number) == expected


@given(st.decimals("0.01", "99999", places=2))
def test_fractions_are_said_figure_by_figure(number: object) -> None:
    whole, point, fraction = decimal(str(number)).partition(" point ")
    assert point
    assert whole == cardinal(int(str(number).partition(".")[0]))
    assert len(fraction.split()) == 2


@given(st.integers(0, 23), st.integers(0, 59))
def test_no_two_times_of_a_day_sound_the_same(hour: int, minute: int) -> None:
    said = time(hour, minute)
    others = [time(one, other) for one in range(24) for other in range(60)]
    assert others.count(said) == 1


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1999, "nineteen ninety-nine"),
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (2000, "two thousand"),
        (2007, "two thousand and seven"),
        (2026, "twenty twenty-six"),
        (800, "eight hundred"),
    ],
)
def test_years(number: int, said: str) -> None:
    assert year(number) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("7:05 am", "seven oh five A M"),
        ("7 pm", "seven P M"),
        ("at 7 a.m. sharp", "at seven A M sharp"),
        ("19:30", "nineteen thirty"),
        ("19:00", "nineteen hundred"),
        ("0:00", "midnight"),
        ("7:00", "seven o'clock"),
        ("99:99", "ninety-nine ninety-nine"),
        ("9:00–10:30", "nine o'clock to ten thirty"),
        ("9:15-10:45", "nine fifteen to ten forty-five"),
        ("2026-11-21", "the twenty-first of November twenty twenty-six"),
        ("21.11.2026", "the twenty-first of November twenty twenty-six"),
        ("the 4th of December", "the fourth of December"),
        ("on 4 Dec 2027", "on the fourth of December twenty twenty-seven"),
        ("December 24", "December the twenty-fourth"),
        ("since 1999", "since nineteen ninety-nine"),
        ("You may 3 times", "You may three times"),
        ("5 km", "five kilometres"),
        ("1 km", "one kilometre"),
        ("0.5 l", "zero point five litres"),
        ("20 °C", "twenty degrees Celsius"),
        ("-3 °C", "minus three degrees Celsius"),
        ("20 km/h", "twenty kilometres per hour"),
        ("40 m²", "forty square metres"),
        ("15%", "fifteen percent"),
        ("5–7 km", "five to seven kilometres"),
        ("5 m high", "five metres high"),
        ("5 more", "five more"),
        ("€3.50", "three euros fifty"),
        ("3.50 €", "three euros fifty"),
        ("$1,200", "one thousand two hundred dollars"),
        ("£0.01", "one penny"),
        ("€1", "one euro"),
        ("1,234.5", "one thousand two hundred and thirty-four point five"),
        ("1st, 2nd and 33rd", "first, second and thirty-third"),
        ("3 x 4", "three times four"),
        ("12 - 5", "twelve minus five"),
        ("3.6.21", "three point six point twenty-one"),
        ("0049", "zero zero four nine"),
    ],
)
def test_what_is_written_in_figures(written: str, said: str) -> None:
    assert " ".join(numbers_in_words(written).split()) == said
