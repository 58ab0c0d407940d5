"""A port that is taken is told with who holds it and what to do."""

import os
import socket
from collections.abc import Iterator

import psutil
import pytest

from scripts.ports import complaint, is_taken


@pytest.fixture(params=["127.0.0.1", "0.0.0.0", "::1"])
def listener(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port of this process's, on one address."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        server = socket.socket(family, socket.SOCK_STREAM)
        server.bind((request.param, 0))
    except OSError:
        pytest.skip(f"no {request.param} on this machine")
    with server:
        server.listen()
        yield server.getsockname()[1]


def test_names_the_process_and_the_mend(listener: int) -> None:
    name = psutil.Process().name()
    assert complaint(listener, "the action server", "ACTION_PORT") == (
        f"Port {listener}, which the action server needs, is taken by "
        f"PID {os.getpid()} ({name}): stop it or set ACTION_PORT=…"
    )


def test_free_port_is_no_trouble() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    assert complaint(port, "the assistant", "PARLEY_PORT") is None


def test_port_whose_last_connection_is_being_closed_is_free() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            accepted.close()  # the server's side closes first, and so waits
    assert not is_taken(port)
