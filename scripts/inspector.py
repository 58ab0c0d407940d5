"""What `make inspect` adds to serving: a token, and an address that signs in once."""

import secrets
from collections.abc import Sequence

from scripts.project import setting

TOKEN = "PARLEY_INSPECTOR_TOKEN"
CODE = "PARLEY_INSPECTOR_CODE"


def inspector_environment(channels: Sequence[str], *, sign_in: bool) -> dict[str, str]:
    """The variables of the inspector's channel.

    Args:
        channels: The channels that are opened.
        sign_in: Whether a token is made where none is set, and a code that signs in once.
    """
    if "inspector" not in channels or not sign_in:
        return {}
    return {
        TOKEN: setting(TOKEN, "") or secrets.token_urlsafe(32),
        CODE: secrets.token_urlsafe(24),
    }


def inspector_address(base: str, environment: dict[str, str]) -> str:
    """Where the inspector is; with the code, if there is one, behind the #, so that no log has it.

    Args:
        base: The server's address.
        environment: What `inspector_environment` gave.
    """
    code = environment.get(CODE)
    return f"{base}/webhooks/inspector/" + (f"#code={code}" if code else "")
