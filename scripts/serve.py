"""The assistant on HTTP, its action server and delivery, in the foreground, until stopped.

CHANNELS="web telegram" opens these channels and no others.
`--inspect` makes a token for the inspector where none is set, and an address that signs in once.
`--actions-only` runs the action server alone, with its log on the terminal.
"""

import os
import subprocess
import sys

from scripts.console import give_up, say
from scripts.credentials import credentials_for, named_channels
from scripts.display import show
from scripts.inspector import inspector_address, inspector_environment
from scripts.ports import complaint
from scripts.processes import (
    ServerDiedError,
    Stopped,
    running,
    stopped_by_signals,
    wait_until_healthy,
)
from scripts.project import ROOT, process_environment, setting
from scripts.servers import Ports, action_server, api_environment, delivery, endpoints_for
from scripts.train import ensure_model

START_SECONDS = 300.0
"""A model is loaded in some seconds; a small machine takes longer."""

ON_THIS_MACHINE = ("127.0.0.1", "0.0.0.0")
"""Where a server listens that this machine reaches by its own name."""


def serve(show_page: bool = False) -> int:
    """Run the servers and the delivery until the assistant's ends; its exit status.

    Args:
        show_page: Whether the chat page is opened in the browser.
    """
    ports = Ports.from_settings()
    channels = named_channels()
    ports.require_free()
    model = ensure_model(force=setting("FORCE", "0") != "0")
    host = setting("PARLEY_HOST", "127.0.0.1")
    inspector = inspector_environment(channels, sign_in="--inspect" in sys.argv[1:])
    environment = api_environment(ports)
    with (
        action_server(ports.actions),
        endpoints_for(ports) as endpoints,
        credentials_for(channels) as credentials,
        delivery(environment),
    ):
        address = f"http://{host}:{ports.assistant}"
        if not channels or "rest" in channels:
            say(f"Parley on {address}/webhooks/rest/webhook")
        arguments = [
            *("run", "--model", str(model), "--endpoints", str(endpoints)),
            *("--credentials", str(credentials)),
            *("--interface", host, "--port", str(ports.assistant), "--enable-api"),
        ]
        # The inspector's secrets are for the assistant alone.
        served = {**environment, **inspector}
        with running("scripts.rasa_program", *arguments, environment=served) as server:
            if "web" in channels:
                tell_of_page(server, host, ports.assistant, show_page)
            if "voice" in channels:
                say(f"Recordings to {address}/webhooks/voice/utterance")
            if "inspector" in channels:
                say(f"The inspector on {inspector_address(address, inspector)}")
            return server.wait()


def tell_of_page(server: "subprocess.Popen[bytes]", host: str, port: int, show_page: bool) -> None:
    """Say where the chat page is, once it can be used; a server that ends says why by itself."""
    name = "localhost" if host in ON_THIS_MACHINE else host
    address = f"http://{name}:{port}/webhooks/web/"
    say("Starting Parley …")
    if host in ON_THIS_MACHINE:
        try:
            wait_until_healthy(server, port, "/webhooks/web/health", START_SECONDS)
        except ServerDiedError:
            return
    say(f"Parley is on {address}")
    if show_page:
        show(address)


def serve_actions() -> int:
    """Run the action server until it ends; its exit status."""
    ports = Ports.from_settings()
    taken = complaint(ports.actions, "the action server", "ACTION_PORT")
    if taken:
        give_up(taken)
    arguments = ("--actions", "actions", "--port", str(ports.actions))
    with running("scripts.action_program", *arguments, environment=process_environment()) as server:
        return server.wait()


def main(show_page: bool = False) -> int:
    """Serve, and end everything that was started, whatever ends it."""
    os.chdir(ROOT)
    try:
        with stopped_by_signals():
            return serve_actions() if "--actions-only" in sys.argv[1:] else serve(show_page)
    except Stopped as stopped:
        return stopped.status


if __name__ == "__main__":
    sys.exit(main())
