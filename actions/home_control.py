"""Setting devices and asking them, through the broker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from actions.clients.mqtt import Broker, BrokerError, Connection, connect
from actions.home_devices import COVER, Device, Home, Setting, State
from actions.home_protocols import (
    commands,
    fulfils,
    question,
    reports,
    state_topics,
    understand,
    watched,
)
from actions.home_wishes import CannotError, OverLimitError, UnknownStateError
from actions.settings.home import read_home_settings

logger = logging.getLogger(__name__)

RETAINED_SECONDS = 0.2
"""How long retained states may take; a device that has none by then is asked."""

DONE, UNREPORTED, SILENT, OTHERWISE, UNSENT = "done", "unreported", "silent", "otherwise", "unsent"

Aim = Callable[[Device, State], Setting]
"""What a device shall be set to, by how it is now."""

Problem = CannotError | OverLimitError | UnknownStateError


@dataclass(frozen=True)
class Outcome:
    """What became of a command for one device."""

    device: Device
    result: str
    """`DONE`: the device says so. `UNREPORTED`: the broker has it, and the device never says.
    `SILENT`: the broker has it, the device did not answer. `OTHERWISE`: it answered, but is not
    as it should be. `UNSENT`: the broker did not take it, or the device cannot do it."""

    setting: Setting | None = None
    before: State = State()
    after: State = State()
    problem: Problem | None = None
    """Why the device cannot; nothing was sent then."""


async def set_devices(home: Home, devices: Sequence[Device], aim: Aim) -> list[Outcome]:
    """Sets devices, and waits shortly for what they say.

    Raises:
        BrokerError: Nothing was sent. Where some was, the outcomes tell what.
    """
    settings = read_home_settings()
    broker = Broker.from_url(settings.mqtt_url)
    async with connect(broker, settings.mqtt_timeout) as connection:
        talk = _Talk(connection, home, devices)
        await talk.begin()
        await talk.ask_silent(settings.mqtt_answer_timeout / 2)
        before = dict(talk.states)
        outcomes, sent = await _publish(connection, home, devices, aim, before)
        if sent:
            await talk.wait_for(sent, settings.mqtt_answer_timeout)
    return [
        _outcome(device, sent[device.name], before[device.name], talk.news[device.name])
        if device.name in sent
        else outcomes[device.name]
        for device in devices
    ]


async def ask_devices(home: Home, devices: Sequence[Device]) -> dict[str, State]:
    """How devices are: what the broker keeps of them, else what they answer.

    Returns:
        The states by the devices' names; one that has not `reported` where none answered.

    Raises:
        BrokerError: The broker cannot be reached.
    """
    settings = read_home_settings()
    async with connect(Broker.from_url(settings.mqtt_url), settings.mqtt_timeout) as connection:
        talk = _Talk(connection, home, devices)
        await talk.begin()
        await talk.ask_silent(settings.mqtt_answer_timeout)
    return talk.states


async def _publish(
    connection: Connection,
    home: Home,
    devices: Sequence[Device],
    aim: Aim,
    before: Mapping[str, State],
) -> tuple[dict[str, Outcome], dict[str, Setting]]:
    """Publishes for each device.

    Returns:
        The outcomes of those that got nothing, and the settings of those that got theirs.
    """
    outcomes: dict[str, Outcome] = {}
    sent: dict[str, Setting] = {}
    failure: BrokerError | None = None
    for device in devices:
        try:
            setting = aim(device, before[device.name])
        except (CannotError, OverLimitError, UnknownStateError) as problem:
            outcomes[device.name] = Outcome(device, UNSENT, problem=problem)
            continue
        try:
            # After one failure the connection is not tried again for each of the others.
            for command in () if failure else commands(device, setting, home):
                await connection.publish(command.topic, command.payload)
        except BrokerError as error:
            logger.error("%s: %s", device.name, error)
            failure = error
        if failure:
            outcomes[device.name] = Outcome(device, UNSENT, setting)
        else:
            sent[device.name] = setting
    if failure and not sent:
        raise failure
    return outcomes, sent


def _outcome(device: Device, setting: Setting, before: State, news: State) -> Outcome:
    if not reports(device):
        result = UNREPORTED
    elif not news.reported:
        result = SILENT
    else:
        result = DONE if _done(device, news, setting) else OTHERWISE
    return Outcome(device, result, setting, before, before.with_news(news))


def _done(device: Device, news: State, setting: Setting) -> bool:
    """Whether a device has done, or begun, what it shall; blinds take their time."""
    return news.reported if device.kind == COVER else fulfils(news, setting)


class _Talk:
    """What devices say over one connection."""

    def __init__(self, connection: Connection, home: Home, devices: Sequence[Device]) -> None:
        self._connection = connection
        self._home = home
        self._devices = devices
        self.states = {device.name: State() for device in devices}
        self.news = dict(self.states)
        """What has been said since `wait_for` began."""
        self._heard: set[str] = set()

    async def begin(self) -> None:
        """Subscribes, and takes what the broker has kept."""
        await self._connection.subscribe(
            topic for device in self._devices for topic in watched(device, self._home)
        )
        await self._listen(RETAINED_SECONDS, self._all_heard)

    async def ask_silent(self, seconds: float) -> None:
        """Asks those of whom nothing is known, where they can be asked, and waits for them."""
        asked = [question(device, self._home) for device in self._silent()]
        questions = [command for command in asked if command]
        for command in questions:
            await self._connection.publish(command.topic, command.payload)
        if questions:
            await self._listen(seconds, self._all_heard)

    async def wait_for(self, aims: Mapping[str, Setting], seconds: float) -> None:
        """Waits until the devices are as they should be, or for so long."""
        self.news = {device.name: State() for device in self._devices}
        waiting = [d for d in self._devices if d.name in aims and reports(d)]
        try:
            await self._listen(
                seconds, lambda: all(_done(d, self.news[d.name], aims[d.name]) for d in waiting)
            )
        except BrokerError as error:
            # The commands are with the broker; what the devices did is all that is not known.
            logger.warning("The devices' answers were lost: %s", error)

    def _silent(self) -> list[Device]:
        return [
            device
            for device in self._devices
            if not self.states[device.name].reported
            and self.states[device.name].available is not False
            and reports(device)
        ]

    def _all_heard(self) -> bool:
        """Whether each device has said all that it can, or is known to be away."""
        return all(
            self.states[device.name].available is False
            or self._heard.issuperset(state_topics(device, self._home))
            for device in self._devices
        )

    async def _listen(self, seconds: float, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + seconds
        while not enough():
            message = await self._connection.receive(deadline)
            if message is None:
                return
            self._heard.add(message.topic)
            for device in self._devices:
                said = understand(device, message.topic, message.payload, self._home)
                if said is None:
                    continue
                self.states[device.name] = self.states[device.name].with_news(said)
                if not message.retained:
                    self.news[device.name] = self.news[device.name].with_news(said)
