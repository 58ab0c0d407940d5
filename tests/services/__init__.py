"""The real services that tests start for themselves, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Service(Protocol):
    """A server on this machine that a test may stop and start again."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells Parley where the service is."""

    def start(self) -> None:
        """Starts it and waits until it answers; on the same port as before."""

    def stop(self) -> None:
        """Ends it; what it keeps stays."""
