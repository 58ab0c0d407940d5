"""Other words from a server that speaks OpenAI's chat completions, such as a local llama.cpp."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from nlg.prompt import INSTRUCTION, Request, write

SECONDS = 1.8
"""A little less than Rasa's side waits."""


class RemoteError(Exception):
    """The server gave no words; the reason without what was said to it."""


@dataclass(frozen=True)
class RemoteModel:
    """A model behind an OpenAI-compatible endpoint."""

    url: str
    """Up to and with the version: http://localhost:8080/v1"""

    name: str
    """What the server calls the model."""

    key: str = ""
    """Sent as a bearer token, if any."""

    def rephrase(self, request: Request) -> str:
        """Other words, by the server.

        Raises:
            RemoteError: If it is away, slow, or says something else.
        """
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        body = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": INSTRUCTION},
                {"role": "user", "content": write(request)},
            ],
            "max_tokens": 120,
            "temperature": 0.7,
        }
        try:
            answer = httpx.post(
                f"{self.url.rstrip('/')}/chat/completions",
                json=body,
                headers=headers,
                timeout=SECONDS,
            )
            answer.raise_for_status()
            return str(answer.json()["choices"][0]["message"]["content"]).strip()
        except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
            raise RemoteError(type(error).__name__) from None
