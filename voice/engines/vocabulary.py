"""The assistant's own words, for engines that can be told what to expect."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pocketsphinx

from voice.asr import RecognizerError
from voice.language import DICTIONARY, Language, LanguageError


def unusual_words(language: Path) -> list[str]:
    """The assistant's words, those first that others expect the least.

    Words that no dictionary has come before all others: names, mostly. How usual the rest are is
    asked of the general model of English in PocketSphinx's wheel.

    Args:
        language: The folder of the assistant's language model.

    Raises:
        RecognizerError: There is none, or it is damaged.
    """
    try:
        guessed = Language.load(language).guessed
        lines = (language / DICTIONARY).read_text(encoding="utf-8").splitlines()
    except (LanguageError, OSError) as error:
        raise RecognizerError(str(error)) from error
    words = {line.split(maxsplit=1)[0].partition("(")[0] for line in lines if line.strip()}
    general = _general()
    known = sorted(words - set(guessed), key=lambda word: (general.prob([word]), word))
    return [*guessed, *known]


@cache
def _general() -> pocketsphinx.NGramModel:
    path = pocketsphinx.get_model_path("en-us/en-us.lm.bin")
    # The engine's own logarithms: their base is not of interest here.
    return pocketsphinx.NGramModel(pocketsphinx.Config(lm=None), pocketsphinx.LogMath(), path)
