"""Logs as JSON lines: what happened, where, in which turn; never what was said.

Rasa's own structured log holds messages, slots and states under many names, so only names that are
known to hold none are taken over. Of an exception the kind and the places are told, not its words.
Whatever else is written: the words of the turn's own message are struck out of it.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import structlog
from structlog.processors import ExceptionRenderer

from observing.turns import turn_id, words

OWN = ("actions", "channels", "custom_components", "knowledge_base", "nlg", "observing", "voice")
"""Packages whose logs hold no words of messages, at no level."""

PLAIN_FIELDS = frozenset(
    {
        "action_name",
        "component_class",
        "event_key",
        "intent_name",
        "model_id",
        "model_path",
        "node_name",
        "policy_name",
        "resource_name",
    }
)
"""What is taken over of Rasa's structured log."""

STRUCK = "[message]"

_FRAMES = 30
_INSTALLED = "writes_json"


def write_json(process: str) -> None:
    """Has this process write its log as JSON lines from now on, whichever handler writes it.

    Args:
        process: What this process is called in each line.
    """
    if hasattr(logging.Handler, _INSTALLED):
        return

    def format_json(_handler: logging.Handler, record: logging.LogRecord) -> str:
        return as_json(record, process)

    plain = logging.Handler.filter

    def filter_told(handler: logging.Handler, record: logging.LogRecord) -> Any:
        return _is_told(record) and plain(handler, record)

    # Rasa, its SDK and Sanic each set handlers and formatters of their own, and set them anew.
    logging.Handler.format = format_json  # type: ignore[assignment, method-assign]
    logging.Handler.filter = filter_told  # type: ignore[assignment, method-assign]
    setattr(logging.Handler, _INSTALLED, True)
    _keep_structure(structlog.configure)


def _is_told(record: logging.LogRecord) -> bool:
    """Whether a record is written: what others tell below INFO is full of messages."""
    return record.levelno >= logging.INFO or record.name.split(".")[0] in OWN


def as_json(record: logging.LogRecord, process: str) -> str:
    """Returns a record as one line of JSON."""
    moment = datetime.fromtimestamp(record.created, timezone.utc)
    line: dict[str, Any] = {
        "time": moment.isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "process": process,
        "logger": record.name,
    }
    if turn := turn_id():
        line["turn"] = turn
    event = getattr(record, "structured", None)
    if isinstance(event, dict):
        line["event"] = str(event.get("event", ""))
        line |= {key: str(event[key]) for key in PLAIN_FIELDS & event.keys()}
    else:
        line["event"] = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        line["error"] = _told(record.exc_info)
    said = words()
    if said:
        line = {key: _struck(value, said) for key, value in line.items()}
    return json.dumps(line, ensure_ascii=False)


def _told(caught: Any) -> dict[str, Any]:
    kind, _error, trace = caught
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return {
        "kind": f"{kind.__module__}.{kind.__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _struck(value: Any, said: str) -> Any:
    if not isinstance(value, str):
        return value
    return re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", STRUCK, value)


def _keep_structure(configure: Callable[..., None]) -> None:
    """Has structlog hand its events on as they are, however it is configured later."""

    def configured(processors: Any = None, *arguments: Any, **more: Any) -> None:
        if processors is not None:
            # The last one makes a text of an event; another a text of an exception, its words and
            # the values of variables included.
            kept = [one for one in processors[:-1] if not isinstance(one, ExceptionRenderer)]
            processors = [*kept, _as_record]
        configure(processors, *arguments, **more)

    structlog.configure = configured


def _as_record(_logger: Any, _method: str, event: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Ends structlog's processors: what a logger of the standard library is called with."""
    caught = event.pop("exc_info", None)
    return (str(event.get("event", "")),), {
        "extra": {"structured": dict(event)},
        **({"exc_info": caught} if caught else {}),
    }
