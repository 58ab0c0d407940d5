"""How much a review teaches: accuracy by the number of messages that a person has looked at.

    python -m benchmarks.review --data DIR [--start train_5] [--messages train] [--goal train_10]
        [--labels 115,230] [--chance 230,460] [--limit 4000] [--json OUT]

Training begins with the few examples of one split. Another one stands for what users say; who
reviews it is an oracle, which tells the right intent of each message that it is shown. After each
round all that was reviewed is trained with, and the next round is chosen by the new model.

The orders: `parley` is `review.queue.choose`, what `make review` shows; `least_confidence` the
messages that the model is least sure of; `chance` none. The goal is what a model reaches that was
given the examples of a third split (10 for each intent, where it began with 5).
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import metrics, options, runner, systems
from benchmarks.datasets import DatasetError, LabelledText, checksum, read_split, split_paths
from benchmarks.intents import best, best_intent, is_declined
from benchmarks.table import markdown, say
from review.messages import Message
from review.queue import Encode, choose
from review.scoring import Signals

COLUMNS = ("accuracy", "macro_f1")
KEYS = ("order", "dataset", "start", "labels")
ORDERS = ("parley", "least_confidence", "chance")
SYSTEM = "parley"

Texts = list[LabelledText]
Order = Callable[[Texts, Texts, Sequence[dict[str, Any]], int], list[int]]
"""From what was learnt, what is left, and how it is read, to the positions of the next ones."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures as the command line says; prints a table and writes records."""
    parser = options.parser(__doc__)
    parser.add_argument("--start", default="train_5", help="split to begin with")
    parser.add_argument("--messages", default="train", help="split that stands for what users say")
    parser.add_argument("--goal", default="train_10", help="split whose accuracy is to be reached")
    parser.add_argument("--test", default="test", help="split to report on")
    parser.add_argument("--labels", type=_numbers, default=[115, 230], help="after each round")
    parser.add_argument("--chance", type=_numbers, default=[230, 460])
    parser.add_argument("--orders", default=",".join(ORDERS), help="what to compare")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    try:
        orders = systems.names(chosen.orders, ORDERS)
        start, goal = (read_split(chosen.data, name) for name in (chosen.start, chosen.goal))
        test = read_split(chosen.data, chosen.test)
        known = {one.text for one in start}
        said = [one for one in read_split(chosen.data, chosen.messages) if one.text not in known]
    except (DatasetError, ValueError) as error:
        say(str(error))
        return 2
    # What users say comes as often as it comes: by chance, and not in equal shares.
    source = random.Random(chosen.seed)
    pool = source.sample(said, min(chosen.limit or len(said), len(said)))
    splits = split_paths(chosen.data, [chosen.start, chosen.messages, chosen.goal, chosen.test])
    shared = {
        "benchmark": "review",
        "dataset": chosen.data.resolve().name,
        "start": chosen.start,
        "goal": chosen.goal,
        "messages": len(pool),
        "seed": chosen.seed,
        "data_sha256": checksum(splits),
        **runner.circumstances(),
    }
    try:
        records = _measure(orders, chosen, start, goal, pool, test, shared)
    except runner.WorkerFailedError as error:
        say(str(error))
        return 1
    sys.stdout.write(markdown(records, COLUMNS, KEYS) + "\n")
    say(verdict(records))
    return 0


def verdict(records: Sequence[runner.Record]) -> str:
    """How many labels each order needs for the goal's accuracy, between points in a line."""
    goal = next(one["accuracy"] for one in records if one["order"] == "goal")
    told = []
    for order in ORDERS:
        curve = sorted(
            (one["labels"], one["accuracy"]) for one in records if one["order"] in ("start", order)
        )
        if len(curve) > 1:
            needed = labels_for(goal, curve)
            most = curve[-1][0]
            told.append(f"{order} {needed:.0f}" if needed else f"{order} more than {most}")
    return f"Labels for {100 * goal:.1f} %: {', '.join(told)}."


def labels_for(accuracy: float, curve: Sequence[tuple[int, float]]) -> float | None:
    """Where a curve first reaches an accuracy; None where it does not."""
    before, low = curve[0]
    if low >= accuracy:
        return float(before)
    for labels, high in curve[1:]:
        if high >= accuracy:
            return before + (labels - before) * (accuracy - low) / (high - low)
        before, low = labels, high
    return None


def _measure(
    orders: Sequence[str],
    chosen: argparse.Namespace,
    start: Texts,
    goal: Texts,
    pool: Texts,
    test: Texts,
    shared: runner.Record,
) -> list[runner.Record]:
    records: list[runner.Record] = []

    def learn(order: str, texts: Texts, left: Texts) -> list[dict[str, Any]]:
        """Trains on texts, and keeps what it comes to; how the model reads what is left."""
        pipeline = systems.pipeline(SYSTEM, chosen.seed, chosen.set)
        asked = runner.train_and_parse(pipeline, texts, [one.text for one in [*test, *left]])
        read = asked["results"][: len(test)]
        wanted, given = [one.label for one in test], [best_intent(one) for one in read]
        labels = 0 if order == "goal" else len(texts) - len(start)
        found = {
            "order": order,
            "labels": labels,
            "accuracy": metrics.accuracy(wanted, given),
            "macro_f1": metrics.macro_f1(wanted, given),
            "intents_reviewed": len({one.label for one in texts[len(start) :]}),
            "train_seconds": asked["train_seconds"],
        }
        say(f"{order}, {labels} labels: {100 * found['accuracy']:.2f} %")
        records.append({**shared, **found})
        if chosen.json:
            runner.write_records(records, chosen.json)
        return list(asked["results"][len(test) :])

    first = learn("start", start, pool)
    learn("goal", goal, [])
    by_name: dict[str, Order] = {
        "parley": ParleysOrder(_encoder()),
        "least_confidence": least_confidence,
    }
    for name in orders:
        if name == "chance":
            mixed = random.Random(chosen.seed + 1).sample(pool, len(pool))
            for count in chosen.chance:
                learn(name, [*start, *mixed[:count]], [])
            continue
        learnt, left, read = list(start), list(pool), first
        for number, count in enumerate(chosen.labels, 1):
            wanted = count - (len(learnt) - len(start))
            positions = by_name[name](learnt, left, read, wanted)
            learnt += [left[one] for one in positions]
            reviewed = set(positions)
            left = [one for at, one in enumerate(left) if at not in reviewed]
            # Behind the last round nothing more is chosen.
            read = learn(name, learnt, left if number < len(chosen.labels) else [])
    return records


class ParleysOrder:
    """What `make review` would show."""

    def __init__(self, encode: Encode) -> None:
        """Keeps what makes sentences to vectors."""
        self._encode = encode

    def __call__(
        self, learnt: Texts, left: Texts, read: Sequence[dict[str, Any]], count: int
    ) -> list[int]:
        """The positions of the next messages."""
        messages = [
            Message(
                text=one.text,
                intent=str(best_intent(result)),
                signals=Signals(best(result)["confidence"], fallback=is_declined(result)),
                conversation=str(at),
            )
            for at, (one, result) in enumerate(zip(left, read, strict=True))
        ]
        shown, _ = choose(messages, self._encode, [one.text for one in learnt], count)
        return [int(message.conversation) for message in shown]


def least_confidence(
    _learnt: Texts, _left: Texts, read: Sequence[dict[str, Any]], count: int
) -> list[int]:
    """The positions of the messages of which the model is least sure."""
    return sorted(range(len(read)), key=lambda at: float(best(read[at])["confidence"]))[:count]


def _encoder() -> Encode:
    from custom_components.sentence_encoder import SentenceEncoder

    return SentenceEncoder().encode


def _numbers(text: str) -> list[int]:
    found = [options.positive(one) for one in text.split(",")]
    if found != sorted(set(found)):
        raise argparse.ArgumentTypeError(f"{text} does not rise")
    return found


if __name__ == "__main__":
    sys.exit(main())
