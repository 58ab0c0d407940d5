"""Text out of PDF."""

from __future__ import annotations

import logging
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from knowledge_base.lines import write_lines
from knowledge_base.sections import Section, SectionWriter, UnreadableDocumentError

MOST_PAGES = 1500

# It tells of every small fault that it mends; what cannot be read is an error here.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read_pdf(path: Path) -> list[Section]:
    """Reads the text of a PDF, page by page.

    Raises:
        UnreadableDocumentError: It is damaged, wants a password, or has too many pages.
    """
    try:
        with path.open("rb") as file:
            reader = PdfReader(file)
            if reader.is_encrypted and not reader.decrypt(""):
                raise UnreadableDocumentError("it wants a password")
            if len(reader.pages) > MOST_PAGES:
                raise UnreadableDocumentError(
                    f"it has {len(reader.pages)} pages, the most is {MOST_PAGES}"
                )
            writer = SectionWriter()
            for number, page in enumerate(reader.pages, 1):
                writer.begin_page(number)
                write_lines(writer, page.extract_text())
    except UnreadableDocumentError:
        raise
    except OSError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # A damaged file can fail anywhere in the library.
        raise UnreadableDocumentError(f"it is damaged ({type(error).__name__})") from error
    return writer.end_section()
