"""A small project to review in."""

from __future__ import annotations

from pathlib import Path

import pytest

LISTS = """\
# Skill: lists.
version: "3.1"

nlu:
- intent: add_items
  metadata:
    sentiment: neutral
  examples: |
    - add [milk](item) to my list
    - put [eggs](item) on the [shopping](list_name) list

# Looking.
- intent: show_list
  metadata:
    sentiment: neutral
  examples: |
    - what is on my list
"""
DOMAIN = """\
version: "3.1"
intents:
  # lists
  - add_items
  - show_list
  # the rest
  - out_of_scope
entities: [item, list_name]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with training data and a domain, as the working directory."""
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "nlu" / "lists.yml").write_text(LISTS, encoding="utf-8")
    (tmp_path / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path
