"""Servers on other ports run on a copy of endpoints.yml."""

from pathlib import Path

import yaml
from rasa.core.utils import AvailableEndpoints

from scripts.endpoints import write_for_action_port
from tests.scripts.conftest import ROOT


def test_only_the_action_server_moves(tmp_path: Path) -> None:
    source, target = tmp_path / "endpoints.yml", tmp_path / "copy.yml"
    source.write_text(
        'action_endpoint: {url: "http://actions:1/webhook", token: "${TOKEN}"}\n'
        "lock_store: {type: in_memory}\n",
        encoding="utf-8",
    )
    write_for_action_port(source, 6055, target)
    assert yaml.safe_load(target.read_text(encoding="utf-8")) == {
        "action_endpoint": {"url": "http://127.0.0.1:6055/webhook", "token": "${TOKEN}"},
        "lock_store": {"type": "in_memory"},
    }


def test_rasa_reads_the_projects_own(tmp_path: Path) -> None:
    target = tmp_path / "endpoints.yml"
    write_for_action_port(ROOT / "endpoints.yml", 6055, target)
    endpoints = AvailableEndpoints.read_endpoints(str(target))
    assert endpoints.action.url == "http://127.0.0.1:6055/webhook"
    assert endpoints.tracker_store.kwargs["db"] == "var/conversations.db"
    assert endpoints.lock_store.type == "in_memory"


def test_folder_of_the_database_is_in_every_clone() -> None:
    # SQLite makes the file but not the folder, and Rasa would go on without a store.
    assert (ROOT / "var/.gitignore").exists()
