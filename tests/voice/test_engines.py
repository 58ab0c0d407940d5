"""Recognisers by their names, and what they say where something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.voice.conftest import Say
from voice.asr import RecognizerError, Word
from voice.engines import NAMES, TRANSFORM, recognizer_of
from voice.engines.clips import spoken_words
from voice.engines.vocabulary import unusual_words
from voice.frontend import MARK, VERSION
from voice.sphinx import TRANSFORM_STREAMS
from voice.tuning.mllr import Transform


def test_pocketsphinx_is_had_by_its_name(house: Path, speak: Say) -> None:
    heard = recognizer_of("pocketsphinx", house).recognize(speak("what time is it"))
    assert heard.text == "what time is it" and heard.accepted


def test_an_unknown_name_is_answered_with_those_there_are(house: Path) -> None:
    with pytest.raises(RecognizerError, match=", ".join(NAMES)):
        recognizer_of("kaldi", house)


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize("model", [None, Path("/nowhere/model")])
def test_what_is_missing_is_said_in_a_line(name: str, model: Path | None, house: Path) -> None:
    with pytest.raises(RecognizerError) as raised:
        recognizer_of(name, house, model)
    said = str(raised.value)
    assert "\n" not in said
    # The package, where that is what is missing; else the model.
    assert any(part in said for part in ("uv pip install", "no model of its own", "There is no"))


@pytest.mark.parametrize("name", ["whisper", "faster-whisper"])
def test_a_language_model_that_is_missing_is_named_as_well(name: str, tmp_path: Path) -> None:
    with pytest.raises(RecognizerError):
        recognizer_of(name, tmp_path / "language", tmp_path)


def test_only_what_is_chosen_is_imported(house: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from voice.engines import recognizer_of; "
        f"recognizer_of('pocketsphinx', Path({str(house)!r})); "
        "print(sorted({'torch', 'transformers', 'vosk', 'faster_whisper', 'rasa'} "
        "& set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_transform_that_changes_nothing_changes_nothing(
    house: Path, tmp_path: Path, speak: Say
) -> None:
    samples = speak("please turn off the heating")
    plain = recognizer_of("pocketsphinx", house).recognize(samples)
    Transform.identity(len(TRANSFORM_STREAMS), TRANSFORM_STREAMS[0]).save(tmp_path / TRANSFORM)
    same = recognizer_of("pocketsphinx", house, tmp_path).recognize(samples)
    assert (same.text, same.accepted) == (plain.text, plain.accepted)
    assert same.confidence == pytest.approx(plain.confidence, abs=1e-3)


def test_a_transform_is_used(house: Path, tmp_path: Path, speak: Say) -> None:
    samples = speak("please turn off the heating")
    identity = Transform.identity(len(TRANSFORM_STREAMS), TRANSFORM_STREAMS[0])
    # All sounds turned around: nothing fits any more.
    Transform(-identity.matrices, identity.offsets, identity.scales).save(tmp_path / TRANSFORM)
    assert not recognizer_of("pocketsphinx", house, tmp_path).recognize(samples).accepted


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "make tune-voice"),
        ("", "no MLLR transform"),
        ("1\n3\n13\n1 2 3\n", "damaged"),
        ("words", "damaged"),
        ("1 1 39 " + "0 " * 39 * 41, "for this acoustic model"),
        ("1 3 " + ("13 " + "nan " * 13 * 15) * 3, "for this acoustic model"),
    ],
)
def test_a_wrong_transform_is_named(
    content: str | None, says: str, house: Path, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / TRANSFORM).write_text(content)
    with pytest.raises(RecognizerError, match=says):
        recognizer_of("pocketsphinx", house, tmp_path)


@pytest.mark.parametrize("mark", ["", f"{MARK} {VERSION - 1}", f"{MARK} {VERSION + 1}"])
def test_a_transform_of_another_front_end_is_refused(
    mark: str, house: Path, tmp_path: Path
) -> None:
    path = tmp_path / TRANSFORM
    Transform.identity(len(TRANSFORM_STREAMS), TRANSFORM_STREAMS[0]).save(path)
    content = path.read_text()
    assert content.endswith(f"{MARK} {VERSION}\n")
    path.write_text(content.replace(f"{MARK} {VERSION}", mark))
    with pytest.raises(RecognizerError, match="another front end.*make tune-voice"):
        recognizer_of("pocketsphinx", house, tmp_path)


def test_written_words_are_spoken_within_their_time() -> None:
    written = [
        Word("Wake", 0.0, 0.5),
        Word("me", 0.5, 0.8),
        Word("at", 0.8, 1.0),
        Word("7:30", 1.0, 2.0),
        Word("am,", 2.0, 2.4),
        Word("please!", 2.4, 3.0),
    ]
    found = spoken_words(written)
    assert " ".join(one.text for one in found) == "wake me at seven thirty a m please"
    assert [one.begin for one in found] == pytest.approx([0, 0.5, 0.8, 1.0, 1.5, 2.0, 2.2, 2.4])
    assert np.isclose(found[-1].end, 3.0)


def test_unusual_words_come_first(house: Path) -> None:
    words = unusual_words(house)
    assert words.index("heating") < words.index("the")
    assert len(set(words)) == len(words)
