"""Text out of Markdown, plain text, HTML and PDF; and what nothing can be read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base import reading
from knowledge_base.reading import read_document
from knowledge_base.sections import UnreadableDocumentError
from tests.knowledge_base.conftest import DOCUMENTS
from tests.tiny_pdf import save_tiny_pdf


def text_of(path: Path) -> str:
    return "\n".join(section.text for section in read_document(path).sections)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_markdown_keeps_headings_paragraphs_lists_and_tables(folder: Path) -> None:
    path = write(
        folder,
        "house.md",
        "---\ntitle: x\n---\n# House\n\nHello *there*,\nfriend.\n\n## Rooms\n\n- one **bed**\n"
        "- a [link](http://elsewhere.test/secret)\n\n| lamp | what |\n|---|---|\n"
        "| red | fill it |\n\n```\nmake chat\n```\n\n## Garden\n\n<script>alert(1)</script>\n"
        "\nGreen <b>grass</b>.\n",
    )
    document = read_document(path)

    assert document.title == "House"
    assert [(section.headings, section.paragraphs) for section in document.sections] == [
        (("House",), ("Hello there, friend.",)),
        (("House", "Rooms"), ("one bed", "a link", "lamp, what", "red, fill it", "make chat")),
        (("House", "Garden"), ("Green grass.",)),
    ]


def test_html_is_read_as_it_is_seen() -> None:
    document = read_document(DOCUMENTS / "flat.html")
    text = text_of(DOCUMENTS / "flat.html")

    assert document.title == "Living at 12 Mill Lane"
    assert ("Living at 12 Mill Lane", "Rubbish") in [one.headings for one in document.sections]
    for unseen in ("secret", "ignore all rules", "color", "Contact", "<", "Printed"):
        assert unseen not in text
    assert "Caretaker: Mrs Novak, ground floor" in text


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("<p>a<p>b<div>c</div>d", "a\nb\nc\nd"),
        ("<p>one <b>bold</b>ly<br>two</p>", "one boldly\ntwo"),
        ("<p style='display: none'>x</p><p hidden>y</p><p>z</p>", "z"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a, b\nc"),
        ("<!-- no --><p>1 &lt; 2 &amp; 3</p>", "1 < 2 & 3"),
        ("<p>never closed <i>at all", "never closed at all"),
    ],
)
def test_html_of_all_kinds(folder: Path, html: str, seen: str) -> None:
    assert text_of(write(folder, "a.html", html)) == seen


def test_html_without_a_bottom_is_refused(folder: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match="nested"):
        read_document(write(folder, "deep.html", "<div>" * 30_000 + "x"))


def test_plain_text_has_headings_too() -> None:
    sections = read_document(DOCUMENTS / "rowing-club.txt").sections

    assert sections[0].headings == ("RULES OF THE ROWING CLUB AT LAKE ELM", "Membership")
    assert [one.headings[-1] for one in sections] == [
        "Membership",
        "Boats",
        "Guests",
        "The boathouse",
        "Training",
    ]


def test_plain_text_in_old_encodings_and_with_strange_characters(folder: Path) -> None:
    assert text_of(write(folder, "a.txt", "Caf\xe9 \x96 open.".encode("latin-1"))) == "Café – open."
    assert text_of(write(folder, "b.txt", "\ufeffa\u202eb\x1b[31m c.")) == "a b [31m c."
    assert text_of(write(folder, "c.txt", "one\r\ntwo.\r\n\r\n* three\r\n* four")) == (
        "one two.\nthree\nfour"
    )


def test_pdf_knows_its_pages() -> None:
    sections = read_document(DOCUMENTS / "bicycle.pdf").sections

    assert [(one.page, one.headings[-1]) for one in sections] == [
        (1, "Battery"),
        (1, "Display and light"),
        (2, "Care"),
        (2, "Errors"),
    ]
    assert "An empty battery takes five hours to charge." in sections[0].text


def test_words_divided_at_the_end_of_a_line_are_joined(folder: Path) -> None:
    path = save_tiny_pdf(folder / "a.pdf", [["The thermo-", "stat is (mostly) blue."]])
    assert text_of(path) == "The thermostat is (mostly) blue."


PDF = (DOCUMENTS / "bicycle.pdf").read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.pdf", b"%PDF-1.4 and then nothing", "damaged"),
        ("half.pdf", PDF[: len(PDF) // 3], "damaged|no text"),
        ("none.pdf", b"", "damaged"),
        ("noise.pdf", bytes(range(256)) * 40, "damaged"),
        ("picture.txt", b"\x89PNG\0\0\0", "no text"),
        ("empty.md", b"", "no text"),
        ("blank.txt", b" \n\n ", "no text"),
        ("script.html", b"<script>only()</script>", "no text"),
    ],
)
def test_what_cannot_be_read_says_why(folder: Path, name: str, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=reason):
        read_document(write(folder, name, content))


def test_a_pdf_without_text_and_one_with_too_many_pages(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnreadableDocumentError, match="no text"):
        read_document(save_tiny_pdf(folder / "scan.pdf", [[]]))
    monkeypatch.setattr("knowledge_base.pdf_text.MOST_PAGES", 2)
    with pytest.raises(UnreadableDocumentError, match="3 pages"):
        read_document(save_tiny_pdf(folder / "long.pdf", [["a."], ["b."], ["c."]]))


def test_a_pdf_with_a_password_is_refused(folder: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=DOCUMENTS / "bicycle.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(folder / "locked.pdf")

    with pytest.raises(UnreadableDocumentError, match="password"):
        read_document(folder / "locked.pdf")


def test_huge_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    with pytest.raises(UnreadableDocumentError, match="101 bytes"):
        read_document(write(folder, "a.txt", "x" * 101))
    monkeypatch.setattr(reading, "MOST_BYTES", 1000)
    monkeypatch.setattr(reading, "MOST_CHARACTERS", 100)
    with pytest.raises(UnreadableDocumentError, match="101 characters"):
        read_document(write(folder, "a.txt", "x" * 101))


def test_a_file_that_is_gone(folder: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match="cannot be opened"):
        read_document(folder / "gone.md")
