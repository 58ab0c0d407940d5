"""endpoints.yml for servers that run on other ports than the file says."""

from pathlib import Path

import yaml

ENDPOINTS = Path("endpoints.yml")


def write_for_action_port(source: Path, port: int, target: Path) -> None:
    """Copy an endpoints file, with the action server on a port of this machine.

    `${VARIABLES}` stay as they are: Rasa fills them in when it reads the copy.
    """
    endpoints = yaml.safe_load(source.read_text(encoding="utf-8")) or {}
    endpoints["action_endpoint"] = {
        **(endpoints.get("action_endpoint") or {}),
        "url": f"http://127.0.0.1:{port}/webhook",
    }
    target.write_text(yaml.safe_dump(endpoints, sort_keys=False), encoding="utf-8")
