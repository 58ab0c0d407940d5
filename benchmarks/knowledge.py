"""How sure an answer from the documents has to be: fits `knowledge_base/scoring.py` anew.

`python -m benchmarks.knowledge` asks the questions of tests/data/knowledge_questions.yml:

- small: of the tests' documents;
- large: of these among Parley's own documentation, four times as many passages;
- without: each question of all documents but the one that answers it, so that nothing does.

It takes what was measured of the best passage, fits a logistic regression to whether that
passage answers the question, and says how well the regression does on documents it has not seen:
each document's questions, and each third of those without an answer, are left out in turn.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from actions.knowledge import LEAST_PROBABILITY, LEAST_UNASKED
from custom_components.sentence_encoder import PACKAGED, SentenceEncoder, fingerprint_encoder
from knowledge_base.embedding import VectorStore
from knowledge_base.index import KnowledgeIndex

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ROOT / "tests" / "data" / "knowledge"
QUESTIONS = ROOT / "tests" / "data" / "knowledge_questions.yml"


@dataclass(frozen=True)
class Row:
    """The best passage for one question in one collection."""

    collection: str
    group: str
    """What is left out together with it."""

    evidence: tuple[float, ...]
    is_right: bool


def main() -> None:
    """Measures, fits and prints."""
    questions = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_measure(questions, Path(folder)))
    evidence = np.asarray([row.evidence for row in rows])
    right = np.asarray([row.is_right for row in rows])
    groups = np.asarray([row.group for row in rows])
    fitted = _fit(evidence, right)
    probabilities = np.zeros(len(rows))
    for group in set(groups.tolist()):
        out = groups == group
        probabilities[out] = _fit(evidence[~out], right[~out]).predict_proba(evidence[out])[:, 1]
    figures = {
        "weights": dict(
            zip(("meaning", "sentence", "words"), fitted.coef_[0].tolist(), strict=True)
        ),
        "bias": float(fitted.intercept_[0]),
        "expected_calibration_error": _calibration_error(probabilities, right),
        "left_out": _figures(rows, probabilities),
    }
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


def _measure(questions: dict[str, Any], folder: Path) -> Iterator[Row]:
    encoder = SentenceEncoder(PACKAGED, max_length=256)
    store_of = (folder / "kept", encoder, fingerprint_encoder(PACKAGED))
    own = sorted(DOCUMENTS.iterdir())
    others = sorted((ROOT / "docs").rglob("*.md"))
    for size, files in (("small", own), ("large", [*own, *others])):
        index = _index(folder / size, files, store_of)
        for document, pairs in questions["answerable"].items():
            without = _index(
                folder / f"{size}-without-{document}",
                [file for file in files if file.name != document],
                store_of,
            )
            for question, words in pairs:
                yield _row(size, document, index, encoder, question, words)
                yield _row(f"{size}, without", document, without, encoder, question, None)
        for kind, texts in questions["unanswerable"].items():
            for question in texts:
                group = f"{kind}-{zlib.crc32(question.encode()) % 3}"
                yield _row(f"{size}, {kind}", group, index, encoder, question, None)


def _index(folder: Path, files: Sequence[Path], store_of: tuple[Any, ...]) -> KnowledgeIndex:
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder / file.name)
    # No refresh of this store forgets what another collection needs.
    store = VectorStore(*store_of)
    store.forget_all_but = lambda names: None  # type: ignore[method-assign]
    index = KnowledgeIndex(folder, store)
    index.refresh()
    return index


def _row(
    collection: str,
    group: str,
    index: KnowledgeIndex,
    encoder: SentenceEncoder,
    question: str,
    words: str | None,
) -> Row:
    best = index.search(question, encoder.encode([question])[0], most=1)[0]
    is_right = words is not None and words in best.passage.text
    return Row(collection, group, astuple(best.evidence), is_right)


def _fit(evidence: Any, right: Any) -> LogisticRegression:
    return LogisticRegression(C=100.0, max_iter=5000).fit(evidence, right)


def _figures(rows: Sequence[Row], probabilities: Any) -> dict[str, Any]:
    found: dict[str, Any] = defaultdict(lambda: defaultdict(int))
    for row, probability in zip(rows, probabilities, strict=True):
        of = found[row.collection]
        of["questions"] += 1
        for least in (LEAST_PROBABILITY, LEAST_UNASKED):
            of[f"answered at {least}"] += int(probability >= least)
            of[f"right at {least}"] += int(probability >= least and row.is_right)
    return found


def _calibration_error(probabilities: Any, right: Any) -> float:
    bins = np.minimum((probabilities * 5).astype(int), 4)
    return float(
        sum(
            abs(probabilities[bins == one].mean() - right[bins == one].mean())
            * (bins == one).mean()
            for one in range(5)
            if (bins == one).any()
        )
    )


if __name__ == "__main__":
    main()
