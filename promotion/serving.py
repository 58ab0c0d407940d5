"""The running server takes another model, by Rasa's HTTP API, while it goes on answering.

Rasa loads the new model beside the old one and then changes over: a turn that has begun goes on
with the old one to its end, the next begins with the new one, and both hold the same locks.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

LOADING_SECONDS = 600.0
"""Longest wait for a server to load a model."""


class ServerRefusedError(Exception):
    """A server is there, and did not take the model; the message says why, and what to do."""


def change_model(url: str, token: str, model: Path) -> bool:
    """Has the server at an address take a model.

    Args:
        url: Where Rasa's HTTP API is.
        token: What it asks for; empty: nothing.
        model: The archive, where the server can read it.

    Returns:
        False where no server is there.

    Raises:
        ServerRefusedError: It did not take the model, and goes on with the one it has.
    """
    address = f"{url}/model"
    if token:
        address += f"?{urllib.parse.urlencode({'token': token})}"
    request = urllib.request.Request(
        address,
        json.dumps({"model_file": str(model.resolve())}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    # The token goes to this server, and through nobody's proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=LOADING_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        with error:
            raise ServerRefusedError(_reason(url, error)) from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            return False
        raise ServerRefusedError(f"The server at {url} does not answer: {error.reason}.") from None
    except OSError as error:
        raise ServerRefusedError(f"The server at {url} does not answer: {error}.") from None


def _reason(url: str, error: urllib.error.HTTPError) -> str:
    if error.code in (401, 403):
        return (
            f"The server at {url} wants another token: start it, and this, with the same "
            "PARLEY_API_TOKEN; or restart it, and it takes the new model."
        )
    if error.code == 404:
        return (
            f"The server at {url} takes no models while it runs: restart it, and it takes the new "
            'one; or open that, with open_api: ["model"] for the guard in credentials.yml.'
        )
    try:
        said = json.loads(error.read(4096)).get("message")
    except (ValueError, AttributeError):
        said = error.reason
    return f"The server at {url} keeps the model that it has: {said}"
