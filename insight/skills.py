"""Which skill an intent, a form or an action belongs to: the file that it is written in."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import PurePath

from insight.training_data.elements import TrainingData

NONE = "none"
"""Of what stands in no file."""

_GENERIC = frozenset({"nlu", "rules", "stories", "domain", "data", "forms"})
"""Names of files, as `rasa init` makes them, that say nothing of what is in them."""


class Skills:
    """Names of skills, by the names of intents and forms."""

    def __init__(self, data: TrainingData) -> None:
        """Takes each intent's from its examples; each form's from the rules and stories with it."""
        self._intents: dict[str, str] = {}
        for intent, place in data.intents.items():
            short = intent.split("/")[0]
            self._intents.setdefault(short, _skill(place.file) or short)
        for intent in data.domain_intents:
            # Nobody says it, or it has no examples yet.
            self._intents.setdefault(intent, NONE)
        # A form is named in the stories of other skills too, which digress from it.
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for story in data.stories:
            skill = _skill(story.place.file)
            for form in story.loops | (story.actions & data.forms.keys()):
                if skill:
                    counts[form][skill] += 1
        self._forms = {form: count.most_common(1)[0][0] for form, count in counts.items()}

    def of_intent(self, intent: str) -> str:
        """The skill of an intent; its own name where no file tells."""
        return self._intents.get(intent, intent or NONE)

    def of_form(self, form: str) -> str:
        """The skill of a form; its own name where no file tells."""
        return self._forms.get(form, form)


def _skill(file: str) -> str:
    name = PurePath(file).stem
    return "" if name in _GENERIC else name
