"""What guards all addresses of a server: docs/security.md."""

from channels.guard.channel import GuardInput

__all__ = ["GuardInput"]
