"""What training derives from the data where the configuration leaves the choice to it."""

from __future__ import annotations


def derive_epochs(examples: int, has_entities: bool) -> int:
    """Chooses the number of epochs: the fewer examples, the more often each is seen.

    Entities take longer to learn than intents: on the project's own 1,229 examples, 12 epochs
    find entities of unseen words better than 8 (F1 73 against 69 %), for a quarter more time.
    """
    if has_entities:
        return min(max(round(15_000 / max(examples, 1)), 8), 12)
    most = 5 if examples < 500 else 4
    derived: float = 4.0 * (1000.0 / max(examples, 1)) ** 0.33
    return max(3, min(most, round(derived)))


def derive_frozen_layers(layer_count: int, has_entities: bool) -> int:
    """Chooses how many lower layers stay frozen: half of them; a third where words get tags."""
    return layer_count // 3 if has_entities else layer_count // 2
