"""The wording server: `python -m nlg.server --model FOLDER`, or with an OpenAI-compatible one.

POST /rephrase {"text": …, "message": …, "mood": …} gives {"text": …}; GET /health gives 200.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from typing import Protocol

from aiohttp import web

from nlg.prompt import Request
from nlg.remote import RemoteError, RemoteModel

logger = logging.getLogger(__name__)

DEFAULT_PORT = 5056
KEY_VARIABLE = "PARLEY_NLG_KEY"
MOST_CHARACTERS = 2000
MOODS = ("negative", "neutral", "positive")


class Model(Protocol):
    """What can say something in other words."""

    def rephrase(self, request: Request) -> str:
        """Other words for a response."""


def application(model: Model) -> web.Application:
    """The server's application around a model."""

    async def rephrase(asked: web.Request) -> web.Response:
        request = await read(asked)
        try:
            text = await asyncio.to_thread(model.rephrase, request)
        except RemoteError as error:
            logger.warning("No words from the endpoint: %s.", error)
            raise web.HTTPBadGateway(text="The model's server gave no words.") from None
        return web.json_response({"text": text})

    async def health(_asked: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application(client_max_size=64 * 1024)
    app.add_routes([web.post("/rephrase", rephrase), web.get("/health", health)])
    return app


async def read(asked: web.Request) -> Request:
    """Reads what is asked.

    Raises:
        HTTPBadRequest: If it is not of the form that the module's head describes.
    """
    try:
        body = await asked.json()
        text, message, mood = body["text"], body.get("message", ""), body.get("mood", "neutral")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise web.HTTPBadRequest(text="A JSON object with 'text' is wanted.") from None
    if not isinstance(text, str) or not 0 < len(text) <= MOST_CHARACTERS:
        raise web.HTTPBadRequest(text=f"'text' is to have 1 to {MOST_CHARACTERS} characters.")
    if not isinstance(message, str) or mood not in MOODS:
        raise web.HTTPBadRequest(text=f"'message' is to be text, 'mood' one of {MOODS}.")
    return Request(text=text, message=message, mood=mood)


def main() -> int:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m nlg.server", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--model", help="a folder with a model in Hugging Face form")
    where.add_argument("--url", help="an OpenAI-compatible endpoint: http://localhost:8080/v1")
    parser.add_argument("--name", default="default", help="the endpoint's name for the model")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    model: Model
    if options.url:
        model = RemoteModel(options.url, options.name, os.environ.get(KEY_VARIABLE, ""))
    else:
        # Here, for torch takes seconds to import and an endpoint needs none of it.
        from nlg.local import LocalModel, ModelError

        try:
            model = LocalModel.load(options.model)
        except ModelError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    web.run_app(application(model), host=options.host, port=options.port, print=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
