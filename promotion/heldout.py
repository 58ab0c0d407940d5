"""What models are held against: sentences and conversations that no training sees."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from promotion.comparing import Wanted

HELD_OUT = (Path("tests/data/nlu_heldout.yml"), Path("tests/data/nlu_set_aside.yml"))
"""Written for the purpose, and set aside in `make review`."""

CONVERSATIONS = Path("tests/stories")


def held_out(files: Iterable[Path] = HELD_OUT) -> list[Wanted]:
    """The held-out sentences of files; those of a file that is not there are none."""
    from rasa.shared.nlu.training_data.loading import load_data

    found = []
    for path in files:
        if not path.exists():
            continue
        for message in load_data(str(path)).intent_examples:
            mood = None
            for level in ("intent", "example"):
                metadata = (message.get("metadata") or {}).get(level)
                mood = metadata.get("sentiment", mood) if isinstance(metadata, dict) else mood
            entities = message.get("entities") or []
            found.append(
                Wanted(
                    text=str(message.get("text")),
                    intent=str(message.get("intent_response_key") or message.get("intent")),
                    entities=frozenset(
                        (int(one["start"]), int(one["end"]), str(one["entity"])) for one in entities
                    ),
                    sentiment=mood,
                )
            )
    return found


def learnt_entities(nlu: Path = Path("data/nlu")) -> frozenset[str]:
    """The entities that are annotated in the training data; all others are computed."""
    from rasa.shared.nlu.training_data.loading import load_data

    return frozenset(
        str(entity["entity"])
        for path in sorted(nlu.glob("*.yml"))
        for example in load_data(str(path)).entity_examples
        for entity in example.get("entities") or []
    )
