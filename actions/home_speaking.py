"""How devices and their states are put into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actions.home_colours import colour_name, white_name
from actions.home_control import Outcome
from actions.home_devices import COVER, HEATING, SENSOR, Device, Setting, State
from actions.speaking import join, speak_name

_MOST_NAMED = 12


def the(device: Device) -> str:
    """The device with its article: "the floor lamp", "Ella's lamp"."""
    first = device.name.split()[0].casefold()
    own = first.endswith(("'s", "’s")) or first in ("the", "my", "our")
    return speak_name(device.name) if own else f"the {speak_name(device.name)}"


def name_all(devices: Iterable[Device]) -> str:
    """The devices, joined; of very many the first, and how many more."""
    named = [the(device) for device in devices]
    if len(named) > _MOST_NAMED:
        named = [*named[:_MOST_NAMED], f"{len(named) - _MOST_NAMED} more"]
    return join(named)


def degrees(value: float) -> str:
    """A temperature: "21.5 degrees", "1 degree"."""
    rounded = round(value, 1)
    return f"{rounded:g} degree" if rounded == 1 else f"{rounded:g} degrees"


def tell_setting(device: Device, setting: Setting) -> str:
    """What a device is set to: "off", "on at 30 percent", "set to 21.5 degrees"."""
    if setting.temperature is not None:
        return f"set to {degrees(setting.temperature)}"
    if device.kind == COVER:
        if setting.position not in (None, 0, 100):
            return f"{setting.position:g} percent open"
        return "open" if setting.on or setting.position == 100 else "closed"
    if setting.on is False:
        return "off"
    parts = []
    if setting.hue is not None:
        parts.append(colour_name(setting.hue, setting.saturation or 0))
    if setting.kelvin is not None:
        parts.append(white_name(setting.kelvin))
    if setting.brightness is not None:
        parts.append(f"at {setting.brightness:g} percent")
    return " ".join(parts) or "on"


def tell_settings(outcomes: Sequence[Outcome], said_as: str | None = None) -> str:
    """What several are set to now: "the floor lamp and the desk lamp are blue".

    Args:
        outcomes: With their settings.
        said_as: The colour as the person called it.
    """
    groups: dict[str, list[Device]] = {}
    for outcome in outcomes:
        if outcome.setting is not None:
            told = tell_setting(outcome.device, outcome.setting)
            if said_as and outcome.setting.hue is not None:
                told = told.replace(
                    colour_name(outcome.setting.hue, outcome.setting.saturation or 0), said_as
                )
            groups.setdefault(told, []).append(outcome.device)
    return join([f"{name_all(d)} {be(len(d))} {told}" for told, d in groups.items()])


def be(number: int) -> str:
    """The verb for so many."""
    return "is" if number == 1 else "are"


def tell_state(device: Device, state: State) -> str:
    """How a device is: "on at 30 percent", "at 20.5 degrees, set to 21"."""
    if device.kind == HEATING:
        parts = ["off"] if state.on is False else []
        if state.target is not None:
            parts.append(f"set to {degrees(state.target)}")
        if state.temperature is not None:
            parts.append(f"{degrees(state.temperature)} are measured there")
        return ", and ".join(parts) or "on"
    if device.kind == SENSOR:
        parts = []
        if state.temperature is not None:
            parts.append(degrees(state.temperature))
        if state.humidity is not None:
            parts.append(f"{state.humidity:g} percent humidity")
        return f"at {join(parts)}" if parts else "there"
    if device.kind == COVER:
        if state.position not in (None, 0, 100):
            return f"{state.position:g} percent open"
        opened = state.on if state.position is None else bool(state.position)
        return "open" if opened else "closed"
    if not state.on:
        return "off"
    parts = ["on"]
    if state.white is False and state.hue is not None:
        parts = ["on,", colour_name(state.hue, state.saturation or 0)]
    elif state.white and state.kelvin is not None:
        parts = ["on,", white_name(state.kelvin)]
    if state.brightness is not None:
        parts.append(f"at {round(state.brightness)} percent")
    return " ".join(parts)
