"""A server with the routes of the voice channel, which hears with a real recogniser."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from typing import Any

from aiohttp import web

from voice.audio import AudioError, read_wave
from voice.formats import spoken_bytes
from voice.speaking import speak
from voice.sphinx import SphinxRecognizer
from voice.tts import Synthesizer


class TalkServer:
    """Answers each utterance with the same text, aloud; in a thread of its own."""

    def __init__(
        self, recognizer: SphinxRecognizer, synthesizer: Synthesizer, token: str, answer: str
    ) -> None:
        """Starts it on a free port."""
        self._recognizer, self._synthesizer = recognizer, synthesizer
        self._token, self.answer = token, answer
        self.port = 0
        self.senders: list[str] = []
        self.news: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self._started.wait(30)

    def close(self) -> None:
        """Ends it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=2**24)
        app.router.add_get("/webhooks/voice/health", self._health)
        app.router.add_get("/webhooks/voice/news", self._news)
        app.router.add_post("/webhooks/voice/utterance", self._utterance)
        runner = web.AppRunner(app)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _news(self, request: web.Request) -> web.Response:
        after = request.query.get("after")
        new = [] if after is None else self.news[int(after) :]
        replies = [{"text": text, "buttons": []} for text in new]
        return web.json_response({"replies": replies, "place": len(self.news)})

    async def _utterance(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.json_response({"error": "Send the token."}, status=401)
        self.senders.append(request.query["sender"])
        try:
            samples = read_wave(await request.read())
        except AudioError as error:
            return web.json_response({"error": str(error)}, status=415)
        heard = await asyncio.to_thread(self._recognizer.recognize, samples)
        text = self.answer if heard.accepted else "Sorry, I did not catch that."
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        told = {"text": heard.text, "confidence": heard.confidence, "accepted": heard.accepted}
        await _send(response, {"heard": told})
        await _send(response, {"replies": [{"text": text, "buttons": [{"title": "More"}]}]})
        async for sound in speak(self._synthesizer, text):
            await _send(response, {"audio": base64.b64encode(spoken_bytes([sound])).decode()})
        await response.write_eof()
        return response


async def _send(response: web.StreamResponse, line: dict[str, Any]) -> None:
    await response.write(json.dumps(line).encode() + b"\n")
