"""What tests of all folders share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.postgresql import PostgreSQL


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; each test takes a database of its own."""
    server = PostgreSQL()
    try:
        server.start()
        yield server
    finally:
        server.remove()
