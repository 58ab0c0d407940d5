"""What a policy would do is only asked where it can make a difference.

Rasa asks all policies for each prediction, the one with the network included, and takes the surest;
among those that are equally sure, the one with the highest priority. Where a rule or a story says
what comes next it says so with a confidence of one, and no policy with a lower priority can have
its way. So these policies' predictions are made when somebody looks at them: the ensemble, where
nobody before was sure, or the inspector, which shows all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.core.policies.ted_policy import TEDPolicy
from rasa.core.policies.unexpected_intent_policy import UnexpecTEDIntentPolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

_best_by_rasa = DefaultPolicyPredictionEnsemble._best_policy_prediction
_SURE = 1.0
_INSTALLED = "_quick_predictions"


class LaterPrediction(PolicyPrediction):
    """A prediction that is made when it is first looked at."""

    def __init__(self, policy: Policy, predict: Callable[[], PolicyPrediction]) -> None:
        """Notes how it is made.

        Args:
            policy: Whose prediction it is.
            predict: Makes it.
        """
        self.__dict__["policy_name"] = type(policy).__name__
        self.__dict__["policy_priority"] = policy.priority
        self.__dict__["_predict"] = predict

    def __getattr__(self, name: str) -> Any:
        """Makes the prediction: only what it has not got yet is asked for here."""
        predict = self.__dict__.pop("_predict", None)
        if predict is None:
            raise AttributeError(name)
        self.__dict__.update(predict().__dict__)
        return self.__dict__[name] if name in self.__dict__ else getattr(self, name)

    @property
    def is_made(self) -> bool:
        """Whether somebody has looked at it."""
        return "_predict" not in self.__dict__


def install() -> None:
    """Replaces Rasa's methods, once."""
    if hasattr(Policy, _INSTALLED):
        return
    setattr(Policy, _INSTALLED, True)
    for kind in (MemoizationPolicy, TEDPolicy):
        kind.predict_action_probabilities = _later(kind.predict_action_probabilities)
    DefaultPolicyPredictionEnsemble._best_policy_prediction = staticmethod(best_prediction)


def best_prediction(
    predictions: list[PolicyPrediction], tracker: DialogueStateTracker, domain: Domain
) -> PolicyPrediction:
    """Returns the winning prediction, as Rasa's method of the ensemble."""
    made = [one for one in predictions if not isinstance(one, LaterPrediction) or one.is_made]
    rest = [one for one in predictions if isinstance(one, LaterPrediction) and not one.is_made]
    if not rest or _was_rejected(tracker):
        return _best_by_rasa(predictions, tracker, domain)
    for one in sorted(rest, key=lambda prediction: -prediction.policy_priority):
        surest = max(
            (
                (other.max_confidence, other.policy_priority)
                for other in made
                if not (other.is_end_to_end_prediction or other.is_no_user_prediction)
            ),
            default=(0.0, 0),
        )
        overruled = any(
            other.is_no_user_prediction or other.is_end_to_end_prediction for other in made
        )
        if not overruled and surest <= (_SURE, one.policy_priority):
            one.max_confidence  # noqa: B018  (is made by being looked at)
            made.append(one)
    # In the order in which they were given: it decides where all else is equal. Two that are equal
    # would have to be made to be seen to be.
    asked = {id(one) for one in made}
    return _best_by_rasa([one for one in predictions if id(one) in asked], tracker, domain)


def _was_rejected(tracker: DialogueStateTracker) -> bool:
    """Whether the last action was rejected: then Rasa takes it out of every prediction."""
    for event in reversed(tracker.events):
        if isinstance(event, (ActionExecutionRejected, ActionExecuted)):
            return isinstance(event, ActionExecutionRejected)
    return False


def _later(predict: Any) -> Any:
    # Rasa reads off the parameters' names what a component is given.
    @functools.wraps(predict)
    def predict_action_probabilities(self: Policy, *given: Any, **named: Any) -> PolicyPrediction:
        if _looks_at_words(self):
            prediction: PolicyPrediction = predict(self, *given, **named)
            return prediction
        return LaterPrediction(self, lambda: predict(self, *given, **named))

    return predict_action_probabilities


def _looks_at_words(policy: Policy) -> bool:
    """Whether a prediction may be of the kind that goes before others, however sure those are.

    These are made from the message's words, not its intent, where stories are written so.
    """
    if isinstance(policy, UnexpecTEDIntentPolicy):
        return True
    if isinstance(policy, TEDPolicy):
        return bool(policy.only_e2e or TEXT in policy.fake_features)
    return False
