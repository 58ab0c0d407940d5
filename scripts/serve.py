"""The assistant on HTTP, its action server and delivery, in the foreground, until stopped.

CHANNELS="web telegram" opens these channels and no others.
`--inspect` makes a token for the inspector where none is set, and an address that signs in once.
`--actions-only` runs the action server alone, with its log on the terminal.
"""

import os
import sys

from scripts.console import give_up, say
from scripts.credentials import credentials_for, named_channels
from scripts.inspector import inspector_address, inspector_environment
from scripts.ports import complaint
from scripts.processes import Stopped, running, stopped_by_signals
from scripts.project import ROOT, process_environment, setting
from scripts.servers import Ports, action_server, api_environment, delivery, endpoints_for
from scripts.train import ensure_model


def serve() -> int:
    """Run the servers and the delivery until the assistant's ends; its exit status."""
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
        if "inspector" in channels:
            say(f"The inspector on {inspector_address(address, inspector)}")
        arguments = [
            *("run", "--model", str(model), "--endpoints", str(endpoints)),
            *("--credentials", str(credentials)),
            *("--interface", host, "--port", str(ports.assistant), "--enable-api"),
        ]
        # The inspector's secrets are for the assistant alone.
        served = {**environment, **inspector}
        with running("scripts.rasa_program", *arguments, environment=served) as server:
            return server.wait()


def serve_actions() -> int:
    """Run the action server until it ends; its exit status."""
    ports = Ports.from_settings()
    taken = complaint(ports.actions, "the action server", "ACTION_PORT")
    if taken:
        give_up(taken)
    arguments = ("--actions", "actions", "--port", str(ports.actions))
    with running("rasa_sdk", *arguments, environment=process_environment()) as server:
        return server.wait()


def main() -> int:
    """Serve, and end everything that was started, whatever ends it."""
    os.chdir(ROOT)
    try:
        with stopped_by_signals():
            return serve_actions() if "--actions-only" in sys.argv[1:] else serve()
    except Stopped as stopped:
        return stopped.status


if __name__ == "__main__":
    sys.exit(main())
