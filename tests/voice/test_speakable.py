"""Written sentences as they are spoken."""

import pytest

from voice.speakable import spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("What's on my list?", "what's on my list"),
        ("Set a timer for 25 minutes.", "set a timer for twenty five minutes"),
        ("alarm at 6:45", "alarm at six forty five"),
        ("at 6:05 pm", "at six oh five p m"),
        ("at 7:00", "at seven"),
        ("on the 3rd of March", "on the third of march"),
        ("1,250 grams", "one thousand two hundred and fifty grams"),
        ("dim it to 30%", "dim it to thirty percent"),
        ("21.5°", "twenty one point five degrees"),
        ("the wi-fi, please!", "the wi-fi please"),
        ("I am here", "i am here"),
        ("…", ""),
    ],
)
def test_as_somebody_says_it(written: str, said: str) -> None:
    assert " ".join(spoken(written)) == said
