"""Whether a trained model is current: what it was made from, file by file.

Beside each model `models/<name>.tar.gz` lies `models/<name>.json`, its record: the
SHA-256 of every file that a training reads, and the commit that they were at. A model is
current when the record says what the files are now; or when it was gone back to
(`make rollback`), and the files are still what they were then.
"""

import hashlib
import json
import subprocess
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

PINNED = "pinned.json"
"""Below the models: which one was gone back to, and what the sources were then."""

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
        **commit_of(Path.cwd()),
        "sources": sources,
    }
    _write(record_path(model), record)


def commit_of(root: Path) -> dict[str, object]:
    """The commit that the sources are at, and whether they were changed since; none without git."""
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return {"commit": None, "changed": None}
    changes = _git(
        root, "status", "--porcelain", "--", *(n for n in SOURCES if (root / n).exists())
    )
    return {"commit": commit, "changed": bool(changes)}


def pin(model: Path, sources: Digests) -> None:
    """Have a model count as current until the sources change."""
    _write(model.with_name(PINNED), {"model": model.name, "sources": sources})


def unpin(models: Path) -> None:
    """Have only the model count as current that was made from the sources."""
    (models / PINNED).unlink(missing_ok=True)


def judge(models: Path, sources: Digests) -> Verdict:
    """Tell whether the newest model was made from these sources."""
    model = newest_model(models)
    if model is None:
        return Verdict(None, ("nothing is trained yet",))
    if _is_pinned(model, sources):
        return Verdict(model)
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


def _is_pinned(model: Path, sources: Digests) -> bool:
    try:
        pinned = json.loads(model.with_name(PINNED).read_text(encoding="utf-8"))
        return bool(pinned == {"model": model.name, "sources": sources})
    except (OSError, ValueError):
        return False


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _write(path: Path, content: object) -> None:
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def _differences(before: Digests, now: Digests) -> Iterator[str]:
    for path in sorted(before.keys() | now.keys()):
        if path not in before:
            yield f"{path} is new"
        elif path not in now:
            yield f"{path} is gone"
        elif before[path] != now[path]:
            yield f"{path} changed"
