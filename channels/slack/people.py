"""What Slack knows of the people who write: how they are called, and their time zone."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from channels.sending import SendError
from channels.slack.client import SlackClient

logger = logging.getLogger(__name__)

KNOWN_SECONDS = 3600.0
"""People move, and change their names."""

UNKNOWN_SECONDS = 60.0
"""Until somebody is asked for again of whom Slack told nothing."""

MOST = 5000
"""People who are remembered."""


@dataclass(frozen=True)
class Person:
    """A user of Slack."""

    name: str = ""
    timezone: str = ""
    """An IANA name, `Europe/Berlin`."""


class People:
    """Asks Slack for people, seldom; never fails, for an answer can do without."""

    def __init__(self, client: SlackClient) -> None:
        """Starts with nobody known."""
        self._client = client
        self._known: OrderedDict[str, tuple[float, Person]] = OrderedDict()
        self._told = ""

    async def person(self, user: str) -> Person:
        """What is known of a person."""
        until, person = self._known.get(user, (0.0, Person()))
        if until > time.monotonic():
            return person
        try:
            person = _read(await self._client.person(user))
            seconds = KNOWN_SECONDS
        except SendError as error:
            if str(error) != self._told:
                logger.warning("slack: people's names and time zones: %s", error)
            self._told = str(error)
            seconds = UNKNOWN_SECONDS
        self._known[user] = (time.monotonic() + seconds, person)
        self._known.move_to_end(user)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return person

    async def names(self, users: Iterable[str]) -> dict[str, str]:
        """How people are called, by their ids."""
        wanted = list(dict.fromkeys(users))
        found = await asyncio.gather(*(self.person(user) for user in wanted))
        people = zip(wanted, found, strict=True)
        return {user: person.name for user, person in people if person.name}


def _read(user: dict[str, object]) -> Person:
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        user.get("real_name"),
        user.get("name"),
    )
    name = next((str(name) for name in names if name), "")
    return Person(name, str(user.get("tz") or ""))
