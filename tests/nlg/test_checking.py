"""What generated words may and may not change."""

import pytest

from nlg.checking import complaint


@pytest.mark.parametrize(
    ("response", "values", "generated"),
    [
        (
            "Done: milk on your shopping list.",
            ["milk", "shopping"],
            "Milk is on the shopping list.",
        ),
        ("Your alarm is set for 7:30.", ["7:30"], "I'll wake you at 7:30."),
        ("Which list do you mean?", [], "Which of your lists, please?"),
        ("There is nothing on it.", [], "It has nothing on it yet."),
        ("See https://example.org/a.", [], "Have a look at https://example.org/a."),
    ],
)
def test_good_words(response: str, values: list[str], generated: str) -> None:
    assert complaint(response, values, generated) is None


@pytest.mark.parametrize(
    ("response", "values", "generated", "reason"),
    [
        ("Milk is on your list.", ["milk"], "It is on your list.", "value"),
        ("Your alarm is set for 7:30.", [], "Your alarm is set for 8:30.", "figures"),
        ("Your alarm is set.", [], "Your alarm is set for 7.", "figures"),
        ("2 eggs.", ["2 eggs"], "2 eggs and 2 eggs.", "figures"),
        ("Which list?", [], "I'll take that list.", "question"),
        ("The list is empty.", [], "Is the list empty?", "question"),
        ("I have cleared it.", [], "I have not cleared it.", "denial"),
        ("I couldn't do that.", [], "I could do that.", "denial"),
        ("All right.", [], "See http://evil.example now.", "links"),
        ("All right.", [], "All right, " + "and so on " * 20, "long"),
        ("All right.", [], "All right. User: thanks", "marks"),
        ("All right.", [], "<b>All right.</b>", "marks"),
        ("All right.", [], "  ", "nothing"),
    ],
)
def test_words_that_cannot_be_said(
    response: str, values: list[str], generated: str, reason: str
) -> None:
    assert reason in str(complaint(response, values, generated))
