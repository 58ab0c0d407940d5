"""Reads the tests of an audit from YAML files and fills their templates."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from scripts.audit.cases import (
    ENTITY_RULES,
    INTENT_RULES,
    SENTIMENT_RULES,
    AuditTest,
    Case,
    Expected,
)
from scripts.audit.changes import CHANGES, apply_change

_GAP = re.compile(r"\{(\w+)\}")
_KEYS = {
    "invariance": {"terms", "templates", "changes", "sentences", "intent", "sentiment", "entities"},
    "direction": {"changes", "sentences", "intent", "sentiment", "entities"},
    "wording": {"sets", "grouped_by"},
}
EXAMPLES = "examples"
"""In place of templates or sentences: made of the training examples."""


class InvalidSuiteError(Exception):
    """The files do not say what to test; the text says where, and what would mend it."""


@dataclass(frozen=True)
class Term:
    """What fills a template's gaps: the same person, kin or place in all of its forms."""

    group: str
    name: str
    forms: Mapping[str, str]
    """By the name of the gap; none where it has one form, which fills all gaps."""

    def fill(self, gap: str) -> str | None:
        """What it puts into a gap."""
        return self.forms.get(gap) if self.forms else self.name


def read_suite(
    paths: Sequence[Path],
    examples: Sequence[str] | None = None,
    terms_of: Sequence[Path] = (),
) -> list[AuditTest]:
    """Read tests from files, and from all files in folders.

    Args:
        paths: YAML files, or folders of them. Terms of one may be used in another.
        examples: A bot's own training examples, for the tests that are made of them, and then
            only these. None: only the others.
        terms_of: More files and folders, whose terms may be used and whose tests are left out.

    Raises:
        InvalidSuiteError: There is something in them that cannot be read.
    """
    terms: dict[str, list[Term]] = {}
    found: list[tuple[Path, Mapping[str, Any]]] = []
    own = list(_files(paths))
    for path in dict.fromkeys([*_files(terms_of), *own]):
        content = _content(path)
        for name, groups in (content.get("terms") or {}).items():
            terms[name] = list(_terms(name, groups, path))
        if path in own:
            found += [(path, test) for test in content.get("tests") or []]
    tests = []
    for path, test in found:
        if (EXAMPLES in (test.get("templates"), test.get("sentences"))) == (examples is not None):
            tests.append(_test(test, terms, examples or [], path))
    names = [test.name for test in tests]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise InvalidSuiteError(f"Two tests are called {', '.join(sorted(doubled))}.")
    return tests


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted([*path.glob("*.yml"), *path.glob("*.yaml")])
        elif path.is_file():
            yield path
        else:
            raise InvalidSuiteError(f"There is no {path}.")


def _content(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeError) as error:
        raise InvalidSuiteError(f"{path} is no YAML: {error}") from error
    if not isinstance(content, dict) or not content.keys() <= {"terms", "tests"}:
        raise InvalidSuiteError(f"{path}: expected `terms` and `tests`, nothing else.")
    return content


def _terms(name: str, groups: Any, path: Path) -> Iterator[Term]:
    if not isinstance(groups, dict) or not all(isinstance(one, list) for one in groups.values()):
        raise InvalidSuiteError(f"{path}: the terms {name} need groups, each with a list.")
    for group, members in groups.items():
        for member in members:
            forms = member if isinstance(member, dict) else {}
            texts = [*forms.values()] or [member]
            if not all(isinstance(text, str) for text in texts):
                raise InvalidSuiteError(f"{path}: {member!r} in {name} is no text; quote it.")
            yield Term(str(group), texts[0], forms)


def _test(
    test: Mapping[str, Any], terms: Mapping[str, list[Term]], examples: Sequence[str], path: Path
) -> AuditTest:
    name = str(test.get("name", "a test without a name"))
    where = f"{path}, {name}"
    kind = test.get("kind")
    if kind not in _KEYS:
        raise InvalidSuiteError(f"{where}: kind {kind!r} is none of {', '.join(_KEYS)}.")
    if unknown := test.keys() - _KEYS[kind] - {"name", "kind", "about", "limit"}:
        raise InvalidSuiteError(f"{where}: {', '.join(sorted(unknown))} means nothing there.")
    settings = {
        "intent": _rule(test, "intent", INTENT_RULES, "same", where),
        "sentiment": _rule(test, "sentiment", SENTIMENT_RULES, "same", where),
    }
    if kind == "wording":
        cases = list(_of_sets(test, where))
        one_group = len({(case.block, case.group) for case in cases}) == len(
            {case.block for case in cases}
        )
        exchange, entities = "units" if one_group else "within", "types"
    elif "terms" in test:
        known = terms.get(test["terms"])
        if known is None:
            raise InvalidSuiteError(f"{where}: there are no terms {test['terms']!r}.")
        templates = test.get("templates")
        if templates == EXAMPLES:
            templates = list(_templates(examples, known))
        cases = list(_filled(_texts(templates, where), known, where))
        groups = [term.group for term in known]
        exchange = "within" if len(set(groups)) == len(groups) else "units"
        entities = "values"
    else:
        sentences = test.get("sentences")
        sentences = list(examples) if sentences == EXAMPLES else _texts(sentences, where)
        cases = list(_changed(sentences, test.get("changes"), name, where))
        exchange, entities = "within", "types"
    return AuditTest(
        name=name,
        about=str(test.get("about", "")),
        kind=kind,
        cases=tuple(cases),
        exchange="units" if exchange == "units" else "within",
        entities=_rule(test, "entities", ENTITY_RULES, entities, where),
        limit=_limit(test, where),
        **settings,
    )


def _filled(templates: Sequence[str], terms: Sequence[Term], where: str) -> Iterator[Case]:
    for template in templates:
        for term in terms:
            text, end, marks = "", 0, []
            for gap in _GAP.finditer(template):
                form = term.fill(gap[1])
                if form is None:
                    raise InvalidSuiteError(f"{where}: nothing fills {gap[0]} in {template!r}.")
                text += template[end : gap.start()]
                marks.append((len(text), len(text) + len(form)))
                text += form
                end = gap.end()
            if not marks:
                raise InvalidSuiteError(f"{where}: {template!r} has no gap like {{name}}.")
            yield Case(text + template[end:], term.group, template, term.name, tuple(marks))


def _templates(examples: Sequence[str], terms: Sequence[Term]) -> Iterator[str]:
    """Makes templates of the examples that hold a term, in whatever form."""
    gaps = {term.name: "term" for term in terms if not term.forms}
    gaps |= {form: gap for term in terms for gap, form in reversed(list(term.forms.items()))}
    words = sorted(gaps, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w'-])(?:" + "|".join(map(re.escape, words)) + r")(?![\w-])")
    for text in dict.fromkeys(examples):
        if "{" not in text and pattern.search(text):
            # One term at a time: in "call Anna or Omar", two people stay two.
            yield pattern.sub(lambda found: f"{{{gaps[found[0]]}}}", text, count=1)


def _changed(sentences: Sequence[str], changes: Any, name: str, where: str) -> Iterator[Case]:
    if not isinstance(changes, dict) or not changes:
        raise InvalidSuiteError(f"{where}: `changes` names what is done to the sentences.")
    for sentence in sentences:
        for group, ways in changes.items():
            for number, way in zip(count(), ways if isinstance(ways, list) else [ways]):
                if not isinstance(way, str) or ("{text}" not in way and way not in CHANGES):
                    raise InvalidSuiteError(
                        f"{where}: {way!r} is neither a pattern with {{text}} nor a change that "
                        f"there is: {', '.join(CHANGES)}."
                    )
                text = apply_change(way, sentence, f"{name}:{number}")
                if text is not None:
                    yield Case(text, str(group), sentence, sentence, reference=sentence)


def _of_sets(test: Mapping[str, Any], where: str) -> Iterator[Case]:
    by_intent = test.get("grouped_by") == "intent"
    for number, one in enumerate(test.get("sets") or [], 1):
        unknown = one.keys() - {"intent", "sentiment", "entities", "wordings", "sentences"}
        if unknown or ("wordings" in one) == ("sentences" in one):
            raise InvalidSuiteError(
                f"{where}, set {number}: it has `intent`, `sentiment`, `entities`, and either "
                "`wordings` by group or `sentences`."
            )
        entities = one.get("entities")
        expected = Expected(
            _several(one.get("intent")),
            _several(one.get("sentiment")),
            None if entities is None else _several(entities),
        )
        block = f"{number}: {' or '.join(expected.intents)}"
        group = " or ".join(expected.intents) if by_intent else "all"
        wordings = one.get("wordings") or {group: one.get("sentences")}
        for group, texts in wordings.items():
            for text in _texts(texts, f"{where}, set {number}"):
                yield Case(text, str(group), block, text, expected=expected)


def _texts(texts: Any, where: str) -> list[str]:
    if not isinstance(texts, list) or not texts:
        raise InvalidSuiteError(f"{where}: there are no sentences.")
    for text in texts:
        if not isinstance(text, str):
            raise InvalidSuiteError(f'{where}: {text!r} is no text; put it into "quotes".')
    return texts


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _rule(test: Mapping[str, Any], key: str, known: Sequence[str], default: str, where: str) -> str:
    value = str(test.get(key, default))
    if value not in known:
        raise InvalidSuiteError(f"{where}: {key} {value!r} is none of {', '.join(known)}.")
    return value


def _limit(test: Mapping[str, Any], where: str) -> float | None:
    limit = test.get("limit")
    if limit is None:
        return None
    if not isinstance(limit, (int, float)) or not 0 <= limit <= 100:
        raise InvalidSuiteError(f"{where}: limit {limit!r} is no percentage.")
    return limit / 100
