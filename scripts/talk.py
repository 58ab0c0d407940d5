"""Talk to Parley: microphone and loudspeaker, or a recording.

    python -m scripts.talk                         hands-free
    WAKE="hey parley" python -m scripts.talk       after a wake phrase
    PUSH=1 python -m scripts.talk                  after a press on Enter
    FILE=command.wav python -m scripts.talk        what a recording says; OUTPUT=answer.wav

It joins a server whose voice channel is open on PARLEY_PORT if PARLEY_VOICE_TOKEN lets it in;
otherwise it starts one, as `make chat` does, and ends it. No audio is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing
from pathlib import Path

from scripts.console import complain, give_up, last_lines, say
from scripts.credentials import credentials_for
from scripts.processes import (
    STOP_SIGNALS,
    ServerDiedError,
    Stopped,
    running,
    stopped_by_signals,
    wait_until_healthy,
)
from scripts.project import LOGS, ROOT, setting
from scripts.servers import Ports, action_server, api_environment, delivery, endpoints_for
from scripts.talk_client import VoiceClient
from scripts.talk_screen import Screen, keys
from scripts.train import ensure_model
from voice.asr import Recognition
from voice.devices import DeviceError, PortAudioLoudspeaker, PortAudioMicrophone
from voice.formats import spoken_bytes
from voice.speaking import default_synthesizer
from voice.talking import AskError, Replies, Talk, unasked
from voice.tts import Sound, SynthesizerError
from voice.wake import WakeError, WakeSpotter

TOKEN = "PARLEY_VOICE_TOKEN"
CONVERSATION = "terminal"
PLACE = "/webhooks/voice"
START_SECONDS = 300.0

Work = Callable[[VoiceClient], Coroutine[None, None, int]]


def talk() -> int:
    """Talks until the person ends it, or answers a recording; the exit status."""
    file, output = setting("FILE", ""), setting("OUTPUT", "")
    # What is missing is told before a server is started.
    work = _recording(Path(file), Path(output) if output else None) if file else _conversation()
    ports = Ports.from_settings()
    with voice_server(ports) as token:
        url = f"http://127.0.0.1:{ports.assistant}{PLACE}"
        return _run(lambda: _connected(url, token, work))


@contextlib.contextmanager
def voice_server(ports: Ports) -> Iterator[str]:
    """A server with the voice channel, joined or started; the token that it lets in.

    Raises:
        SystemExit: It did not come up; the end of its log has been shown.
    """
    token = setting(TOKEN, "")
    if token and _is_open(ports.assistant):
        yield token
        return
    ports.require_free()
    model = ensure_model(force=setting("FORCE", "0") != "0")
    say("Starting Parley …")
    token = token or secrets.token_urlsafe(32)
    log = LOGS / "rasa.log"
    environment = {**api_environment(ports), TOKEN: token}
    with (
        action_server(ports.actions),
        endpoints_for(ports) as endpoints,
        credentials_for(["voice"]) as credentials,
        delivery(environment),
    ):
        arguments = [
            *("run", "--model", str(model), "--endpoints", str(endpoints)),
            *("--credentials", str(credentials)),
            *("--interface", "127.0.0.1", "--port", str(ports.assistant), "--enable-api"),
        ]
        with running(
            "scripts.rasa_program", *arguments, environment=environment, log=log
        ) as server:
            try:
                wait_until_healthy(server, ports.assistant, f"{PLACE}/health", START_SECONDS)
            except ServerDiedError as error:
                give_up(f"The assistant {error}. The end of {log}:\n{last_lines(log)}")
            yield token


def _is_open(port: int) -> bool:
    """Whether a server with a voice channel listens there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", f"{PLACE}/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


async def _connected(url: str, token: str, work: Work) -> int:
    async with VoiceClient.session() as session:
        return await work(VoiceClient(session, url, token, setting("CONVERSATION", CONVERSATION)))


def _run(work: Callable[[], Coroutine[None, None, int]]) -> int:
    """Runs it until it is done or a signal ends it; whatever ends it, it is cleared up first.

    Raises:
        Stopped: A signal.
    """
    stopped: list[int] = []

    async def until_stopped() -> int:
        loop = asyncio.get_running_loop()
        job = asyncio.ensure_future(work())

        def stop(number: int) -> None:
            stopped.append(number)
            job.cancel()

        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, stop, number)
        try:
            return await job
        except asyncio.CancelledError:
            return 0
        finally:
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)
                # What comes from here on must not break off the ending of the servers.
                signal.signal(number, signal.SIG_IGN)

    status = asyncio.run(until_stopped())
    if stopped and stopped[0] != signal.SIGINT:
        raise Stopped(stopped[0])
    return status


# ------------------------------------------------------------------- a recording


def _recording(file: Path, output: Path | None) -> Work:
    try:
        content = file.read_bytes()
    except OSError as error:
        give_up(f"FILE={file} cannot be read: {error.strerror}.")
    if not content:
        give_up(f"FILE={file} is empty.")
    if output is not None and not output.absolute().parent.is_dir():
        give_up(f"OUTPUT={output}: there is no folder {output.parent}.")

    async def work(client: VoiceClient) -> int:
        return await answer_recording(client, content, output)

    return work


async def answer_recording(client: VoiceClient, content: bytes, output: Path | None) -> int:
    """Shows what a recording says and what is answered, and plays or writes the answer.

    Returns:
        0 where it was understood, 1 where it was not, 2 where it could not be.
    """
    screen, sounds, status = Screen(), list[Sound](), 2
    try:
        async with aclosing(client.ask_file(content)) as events:
            async for event in events:
                if isinstance(event, Recognition):
                    screen.heard(event)
                    status = 0 if event.accepted else 1
                elif isinstance(event, Replies):
                    screen.replied(event)
                else:
                    sounds.append(event)
        if output is not None:
            output.write_bytes(spoken_bytes(sounds))
            say(f"The answer is in {output}.")
        elif sounds:
            loudspeaker = PortAudioLoudspeaker(setting("LOUDSPEAKER", ""))
            for sound in sounds:
                await loudspeaker.play(sound)
    except AskError as error:
        complain(str(error))
        return 2
    except DeviceError:
        say("There is no loudspeaker: OUTPUT=answer.wav writes the spoken answer to a file.")
    except OSError as error:
        complain(f"OUTPUT={output} cannot be written: {error.strerror}.")
        return 2
    return status


# ---------------------------------------------------------------- a conversation


def _conversation() -> Work:
    phrase = setting("WAKE", "")
    try:
        microphone = PortAudioMicrophone(setting("MICROPHONE", ""))
        loudspeaker = PortAudioLoudspeaker(setting("LOUDSPEAKER", ""))
        spotter = WakeSpotter(phrase) if phrase else None
    except (DeviceError, WakeError) as error:
        give_up(str(error))
    hands_free = setting("PUSH", "0") == "0"

    async def work(client: VoiceClient) -> int:
        return await converse(client, microphone, loudspeaker, spotter, hands_free)

    return work


async def converse(
    client: VoiceClient,
    microphone: PortAudioMicrophone,
    loudspeaker: PortAudioLoudspeaker,
    spotter: WakeSpotter | None,
    hands_free: bool,
) -> int:
    """Talks until the person ends it; the exit status."""
    screen = Screen(spotter.phrase if spotter else "")
    conversation = Talk(client.ask, loudspeaker, screen, spotter, hands_free)
    say(
        "Parley listens. Enter or space begins and ends what you say, and stops an answer; "
        "q ends the conversation."
    )
    talking = asyncio.ensure_future(conversation.run(microphone))
    telling = asyncio.ensure_future(_tell_news(client, conversation))

    def end() -> None:
        talking.cancel()

    try:
        with keys(conversation.press, end):
            await talking
    except asyncio.CancelledError:
        pass
    except DeviceError as error:
        screen.close()
        complain(str(error))
        return 1
    finally:
        for task in (talking, telling):
            task.cancel()
        await asyncio.gather(talking, telling, return_exceptions=True)
        screen.close()
    return 0


async def _tell_news(client: VoiceClient, conversation: Talk) -> None:
    """Says what falls due."""
    try:
        synthesizer = await asyncio.to_thread(default_synthesizer)
    except SynthesizerError as error:
        complain(str(error))
        synthesizer = None
    async with aclosing(client.news()) as news:
        async for replies in news:
            conversation.tell(lambda replies=replies: unasked(replies, synthesizer))  # type: ignore[misc]


def main() -> int:
    """Talks, and ends everything that was started, whatever ends it."""
    os.chdir(ROOT)
    try:
        with stopped_by_signals():
            return talk()
    except Stopped as stopped:
        return stopped.status


if __name__ == "__main__":
    sys.exit(main())
