"""The index follows its folder; vectors are kept, shared and mended."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from custom_components.sentence_encoder import SentenceEncoder
from knowledge_base import index as index_module
from knowledge_base.embedding import VectorStore
from knowledge_base.index import KnowledgeIndex, find_documents
from tests.knowledge_base.conftest import CountingEncoder

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def make(folder: Path, encoder: CountingEncoder, digest: str = "tiny") -> KnowledgeIndex:
    return KnowledgeIndex(folder, VectorStore(folder.parent / "kept", encoder, digest))


def texts(index: KnowledgeIndex) -> list[str]:
    return [passage.text for passage in index.passages]


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder.parent / "kept").iterdir())


def test_new_changed_and_deleted_documents_are_noticed(folder: Path, tiny: CountingEncoder) -> None:
    index = make(folder, tiny)
    index.refresh()
    assert texts(index) == []

    write(folder, "a.md", "The lamp is red.")
    write(folder, "below/b.txt", "The tank is empty.")
    index.refresh()
    assert texts(index) == ["The lamp is red.", "The tank is empty."]

    write(folder, "a.md", "The lamp is out of water.")
    index.refresh()
    assert texts(index) == ["The lamp is out of water.", "The tank is empty."]

    (folder / "below" / "b.txt").unlink()
    index.refresh()
    assert texts(index) == ["The lamp is out of water."]
    assert len(kept(folder)) == 1


def test_only_what_changed_is_embedded_again(folder: Path, tiny: CountingEncoder) -> None:
    write(folder, "a.md", "The lamp is red.")
    write(folder, "b.md", "The tank is empty.")
    index = make(folder, tiny)
    index.refresh()
    tiny.texts.clear()

    index.refresh()
    assert tiny.texts == []

    write(folder, "b.md", "The tank is in the house.")
    index.refresh()
    assert tiny.texts == ["b: The tank is in the house."] * 2


def test_a_renamed_and_a_touched_file(folder: Path, tiny: CountingEncoder) -> None:
    path = write(folder, "a.md", "The lamp is red.")
    index = make(folder, tiny)
    index.refresh()
    tiny.texts.clear()
    os.utime(path, (1, 1))
    index.refresh()
    assert tiny.texts == []

    path.rename(folder / "lamp.md")
    index.refresh()
    assert [passage.title for passage in index.passages] == ["lamp"]


def test_vectors_outlive_the_process(folder: Path, tiny: CountingEncoder) -> None:
    write(folder, "a.md", "# Lamp\n\nThe lamp is red. The tank is empty.\n\n## Two\n\nSalt.")
    first = make(folder, tiny)
    first.refresh()
    vector = tiny.encode(["lamp"])[0]
    found = first.search("lamp", vector)
    tiny.texts.clear()

    second = make(folder, tiny)
    second.refresh()

    assert tiny.texts == []
    assert second.search("lamp", vector) == found


def test_another_encoder_embeds_anew(folder: Path, tiny: CountingEncoder) -> None:
    write(folder, "a.md", "The lamp is red.")
    make(folder, tiny).refresh()
    tiny.texts.clear()

    make(folder, tiny, "another").refresh()

    assert tiny.texts


@pytest.mark.parametrize("damage", [b"", b"not tensors", None], ids=["empty", "foreign", "cut"])
def test_damaged_vectors_are_made_anew(
    folder: Path, tiny: CountingEncoder, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder, "a.md", "The lamp is red.")
    make(folder, tiny).refresh()
    (file,) = (folder.parent / "kept").iterdir()
    file.write_bytes(file.read_bytes()[:-20] if damage is None else damage)
    tiny.texts.clear()

    index = make(folder, tiny)
    index.refresh()

    assert texts(index) == ["The lamp is red."]
    assert tiny.texts
    assert "made anew" in caplog.text


def test_what_cannot_be_read_is_told_once_and_left_out(
    folder: Path, tiny: CountingEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder, "broken.pdf", "%PDF-1.4 no more")
    write(folder, "good.md", "The lamp is red.")
    index = make(folder, tiny)

    with caplog.at_level(logging.WARNING):
        index.refresh()
        index.refresh()

    assert texts(index) == ["The lamp is red."]
    assert caplog.text.count("broken.pdf is left out: it is damaged") == 1

    write(folder, "broken.pdf", "still %PDF nothing")
    index.refresh()
    assert caplog.text.count("broken.pdf is left out") == 2


def test_a_huge_file_is_not_even_read(
    folder: Path,
    tiny: CountingEncoder,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_module, "MOST_BYTES", 10)
    write(folder, "huge.txt", "The lamp is red.")
    index = make(folder, tiny)
    index.refresh()

    assert texts(index) == []
    assert "huge.txt is left out: it has 16 bytes, the most is 10" in caplog.text


def test_what_is_no_document_of_this_folder(
    folder: Path, tiny: CountingEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    outside = write(folder.parent, "secret.md", "The key is in the box.")
    (folder / "link.md").symlink_to(outside)
    write(folder, ".hidden.md", "x")
    write(folder, ".git/y.md", "x")
    write(folder, "image.png", "x")
    write(folder, "Kept.MD", "The lamp is red.")

    assert [name for name, _ in find_documents(folder)] == ["Kept.MD"]
    assert "link.md is left out" in caplog.text


def test_no_folder_and_an_empty_one(folder: Path, tiny: CountingEncoder) -> None:
    for place in (folder, folder / "nowhere"):
        index = make(place, tiny)
        index.refresh()
        assert index.search("lamp", tiny.encode(["lamp"])[0]) == []


def test_without_a_place_for_vectors_it_works_all_the_same(
    folder: Path, tiny: CountingEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder, "a.md", "The lamp is red.")
    blocked = write(folder.parent, "file", "no folder")
    index = KnowledgeIndex(folder, VectorStore(blocked / "kept", tiny, "tiny"))

    index.refresh()

    assert texts(index) == ["The lamp is red."]
    assert "cannot be kept" in caplog.text


OTHER_PROCESS = """
import sys
from pathlib import Path
from custom_components.sentence_encoder import SentenceEncoder
from knowledge_base.embedding import VectorStore
from knowledge_base.index import KnowledgeIndex

folder, encoder = map(Path, sys.argv[1:])
for _ in range(3):
    store = VectorStore(folder.parent / "kept", SentenceEncoder(str(encoder)), "tiny")
    index = KnowledgeIndex(folder, store)
    index.refresh()
    assert len(index.passages) == 30, len(index.passages)
"""


def test_two_processes_at_once(folder: Path, tiny_folder: Path) -> None:
    for number in range(30):
        write(folder, f"{number:02}.md", f"The lamp is red. The tank has {number} keys.")
    command = [sys.executable, "-W", "ignore", "-c", OTHER_PROCESS, str(folder), str(tiny_folder)]
    both = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in both:
        _, said = process.communicate(timeout=200)
        assert process.returncode == 0, said
        assert "cannot be read" not in said

    reader = CountingEncoder(SentenceEncoder(str(tiny_folder)))
    index = make(folder, reader)
    index.refresh()
    assert len(index.passages) == 30
    assert reader.texts == []
    assert len(kept(folder)) == 30
