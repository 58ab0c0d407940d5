"""Why a request over HTTP is not carried out, for whoever sent it."""

from __future__ import annotations


class RefusedError(Exception):
    """A request that is not carried out."""

    def __init__(self, status: int, text: str, after: float = 0.0) -> None:
        """Says why.

        Args:
            status: Of HTTP.
            text: A sentence.
            after: In how many seconds it may be tried again; 0 where that is of no use.
        """
        super().__init__(text)
        self.status = status
        self.text = text
        self.after = after
