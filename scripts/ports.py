"""Whether a port is free, and who holds it."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import psutil

_LOOPBACK = (
    (socket.AF_INET, "127.0.0.1"),
    (socket.AF_INET6, "::1"),
)


def is_taken(port: int) -> bool:
    """Whether a server on this port would meet another one.

    Both loopback addresses count: `localhost` may lead to either.
    """
    return any(_answers(family, host, port) for family, host in _LOOPBACK) or (not _can_bind(port))


def holder(port: int) -> str:
    """Who listens on a port: "PID 123 (python)", as far as one may know."""
    for pid in _listeners(port):
        with contextlib.suppress(psutil.Error):
            return f"PID {pid} ({psutil.Process(pid).name()})"
        return f"PID {pid}"
    return "a process that this user may not see"


def complaint(port: int, purpose: str, variable: str) -> str | None:
    """What to tell the person if a port is taken; None if it is free.

    Args:
        port: The port that is needed.
        purpose: Who needs it, as in "the action server".
        variable: The setting that chooses another port.
    """
    if not is_taken(port):
        return None
    return (
        f"Port {port}, which {purpose} needs, is taken by {holder(port)}: "
        f"stop it or set {variable}=…"
    )


def _answers(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            return client.connect_ex((host, port)) == 0
    except OSError:
        return False  # no such address family on this machine


def _can_bind(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        # As the servers do: connections of a former server that are still being
        # closed do not keep its port.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _listeners(port: int) -> Iterator[int]:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if _listens(connection, port) and connection.pid:
                yield connection.pid
    except psutil.AccessDenied:
        # macOS tells only root of everyone's connections; one's own can be asked for.
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if any(_listens(c, port) for c in process.net_connections(kind="tcp")):
                    yield process.pid


def _listens(connection: object, port: int) -> bool:
    address: Any = getattr(connection, "laddr", None)
    status = getattr(connection, "status", None)
    return status == psutil.CONN_LISTEN and bool(address) and address.port == port
