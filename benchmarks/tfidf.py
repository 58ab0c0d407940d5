"""A baseline without Rasa and without pretraining: TF-IDF and logistic regression."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.memory import peak_rss_mb


def classify(job: dict[str, Any]) -> dict[str, Any]:
    """Learns labels from words and letters, and gives them to texts one at a time.

    Returns:
        The results in the form of Rasa's parses, the milliseconds each, the seconds of training,
        and the peak of memory, which here includes the training.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    model = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LogisticRegression(C=10.0, max_iter=1000),
    )
    start = time.perf_counter()
    model.fit(job["train_texts"], job["train_labels"])
    seconds = time.perf_counter() - start
    names = [str(name) for name in model.classes_]
    model.predict_proba(job["texts"][:20])
    results = []
    milliseconds = []
    for text in job["texts"]:
        start = time.perf_counter()
        shares = model.predict_proba([text])[0]
        ranking = [
            {"name": names[place], "confidence": float(shares[place])}
            for place in (-shares).argsort(kind="stable")[:10]
        ]
        results.append({"intent": ranking[0], "intent_ranking": ranking, "entities": []})
        milliseconds.append(1000 * (time.perf_counter() - start))
    return {
        "results": results,
        "milliseconds": milliseconds,
        "train_seconds": seconds,
        "peak_rss_mb": peak_rss_mb(),
    }
