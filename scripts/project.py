"""Where things lie, what the environment may set, and how Rasa's programs are called."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.console import give_up

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder; everything runs with it as the working directory."""

LOGS = Path("var/log")
"""Where the servers of `make chat` and `make serve` write, relative to the root."""

QUIET = {
    # TensorFlow and XLA: only what ends the process.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # JAX comes with Rasa's dependencies and looks for accelerators that it never uses.
    "JAX_PLATFORMS": "cpu",
    # Rasa's own use of SQLAlchemy 1.4 is announced as outdated at every start.
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    # The tokenizers warn whenever a process forks after their threads have started.
    "TOKENIZERS_PARALLELISM": "false",
    # Threads that wait for work give the core back: two servers share few cores.
    "OMP_WAIT_POLICY": "PASSIVE",
    "RASA_TELEMETRY_ENABLED": "false",
    # Logs are read while they are written.
    "PYTHONUNBUFFERED": "1",
    # Servers are for this machine unless someone opens them on purpose.
    "SANIC_HOST": "127.0.0.1",
}


def setting(name: str, default: str) -> str:
    """A setting from the environment; an empty one counts as not given."""
    return os.environ.get(name, "").strip() or default


def port_setting(name: str, default: int) -> int:
    """A port from the environment; anything but a port ends the script with a word."""
    value = setting(name, str(default))
    if not value.isdecimal() or not 0 < int(value) < 65536:
        give_up(f"{name}={value} is no port: give a number from 1 to 65535.")
    return int(value)


def is_verbose() -> bool:
    """Whether the person asked to see all of Rasa's log (`VERBOSE=1`)."""
    return setting("VERBOSE", "0") != "0"


def process_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for Rasa's programs: quiet, local, telemetry off.

    Whatever the person has set stays as it is.
    """
    environment = dict(os.environ if base is None else base)
    for name, value in QUIET.items():
        environment.setdefault(name, value)
    return environment


def python_module(module: str, *arguments: str) -> list[str]:
    """The command that runs a module with this environment's Python.

    Not the programs in `.venv/bin`: they stop working once the folder is moved.
    """
    return [sys.executable, "-m", module, *arguments]
