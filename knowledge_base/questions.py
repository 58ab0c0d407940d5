"""A message in the questions that it may ask: what is said around them leads a search astray."""

from __future__ import annotations

import re

from knowledge_base.words import terms

MOST = 6
"""Questions of one message: each is one more text to be embedded."""

_LEAST_TERMS = 2
"""Words with a meaning that a clause must have to be a question by itself."""

_BOOK = (
    r"(?:(?:the|my|our|your|this|that)\s+)?(?:[\w'-]+\s+){0,2}?"
    r"(?:manuals?|handbooks?|notes?|documents?|documentation|papers?|files?|instructions?|rules?|"
    r"books?|guides?|recipes?|contracts?)"
)
_ABOUT = r"(?:\s+(?:about|on|for|of))?"
_CUE = re.compile(
    rf"\b(?:(?:look(?:\s+(?:it|that|this))?\s+up|look|search|check|consult|find|see|read)"
    rf"(?:\s+(?:in|into|through|from))?\s+{_BOOK}{_ABOUT}(?:\s+(?:to\s+see|and\s+tell\s+me))?"
    rf"|(?:according\s+to|from|in)\s+{_BOOK}"
    rf"|what\s+(?:do|does|did)\s+{_BOOK}\s+(?:say|tell|write|have){_ABOUT}"
    rf"|(?:please\s+)?(?:look\s+up|find\s+out|tell\s+me))\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;:.!?\n]+(?:\s+|$)")


_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|when|where|which|why|how)\b"
    r"|^(?:and\s+|so\s+|but\s+)?(?:is|are|was|were|do|does|did|can|could|may|must|should|shall|"
    r"will|would|has|have)\b",
    re.IGNORECASE,
)


def questions_in(message: str) -> list[str]:
    """Returns the clauses that ask something, each as it is and without its trimmings.

    Where no clause by itself says enough ("the lift is stuck, who do I call?"), the whole message
    is the question.

    >>> questions_in("ugh, look up in the manual how I descale the kettle, please")
    ['look up in the manual how I descale the kettle', 'how I descale the kettle']
    """
    found = []
    for clause in map(str.strip, _CLAUSE_END.split(message)):
        bare = " ".join(_CUE.sub(" ", clause).split())
        # What is neither asked nor to be looked up only tells of the weather, or of a temper.
        if bare != clause or _ASKS.search(clause):
            found += [text for text in (clause, bare) if len(terms(text)) >= _LEAST_TERMS]
    return list(dict.fromkeys(found))[:MOST] or [message.strip()]
