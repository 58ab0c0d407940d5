"""Reads the figures of a training out of Rasa's model archive."""

import json
import tarfile
import zlib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

MEMBER = "*components/*JointBertClassifier*/diagnosis.json"
"""Where Rasa puts what the component leaves in its folder."""

VERSION = 1
"""Of the figures, as `custom_components.joint_bert.diagnosis` counts them."""


class UnreadableDiagnosisError(Exception):
    """The archive is damaged, or its figures are of a version that the report does not know."""


def read_diagnosis(model: Path) -> dict[str, Any] | None:
    """The figures that a training left in its model; None where it left none.

    Raises:
        UnreadableDiagnosisError: See there; the message names the model.
    """
    try:
        # As a stream: what comes after the file that is looked for is not unpacked.
        with tarfile.open(model, "r|gz") as archive:
            for member in archive:
                if member.isfile() and fnmatch(member.name, MEMBER):
                    file = archive.extractfile(member)
                    assert file is not None
                    found = json.load(file)
                    break
            else:
                return None
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise UnreadableDiagnosisError(f"{model} cannot be read: {error}") from error
    version = found.get("version") if isinstance(found, dict) else None
    if version != VERSION:
        raise UnreadableDiagnosisError(
            f"{model} has figures of version {version}, the report reads version {VERSION}."
        )
    return dict(found)
