"""Where Rasa keeps conversations, as endpoints.yml and the environment say."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

URL_VARIABLE = "PARLEY_TRACKER_DATABASE_URL"
"""Names the database, where it is another one than endpoints.yml says."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_DRIVERS = {"sqlite", "postgresql", "postgres"}


class StoreError(Exception):
    """There are no conversations to read; the message says why in one line."""


def find_store(
    endpoints: Path, given: str = "", environment: Mapping[str, str] | None = None
) -> URL:
    """The address of the database that holds the conversations.

    Args:
        endpoints: Rasa's endpoints.yml; relative paths of SQLite are relative to its folder.
        given: What somebody named in its place: an address, or the file of an SQLite database.
        environment: The variables; those of this process unless given.

    Raises:
        StoreError: None is named, or one that is no SQL database.
    """
    variables = os.environ if environment is None else environment
    named = given or (variables.get(URL_VARIABLE) or "").strip()
    if named:
        return _readable(named if "://" in named else f"sqlite:///{Path(named).absolute()}")
    try:
        content = yaml.safe_load(endpoints.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(
            f"There is no {endpoints}: name the tracker store by STORE=… or {URL_VARIABLE}."
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StoreError(f"{endpoints} cannot be read: {one_line(error)}") from None
    entry = _entry(content)
    if entry is None:
        raise StoreError(
            f"{endpoints} names no tracker store: conversations are kept in memory only, and gone."
        )
    values = {str(key): _filled(value, variables, endpoints) for key, value in entry.items()}
    kind = str(values.get("type") or "")
    # Rasa takes a class by its path, too: what else is said of such a one tells that it is SQL.
    is_sql = {"dialect", "db"} & values.keys() or "://" in str(values.get("url") or "")
    if kind.lower() != "sql" and not ("." in kind and is_sql):
        raise StoreError(
            f"{endpoints} keeps conversations in '{kind}': only SQLite and PostgreSQL can be read."
        )
    return _address(values, endpoints)


def store_kind(endpoints: Path) -> str:
    """What `type` endpoints.yml names of the tracker store, empty where it names none."""
    try:
        entry = _entry(yaml.safe_load(endpoints.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ""
    return str((entry or {}).get("type") or "")


def _entry(content: Any) -> Mapping[str, Any] | None:
    entry = content.get("tracker_store") if isinstance(content, Mapping) else None
    return entry if isinstance(entry, Mapping) else None


def _address(values: Mapping[str, Any], endpoints: Path) -> URL:
    host = str(values.get("url") or "")
    if "://" in host:
        return _readable(host)
    dialect = str(values.get("dialect") or "sqlite")
    name = str(values.get("db") or "rasa.db")
    if dialect.startswith("sqlite"):
        return _readable(f"sqlite:///{(endpoints.parent / name).absolute()}")
    server, _, port_in_host = host.partition(":")
    port = str(port_in_host or values.get("port") or "")
    if port and not port.isdecimal():
        raise StoreError(f"{endpoints}: '{port}' is no port of a tracker store.")
    query = values.get("query")
    return _readable(
        URL.create(
            dialect,
            username=values.get("username") or None,
            password=values.get("password") or None,
            host=server or None,
            port=int(port) if port else None,
            database=name,
            query=query if isinstance(query, Mapping) else {},
        )
    )


def _readable(address: str | URL) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StoreError("The address of the tracker store is none: dialect://… is.") from None
    if url.get_backend_name() not in _DRIVERS:
        raise StoreError(
            f"The tracker store is '{url.get_backend_name()}': "
            "only SQLite and PostgreSQL can be read."
        )
    return url


def _filled(value: Any, variables: Mapping[str, str], endpoints: Path) -> Any:
    if not isinstance(value, str):
        return value
    for name in _VARIABLE.findall(value):
        if name not in variables:
            raise StoreError(f"{endpoints} wants the variable {name}, which is not set.")
    return _VARIABLE.sub(lambda found: variables[found[1]], value)


def one_line(error: BaseException) -> str:
    """An error's words in one line."""
    return " ".join(str(error).split()) or type(error).__name__
