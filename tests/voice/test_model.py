"""The language model out of a trained model."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from voice.language import Language, LanguageError
from voice.model import extract_language, language_at

PLACE = "components/train_custom_components.speech_language.SpeechLanguage6"


def pack(path: Path, *folders: tuple[Path, str]) -> Path:
    """A model archive as Rasa writes it, with other components around the language."""
    with tarfile.open(path, "w:gz") as archive:
        archive.add(Path(__file__), "components/train_Before1/words.dict")
        for folder, place in folders:
            archive.add(folder, place)
        archive.add(Path(__file__), "components/train_SpeechLanguageModel7/language.json")
        archive.add(Path(__file__), "metadata.json")
    return path


def test_the_language_is_taken_out_and_nothing_else(house: Path, tmp_path: Path) -> None:
    folder = extract_language(pack(tmp_path / "a.tar.gz", (house, PLACE)), tmp_path / "x/language")
    assert Language.load(folder) == Language.load(house)
    assert {path.name for path in folder.iterdir()} == {
        "model.json",
        *(path.name for path in house.iterdir()),
    }
    for path in house.iterdir():
        assert (folder / path.name).read_bytes() == path.read_bytes()
    assert [path.name for path in folder.parent.iterdir()] == ["language"]


def test_the_same_model_is_read_once_and_another_takes_its_place(
    house: Path, tmp_path: Path
) -> None:
    model = pack(tmp_path / "a.tar.gz", (house, PLACE))
    folder = extract_language(model, tmp_path / "language")
    made = (folder / "language.json").stat().st_ino
    assert extract_language(model, folder) == folder
    assert (folder / "language.json").stat().st_ino == made
    (folder / "leftover").touch()
    other = pack(tmp_path / "b.tar.gz", (house, PLACE.replace("6", "12")))
    extract_language(other, folder)
    assert not (folder / "leftover").exists()
    (folder / "language.json").unlink()
    assert (extract_language(other, folder) / "language.json").exists()


def test_what_cannot_be_had_says_so(house: Path, tmp_path: Path) -> None:
    folder = tmp_path / "language"
    with pytest.raises(LanguageError, match="no trained model .*: train first"):
        extract_language(tmp_path / "none.tar.gz", folder)
    with pytest.raises(LanguageError, match="has no language model for speech"):
        extract_language(pack(tmp_path / "a.tar.gz"), folder)
    broken = tmp_path / "b.tar.gz"
    broken.write_bytes(pack(tmp_path / "c.tar.gz", (house, PLACE)).read_bytes()[:3000])
    with pytest.raises(LanguageError, match="cannot be read"):
        extract_language(broken, folder)
    broken.write_bytes(b"no archive")
    with pytest.raises(LanguageError, match="cannot be read"):
        extract_language(broken, folder)
    assert not folder.exists()


def test_names_that_lead_elsewhere_are_not_followed(house: Path, tmp_path: Path) -> None:
    model = tmp_path / "a.tar.gz"
    with tarfile.open(model, "w:gz") as archive:
        archive.add(house, PLACE)
        archive.add(house / "words.dict", f"{PLACE}/../../../evil")
        link = tarfile.TarInfo(f"{PLACE}/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    folder = extract_language(model, tmp_path / "deep" / "er" / "language")
    assert not list(tmp_path.rglob("evil")) and not (folder / "link").exists()


def test_a_place_stands_for_its_language(house: Path, tmp_path: Path) -> None:
    assert language_at(house, tmp_path / "unused") == house
    models = tmp_path / "models"
    models.mkdir()
    with pytest.raises(LanguageError, match="train first"):
        language_at(models, tmp_path / "none")
    for number, name in enumerate(("b", "a")):
        path = pack(models / f"{name}.tar.gz", (house, PLACE))
        os.utime(path, (1_000_000 + number, 1_000_000 + number))
    newest = language_at(models, tmp_path / "newest")
    assert Language.load(newest) == Language.load(house)
    assert "a.tar.gz" in (newest / "model.json").read_text(encoding="utf-8")
    named = language_at(models / "b.tar.gz", tmp_path / "named")
    assert "b.tar.gz" in (named / "model.json").read_text(encoding="utf-8")
