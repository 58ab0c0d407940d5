"""The slot type of `sentiment`: a mood that stories may ignore."""

from __future__ import annotations

from rasa.shared.core.slots import CategoricalSlot


class SentimentSlot(CategoricalSlot):
    """A categorical slot whose neutral value looks to the policies like an unset slot.

    The slot is set after every message, and hardly any story says a word about it. Were
    `neutral` a feature of its own, no story without it would match a conversation any more:
    memoization compares whole states. So `neutral` and unset give the same (zero) features,
    and only a mood that stands out can change what is predicted. Where stories do not mention
    the slot at all but rules do, Rasa hides it from its learnt policies altogether
    (`rule_only_data`).

    Use it in `domain.yml` by its path, as `type: custom_components.sentiment_slot.SentimentSlot`.
    """

    type_name = "sentiment"

    NEUTRAL = "neutral"

    def _as_feature(self) -> list[float]:
        if self.value is None or str(self.value).casefold() == self.NEUTRAL:
            return [0.0] * self.feature_dimensionality()
        features: list[float] = super()._as_feature()
        return features
