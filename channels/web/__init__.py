"""The chat page, over a WebSocket: `docs/web.md` says how it is run and embedded."""

from channels.web.channel import WebInput

__all__ = ["WebInput"]
