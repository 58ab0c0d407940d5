"""The servers of the assistant, as `make chat` and `make serve` start them."""

import contextlib
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.console import complain, give_up, last_lines
from scripts.endpoints import ENDPOINTS, write_for_action_port
from scripts.ports import complaint
from scripts.processes import ServerDiedError, running, wait_until_healthy
from scripts.project import LOGS, port_setting, process_environment, setting
from scripts.rasa_program import API_TOKEN

ACTIONS_START_SECONDS = 120.0
"""The action server is up in seconds; a loaded machine may take longer."""


@dataclass(frozen=True)
class Ports:
    """Where the two servers listen."""

    assistant: int
    actions: int

    @classmethod
    def from_settings(cls) -> "Ports":
        """PARLEY_PORT and ACTION_PORT, or what Rasa itself takes."""
        ports = cls(
            assistant=port_setting("PARLEY_PORT", 5005),
            actions=port_setting("ACTION_PORT", 5055),
        )
        if ports.assistant == ports.actions:
            give_up(f"PARLEY_PORT and ACTION_PORT are both {ports.actions}: set two.")
        return ports

    def require_free(self) -> None:
        """End with a word for each port that another process holds."""
        complaints = [
            complaint(self.actions, "the action server", "ACTION_PORT"),
            complaint(self.assistant, "the assistant", "PARLEY_PORT"),
        ]
        told = [line for line in complaints if line]
        for line in told:
            complain(line)
        if told:
            raise SystemExit(1)


@contextlib.contextmanager
def action_server(port: int) -> Iterator[None]:
    """A running action server, ended on the way out.

    Raises:
        SystemExit: It did not come up; the end of its log has been shown.
    """
    log = LOGS / "actions.log"
    LOGS.mkdir(parents=True, exist_ok=True)
    arguments = ("--actions", "actions", "--port", str(port))
    environment = process_environment()
    with running("scripts.action_program", *arguments, environment=environment, log=log) as process:
        try:
            wait_until_healthy(process, port, "/health", ACTIONS_START_SECONDS)
        except ServerDiedError as error:
            give_up(f"The action server {error}. The end of {log}:\n{last_lines(log)}")
        yield


def api_environment(ports: Ports) -> dict[str, str]:
    """The environment of who serves Rasa's HTTP API, and of who may use it.

    The API can read and change every conversation, so it asks for a token: PARLEY_API_TOKEN,
    or one that is made anew at each start and known to these processes alone.
    """
    return {
        **process_environment(),
        "PARLEY_PORT": str(ports.assistant),
        API_TOKEN: setting(API_TOKEN, "") or secrets.token_urlsafe(32),
    }


@contextlib.contextmanager
def delivery(environment: Mapping[str, str]) -> Iterator[None]:
    """The process that delivers reminders, ended on the way out."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with running("actions.deliver", environment=environment, log=LOGS / "delivery.log"):
        yield


@contextlib.contextmanager
def endpoints_for(ports: Ports) -> Iterator[Path]:
    """An endpoints file for these ports; it is there as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        path = Path(folder) / "endpoints.yml"
        write_for_action_port(ENDPOINTS, ports.actions, path)
        yield path
