"""Whether a trained model is current: what it was made from, file by file.

Beside each model `models/<name>.tar.gz` lies `models/<name>.json`, its record: the
SHA-256 of every file that a training reads. A model is current when the record says
what the files are now.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RECORD_VERSION = 1
SOURCES = (
    *("config.yml", "domain.yml", "domain", "data", "custom_components"),
    # What can be heard is learnt from names of devices as well, by these modules.
    *("home.yml", "voice/language.py", "voice/sayable.py", "voice/grammar.py", "voice/ngrams.py"),
    *("voice/general.py", "voice/pronunciation.py", "voice/letters.py", "voice/speakable.py"),
    "voice/speaking_numbers.py",
)
"""What Rasa reads for a training. Folders count with all that is in them."""

LOCK = "requirements.lock"
"""Other packages train other models; the pretrained encoder is one of them."""

_SUFFIX = ".tar.gz"
_PASSED_OVER = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}

Digests = dict[str, str]


@dataclass(frozen=True)
class Verdict:
    """What is known of the newest model."""

    model: Path | None
    """The model that may be used as it is; None where one has to be trained."""
    reasons: tuple[str, ...] = ()
    """Why none is current, the changed files first."""


def digest_sources(root: Path) -> Digests:
    """The SHA-256 of every file that a training reads, by its path below the root."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(_source_files(root))
    }


def newest_model(models: Path) -> Path | None:
    """The model that Rasa itself would load from this folder."""
    found = list(models.glob(f"*{_SUFFIX}"))
    return max(found, key=lambda path: path.stat().st_mtime_ns) if found else None


def record_path(model: Path) -> Path:
    """Where the record of a model lies."""
    return model.with_name(model.name.removesuffix(_SUFFIX) + ".json")


def write_record(model: Path, sources: Digests) -> None:
    """Write down what a model was made from."""
    record = {
        "version": RECORD_VERSION,
        "model": model.name,
        "bytes": model.stat().st_size,
        "sources": sources,
    }
    path = record_path(model)
    unfinished = path.with_suffix(".json.new")
    unfinished.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def judge(models: Path, sources: Digests) -> Verdict:
    """Tell whether the newest model was made from these sources."""
    model = newest_model(models)
    if model is None:
        return Verdict(None, ("nothing is trained yet",))
    recorded = _read_record(model)
    if recorded is None:
        return Verdict(None, (f"no record says what {model.name} was made from",))
    changes = tuple(_differences(recorded, sources))
    return Verdict(None, changes) if changes else Verdict(model)


def _source_files(root: Path) -> Iterator[Path]:
    for name in (*SOURCES, LOCK):
        path = root / name
        if path.is_file():
            yield path
            continue
        for below in path.rglob("*"):
            parts = below.relative_to(root).parts
            hidden = any(part.startswith(".") or part in _PASSED_OVER for part in parts)
            if below.is_file() and not hidden and below.suffix != ".pyc":
                yield below


def _read_record(model: Path) -> Digests | None:
    """The sources in a model's record; None if it is missing or not of this model."""
    try:
        record = json.loads(record_path(model).read_text(encoding="utf-8"))
        sources = dict(record["sources"])
        belongs = (
            record["version"] == RECORD_VERSION
            and record["model"] == model.name
            and record["bytes"] == model.stat().st_size
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return sources if belongs else None


def _differences(before: Digests, now: Digests) -> Iterator[str]:
    for path in sorted(before.keys() | now.keys()):
        if path not in before:
            yield f"{path} is new"
        elif path not in now:
            yield f"{path} is gone"
        elif before[path] != now[path]:
            yield f"{path} changed"
