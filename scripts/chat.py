r"""Opens a chat: a current model, the action server, and `rasa shell`.

Works without a terminal too: `printf 'hello\n/stop\n' | make chat`.
"""

import os
import sys

from scripts.console import complain, last_lines, say
from scripts.processes import Stopped, running, stopped_by_signals
from scripts.project import LOGS, ROOT, is_verbose, setting
from scripts.servers import Ports, action_server, api_environment, delivery, endpoints_for
from scripts.terminal import restored_terminal
from scripts.train import ensure_model

DEFAULT_CONVERSATION = "terminal"


def chat() -> int:
    """Run the chat until the person ends it; its exit status."""
    ports = Ports.from_settings()
    ports.require_free()
    model = ensure_model(force=setting("FORCE", "0") != "0")
    say("Starting Parley …")
    log = LOGS / "rasa.log"
    environment = api_environment(ports)
    with (
        action_server(ports.actions),
        endpoints_for(ports) as endpoints,
        delivery(environment),
    ):
        arguments = [
            *("shell", "--model", str(model), "--endpoints", str(endpoints)),
            *("--interface", "127.0.0.1", "--port", str(ports.assistant), "--enable-api"),
            *("--conversation-id", setting("CONVERSATION", DEFAULT_CONVERSATION)),
        ]
        with (
            restored_terminal(),
            running(
                "scripts.shell",
                *arguments,
                environment=environment,
                log=None if is_verbose() else log,
                log_output=False,
                foreground=True,
            ) as shell,
        ):
            status = shell.wait()
    if status != 0:
        complain(f"The chat ended with status {status}.")
        if not is_verbose():
            complain(f"The end of {log}:\n{last_lines(log)}")
    return status if status >= 0 else 128 - status


def main() -> int:
    """Chat, and end everything that was started, whatever ends the chat."""
    os.chdir(ROOT)
    try:
        with stopped_by_signals():
            return chat()
    except Stopped as stopped:
        return stopped.status


if __name__ == "__main__":
    sys.exit(main())
