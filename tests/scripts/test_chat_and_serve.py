"""The chat and the servers as a person starts them: real processes, a real terminal."""

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pexpect
import psutil
import pytest

from tests.channels.slack.workspace import People
from tests.scripts.conftest import ROOT, copy_project
from tests.services.slack import SlackService

pytestmark = [pytest.mark.slow, pytest.mark.services]

START_SECONDS = 120
FILES = {
    "config.yml": """
        recipe: default.v1
        assistant_id: small
        language: en
        pipeline: [{name: KeywordIntentClassifier}]
        policies: [{name: RulePolicy}]
        """,
    "domain.yml": """
        version: "3.1"
        intents: [greet, ask]
        actions: [action_name_conversation]
        responses:
          utter_greet: [{text: Good to see you.}]
        """,
    "data/small.yml": """
        version: "3.1"
        nlu:
        - intent: greet
          examples: "- hello"
        - intent: ask
          examples: "- who am I"
        rules:
        - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
        - {rule: ask, steps: [{intent: ask}, {action: action_name_conversation}]}
        """,
    "actions/naming.py": """
        from rasa_sdk import Action

        class NameConversation(Action):
            def name(self):
                return "action_name_conversation"

            async def run(self, dispatcher, tracker, domain):
                dispatcher.utter_message(text=f"You are {tracker.sender_id}.")
                return []
        """,
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small assistant with the project's own scripts, trained once."""
    folder = tmp_path_factory.mktemp("small assistant")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    copy_project(folder)
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs/slack-manifest.yml", folder / "docs")
    subprocess.run([sys.executable, "-m", "scripts.train"], cwd=folder, check=True, timeout=240)
    return folder


@pytest.fixture
def assistant(trained: Path) -> Iterator[Path]:
    """The assistant; whatever of it still runs after the test is a failure."""
    yield trained
    left = _processes_in(trained)
    for process in left:
        process.kill()
    assert not left, f"still running: {left}"


@pytest.fixture
def environment() -> dict[str, str]:
    """An environment in which the servers take ports that are free."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], other.getsockname()[1]
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    return {
        **kept,
        "TERM": "xterm",
        "PARLEY_PORT": str(ports[0]),
        "ACTION_PORT": str(ports[1]),
    }


def _processes_in(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == folder and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def chat_through_a_pipe(
    folder: Path, environment: dict[str, str], said: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "scripts.chat"],
        cwd=folder,
        env=environment,
        input=said,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )


def chat_on_a_terminal(folder: Path, environment: dict[str, str]) -> "pexpect.spawn[str]":
    return pexpect.spawn(
        sys.executable,
        ["-m", "scripts.chat"],
        cwd=str(folder),
        env=environment,
        encoding="utf-8",
        timeout=START_SECONDS,
        dimensions=(24, 80),
    )


@pytest.mark.parametrize("end", ["/stop\nhello\n", ""])
def test_answers_lines_from_a_pipe(assistant: Path, environment: dict[str, str], end: str) -> None:
    environment["CONVERSATION"] = "a visitor"
    chat = chat_through_a_pipe(assistant, environment, f"hello\n\nwho am I\n{end}")
    assert chat.returncode == 0
    assert chat.stderr == ""
    spoken = chat.stdout.partition("conversation.\n")[2].splitlines()
    assert spoken[:4] == ["You: hello", "Good to see you.", "You: who am I", "You are a visitor."]
    assert spoken[4:] == (["You: /stop"] if end else [])
    assert "\x1b" not in chat.stdout


@pytest.mark.parametrize("key", ["\x03", "\x04", "/stop\r"])
def test_a_key_ends_the_chat_on_a_terminal(
    assistant: Path, environment: dict[str, str], key: str
) -> None:
    chat = chat_on_a_terminal(assistant, environment)
    chat.expect("Your input")
    chat.send("who am I\r")
    chat.expect("You are terminal")
    chat.expect("Your input")
    assert "WARNING" not in str(chat.before)
    chat.send(key)
    chat.expect(pexpect.EOF)
    chat.close()
    assert chat.exitstatus == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_leaves_nothing_behind(
    assistant: Path, environment: dict[str, str], number: signal.Signals
) -> None:
    chat = chat_on_a_terminal(assistant, environment)
    chat.expect("Your input")
    chat.kill(number)
    deadline = time.monotonic() + 30
    while _processes_in(assistant) and time.monotonic() < deadline:
        try:  # a terminal that nobody reads may hold up those who write to it
            chat.read_nonblocking(1000, timeout=0)
        except (pexpect.EOF, pexpect.TIMEOUT):
            time.sleep(0.1)
    chat.close(force=True)
    assert chat.exitstatus == 128 + number or chat.signalstatus == number


def test_a_terminal_that_is_closed_leaves_nothing_behind(
    assistant: Path, environment: dict[str, str]
) -> None:
    # As the leader of the terminal's session, make gets the hang-up and hands it to
    # nobody: the chat has to see for itself that its terminal is gone.
    (assistant / "Makefile").write_text(
        f"chat:\n\t@'{sys.executable}' -m scripts.chat\n", encoding="utf-8"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(assistant)
        os.execvpe("make", ["make", "chat"], environment)
    told = b""
    while b"Your input" not in told:
        told += os.read(terminal, 1000)
    os.close(terminal)
    deadline = time.monotonic() + 30
    while _processes_in(assistant) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.waitpid(pid, os.WNOHANG)


def test_interrupt_while_it_starts_leaves_nothing_behind(
    assistant: Path, environment: dict[str, str]
) -> None:
    chat = chat_on_a_terminal(assistant, environment)
    chat.expect("Starting Parley")
    time.sleep(1)
    chat.sendintr()
    chat.expect(pexpect.EOF)
    chat.close()
    assert chat.exitstatus == 128 + signal.SIGINT


def test_dead_action_server_is_told_with_the_end_of_its_log(
    assistant: Path, environment: dict[str, str]
) -> None:
    broken = assistant / "actions/broken.py"
    broken.write_text("raise RuntimeError('the oven is on fire')\n", encoding="utf-8")
    try:
        chat = chat_through_a_pipe(assistant, environment, "hello\n")
    finally:
        broken.unlink()
    assert chat.returncode == 1
    assert "The action server ended" in chat.stderr
    assert "the oven is on fire" in chat.stderr


@pytest.mark.parametrize("variable", ["ACTION_PORT", "PARLEY_PORT"])
def test_taken_port_is_told_before_anything_starts(
    assistant: Path, environment: dict[str, str], variable: str
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment[variable])))
        other.listen()
        chat = chat_through_a_pipe(assistant, environment, "hello\n")
    assert chat.returncode == 1
    assert chat.stdout == ""
    assert len(chat.stderr.splitlines()) == 1
    assert f"Port {environment[variable]}" in chat.stderr
    assert f"PID {os.getpid()}" in chat.stderr
    assert f"{variable}=" in chat.stderr


def test_serves_the_rest_channel_to_this_machine(
    assistant: Path, environment: dict[str, str]
) -> None:
    port = int(environment["PARLEY_PORT"])
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.serve"], cwd=assistant, env=environment
    ) as serve:
        try:
            answer = _post_when_up(port, {"sender": "someone", "message": "who am I"})
            addresses = {
                connection.laddr.ip
                for process in _processes_in(assistant)
                for connection in process.net_connections(kind="tcp")
                if connection.status == psutil.CONN_LISTEN
            }
        finally:
            serve.terminate()
        assert serve.wait(30) == 128 + signal.SIGTERM
    assert answer == [{"recipient_id": "someone", "text": "You are someone."}]
    assert addresses == {"127.0.0.1"}


def test_slack_is_served_alone_when_its_configuration_is_right(
    assistant: Path, environment: dict[str, str]
) -> None:
    slack = SlackService().start()
    environment |= {**slack.environment, "SLACK_PUBLIC_URL": "https://parley.test.org"}
    url = f"http://127.0.0.1:{environment['PARLEY_PORT']}/webhooks"
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.slack"],
        cwd=assistant,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as serve:
        try:
            _wait_until_up(f"{url}/slack/")
            people = People(url, assistant / "var/channels.db", slack)
            people.say("D0SERVED", "U0SERVED", "hello")
            slack.wait_for(lambda: slack.shown("D0SERVED") == ["Good to see you."])
            with pytest.raises(urllib.error.HTTPError, match="404"):
                _wait_until_up(f"{url}/rest/", 0)
        finally:
            serve.terminate()
            slack.stop()
        said = serve.stdout.read() if serve.stdout else ""
        assert serve.wait(30) == 128 + signal.SIGTERM
    assert "ok  All scopes are granted" in said


def _wait_until_up(url: str, seconds: float = START_SECONDS) -> None:
    without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while True:
        try:
            with without_proxy.open(url, timeout=30):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def test_make_web_says_where_the_page_is_and_opens_nothing_else(
    assistant: Path, environment: dict[str, str]
) -> None:
    root = f"http://localhost:{environment['PARLEY_PORT']}/webhooks"
    without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.web"],
        cwd=assistant,
        env={**environment, "CHANNELS": "rest"},
        stdout=subprocess.PIPE,
        text=True,
    ) as serve:
        try:
            assert serve.stdout is not None
            told = next(line for line in serve.stdout if line.startswith("Parley is on"))
            # It was said when the page is there, not before.
            with without_proxy.open(f"{root}/web/", timeout=30) as page:
                assert b"<title>Parley</title>" in page.read()
            with pytest.raises(urllib.error.HTTPError, match="404"):
                without_proxy.open(f"{root}/rest/", timeout=30)
        finally:
            serve.terminate()
        assert serve.wait(30) == 128 + signal.SIGTERM
    assert told == f"Parley is on {root}/web/\n"


def _post_when_up(port: int, message: dict[str, str]) -> object:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/webhooks/rest/webhook",
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json"},
    )
    without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with without_proxy.open(request, timeout=30) as response:
                return json.load(response)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
