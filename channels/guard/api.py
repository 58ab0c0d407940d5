"""What may be asked of Rasa's HTTP API, and in which form.

Who asks has the API's token. All the same, Rasa answers many a malformed body with status 500 and
the exception's text, and some of its routes do what no assistant in use needs: fetch a model from
an address in the request, train, replace what was said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema
from rasa.shared.utils.schemas.events import EVENTS_SCHEMA

CLOSED: Mapping[str, re.Pattern[str]] = {
    "model": re.compile(r"(?:PUT|DELETE) /model"),
    "train": re.compile(r"(?s)POST /model/(?:train|test/.*)"),
    "predict": re.compile(r"(?s)POST /(?:model/predict|conversations/.+/predict)"),
    "execute": re.compile(r"(?s)POST /conversations/.+/execute"),
    "replace": re.compile(r"(?s)PUT /conversations/.+/tracker/events"),
    "domain": re.compile(r"GET /domain"),
}
"""By the name under which `open_api` opens them."""

LONGEST_NAME = 255
"""Characters of a conversation's name: what the tracker store has room for."""

_CONVERSATION = re.compile(r"(?s)/conversations/(.+?)/(?:tracker(?:/events)?|[a-z_]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_VERBOSITIES = {"ALL", "APPLIED", "AFTER_RESTART", "NONE"}
_EMULATIONS = {"wit", "luis", "dialogflow"}
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")

_TEXT = {"type": "string", "minLength": 1, "maxLength": 4096}
_SHORT = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_ENTITIES = {
    "anyOf": [
        {"type": "object", "maxProperties": 50},
        {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "properties": {"entity": _SHORT},
                "required": ["entity", "value"],
            },
        },
    ]
}
_BODIES: Mapping[re.Pattern[str], Mapping[str, Any]] = {
    re.compile(r"(?s)POST /conversations/.+/trigger_intent"): {
        "type": "object",
        "properties": {"name": _SHORT, "entities": _ENTITIES},
        "required": ["name"],
    },
    re.compile(r"(?s)POST /conversations/.+/messages"): {
        "type": "object",
        "properties": {
            "text": _TEXT,
            "sender": {"const": "user"},
            "parse_data": {
                "type": "object",
                "properties": {
                    "intent": {
                        "type": "object",
                        "properties": {"name": _SHORT, "confidence": {"type": "number"}},
                        "required": ["name"],
                    },
                    "entities": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"entity": _SHORT},
                            "required": ["entity", "value"],
                        },
                    },
                },
                # Without them, Rasa fails.
                "required": ["intent", "entities"],
            },
        },
        "required": ["text", "sender"],
    },
    re.compile(r"(?s)POST /conversations/.+/tracker/events"): {
        "anyOf": [
            {"$ref": "#/definitions/event"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/event"}},
        ],
        "definitions": {
            "event": {"type": "object", "properties": {"event": _SHORT}, "required": ["event"]}
        },
    },
    re.compile(r"POST /model/parse"): {
        "type": "object",
        "properties": {"text": _TEXT, "message_id": _SHORT},
        "required": ["text"],
    },
    re.compile(r"(?s)POST /conversations/.+/execute"): {
        "type": "object",
        "properties": {
            "name": _SHORT,
            "policy": {"type": ["string", "null"]},
            "confidence": {"type": ["number", "null"]},
        },
        "required": ["name"],
    },
}


def is_api(path: str) -> bool:
    """Whether an address belongs to Rasa's API."""
    return path.startswith(("/conversations/", "/model", "/domain", "/status"))


def is_closed(method: str, path: str, opened: frozenset[str]) -> bool:
    """Whether this is a route that is closed, and that nobody opened."""
    asked = f"{method} {path.rstrip('/')}"
    return any(pattern.fullmatch(asked) for name, pattern in CLOSED.items() if name not in opened)


def wrong_address(path: str, query: Mapping[str, Any]) -> str | None:
    """What is wrong with an address, None where nothing is.

    Args:
        path: The path, with nothing in it escaped any more.
        query: The parameters, each the first of its name.
    """
    found = _CONVERSATION.fullmatch(path)
    if found and (len(found[1]) > LONGEST_NAME or _CONTROL.search(found[1])):
        return f"A conversation's name has 1 to {LONGEST_NAME} characters, none of them a control."
    if "include_events" in query and query["include_events"].upper() not in _VERBOSITIES:
        return f"'include_events' is one of {', '.join(sorted(_VERBOSITIES))}."
    if "until" in query and not _NUMBER.fullmatch(query["until"]):
        return "'until' is a time in seconds since 1970."
    if "emulation_mode" in query and query["emulation_mode"].lower() not in _EMULATIONS:
        return f"'emulation_mode' is one of {', '.join(sorted(_EMULATIONS))}."
    return None


def has_form(method: str, path: str) -> bool:
    """Whether the body of such a request has a form that is checked."""
    return _schema(f"{method} {path}") is not None


def wrong_body(method: str, path: str, body: object) -> str | None:
    """What is wrong with a body, None where nothing is."""
    schema = _schema(f"{method} {path}")
    if schema is None:
        return None
    error = jsonschema.exceptions.best_match(_validator(schema).iter_errors(body))
    if error is None:
        if _has_control(body):
            return "There is a control character in it."
        return _wrong_events(body) if path.endswith("/tracker/events") else None
    place = "".join(f"/{part}" for part in error.absolute_path) or "the body"
    return f"{place} is not of the form that it has: see docs/openapi.yml."


def _wrong_events(body: object) -> str | None:
    """Rasa checks this as well, and answers with the whole of its schema."""
    events: list[Any] = body if isinstance(body, list) else [body]
    is_whole = all(event.get("event") != "user" or "text" in event for event in events)
    if is_whole and jsonschema.Draft7Validator(EVENTS_SCHEMA).is_valid(events):
        return None
    return "An event is not of the form that Rasa's events have."


def _schema(asked: str) -> re.Pattern[str] | None:
    return next((pattern for pattern in _BODIES if pattern.fullmatch(asked)), None)


@cache
def _validator(schema: re.Pattern[str]) -> Any:
    return jsonschema.Draft7Validator(_BODIES[schema])


def _has_control(value: object) -> bool:
    """Whether a text holds what no database takes: a zero, half a character."""
    if isinstance(value, str):
        return bool(re.search(r"[\x00\ud800-\udfff]", value))
    if isinstance(value, dict):
        return any(_has_control(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(_has_control, value))
