"""What the environment says of the person's documents: where they are, how long to look."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from actions.settings.reading import PROJECT_ROOT, read_seconds

KNOWLEDGE_VARIABLE = "PARLEY_KNOWLEDGE"
KNOWLEDGE_VECTORS_VARIABLE = "PARLEY_KNOWLEDGE_VECTORS"
KNOWLEDGE_TIMEOUT_VARIABLE = "PARLEY_KNOWLEDGE_TIMEOUT"

DEFAULT_KNOWLEDGE = PROJECT_ROOT / "knowledge"
DEFAULT_KNOWLEDGE_VECTORS = PROJECT_ROOT / "var" / "knowledge"
DEFAULT_KNOWLEDGE_TIMEOUT = 10.0


@dataclass(frozen=True)
class KnowledgeSettings:
    """The settings of the skill knowledge."""

    folder: Path
    """Where the documents are that questions are answered from."""

    vectors: Path
    """Where it is kept what they mean."""

    timeout: float
    """Seconds that an action waits for an answer."""


def read_knowledge_settings(environment: Mapping[str, str] | None = None) -> KnowledgeSettings:
    """Reads the settings of the documents from the environment.

    Args:
        environment: The variables; those of this process unless given.

    Raises:
        SettingsError: If a variable holds something of no use.
    """
    variables = os.environ if environment is None else environment
    return KnowledgeSettings(
        folder=_path(variables, KNOWLEDGE_VARIABLE, DEFAULT_KNOWLEDGE),
        vectors=_path(variables, KNOWLEDGE_VECTORS_VARIABLE, DEFAULT_KNOWLEDGE_VECTORS),
        timeout=read_seconds(variables, KNOWLEDGE_TIMEOUT_VARIABLE, DEFAULT_KNOWLEDGE_TIMEOUT),
    )


def _path(variables: Mapping[str, str], variable: str, default: Path) -> Path:
    return Path(variables.get(variable) or default).expanduser().absolute()
