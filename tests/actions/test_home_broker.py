"""The home skill with a real broker and simulated devices."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actions.clients.mqtt import Broker, BrokerError, connect
from actions.correcting import ActionCorrect
from actions.home import ActionActivateScene, ActionAskHome, ActionControlHome
from actions.home_control import DONE, OTHERWISE, SILENT, UNSENT, ask_devices, set_devices
from actions.home_devices import Device, Home, Setting, State
from actions.home_file import read_home
from actions.home_forms import ValidateHomeForm
from actions.undo import ActionUndo
from scripts.project import ROOT
from tests.services.house import House
from tests.services.mosquitto import Mosquitto

pytestmark = pytest.mark.services

FLOOR = "zigbee2mqtt/living_room/floor_lamp/set"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def broker(running: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> Mosquitto:
    running.start()
    running.reset()
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PARLEY_MQTT_ANSWER_TIMEOUT", "0.6")
    return running


@pytest.fixture
def house(broker: Mosquitto) -> House:
    return broker.house


@pytest.fixture
def home(broker: Mosquitto) -> Home:
    return read_home(ROOT / "home.example.yml")


def which(home: Home, *names: str) -> list[Any]:
    return [home.device(name) for name in names]


async def says(talk: Any, text: str, intent: str, *entities: tuple[str, Any]) -> list[str]:
    """Says something to the home skill, through its form where it has one."""
    values = [e for e in entities if not isinstance(e[1], str)]
    talk.user(text, intent, *[e for e in entities if isinstance(e[1], str)])
    for kind, value in values:
        talk.events[-1]["parse_data"]["entities"].append({"entity": kind, "value": value})
    action: Any = {"ask_device_state": ActionAskHome, "activate_scene": ActionActivateScene}.get(
        intent, ActionControlHome
    )()
    if isinstance(action, ActionControlHome):
        talk.form("home_form")
        for name, value in (await talk.run(ValidateHomeForm())).items():
            talk.slot(name, value)
        talk.form(None)
    for name, value in (await talk.run(action)).items():
        talk.slot(name, value)
    said: list[str] = talk.said
    talk.bot(action.name())
    return said


# ------------------------------------------------------------------ the client


async def test_what_is_retained_comes_first_and_says_so(broker: Mosquitto) -> None:
    async with connect(Broker.from_url(broker.url), 3) as connection:
        await connection.subscribe(["zigbee2mqtt/ceiling light"])
        received = await connection.receive(asyncio.get_running_loop().time() + 5)
    assert received is not None
    assert received.retained
    assert '"brightness": 200' in received.payload


async def test_nothing_comes_in_vain(broker: Mosquitto) -> None:
    async with connect(Broker.from_url(broker.url), 3) as connection:
        await connection.subscribe(["nobody/home"])
        assert await connection.receive(0) is None


async def test_a_wrong_password_is_an_error_without_the_password(broker: Mosquitto) -> None:
    url = f"mqtt://parley:swordfish@127.0.0.1:{broker.port}"
    with pytest.raises(BrokerError) as caught:
        async with connect(Broker.from_url(url), 3):
            pass
    assert "swordfish" not in str(caught.value)
    assert "swordfish" not in repr(Broker.from_url(url))


async def test_a_broker_that_is_away_is_an_error(broker: Mosquitto) -> None:
    broker.stop()
    with pytest.raises(BrokerError, match="cannot be reached"):
        async with connect(Broker.from_url(broker.url), 3):
            pass


async def test_a_broker_that_hangs_is_an_error(broker: Mosquitto) -> None:
    broker.hang()
    try:
        with pytest.raises(BrokerError):
            async with connect(Broker.from_url(broker.url), 0.3):
                pass
    finally:
        broker.go_on()


async def test_a_broker_that_hangs_later_is_an_error_too(broker: Mosquitto) -> None:
    async with connect(Broker.from_url(broker.url), 0.5) as connection:
        broker.hang()
        try:
            with pytest.raises(BrokerError, match="some/topic"):
                await connection.publish("some/topic", "x")
        finally:
            broker.go_on()


@pytest.mark.parametrize(
    "url", ["", "localhost", "http://localhost", "mqtt://", "mqtt://host:port", "mqtt://h:99999"]
)
def test_a_url_of_no_use_is_refused(url: str) -> None:
    with pytest.raises(BrokerError, match="mqtt://host:1883"):
        Broker.from_url(url)


def test_a_url_is_read_with_its_marks() -> None:
    broker = Broker.from_url("mqtts://me:a%40b%3Ac@example.org")
    assert (broker.host, broker.port, broker.username, broker.password, broker.tls) == (
        "example.org", 8883, "me", "a@b:c", True,
    )  # fmt: skip


# ------------------------------------------------------------------ devices


async def test_a_device_does_it_and_says_so(home: Home, house: House) -> None:
    floor = which(home, "floor lamp")
    [outcome] = await set_devices(home, floor, lambda *_: Setting(on=True, brightness=30))
    assert outcome.result == DONE
    assert house.take() == {FLOOR: {"state": "ON", "brightness": 76}}
    assert outcome.before.on is False
    assert outcome.after.on is True


async def test_one_of_two_does_not_answer(home: Home, house: House) -> None:
    house.silent.add("reading lamp")
    outcomes = await set_devices(
        home, which(home, "floor lamp", "reading lamp"), lambda *_: Setting(on=True)
    )
    assert [outcome.result for outcome in outcomes] == [DONE, SILENT]
    assert set(house.take()) == {FLOOR, "zigbee2mqtt/reading lamp/set"}


async def test_a_slow_device_is_waited_for(home: Home, house: House) -> None:
    house.delay = 0.2
    [outcome] = await set_devices(home, which(home, "counter light"), lambda *_: Setting(on=True))
    assert outcome.result == DONE


async def test_a_device_that_answers_otherwise(home: Home, house: House) -> None:
    # The lamp takes no more orders, but Zigbee2MQTT goes on telling that it is off.
    house.silent.add("living_room/floor_lamp")

    async def tell_again() -> None:
        await asyncio.sleep(0.2)
        house.say("zigbee2mqtt/living_room/floor_lamp", '{"state": "OFF"}')

    telling = asyncio.create_task(tell_again())
    [outcome] = await set_devices(home, which(home, "floor lamp"), lambda *_: Setting(on=True))
    await telling
    assert outcome.result == OTHERWISE


async def test_what_is_not_retained_is_asked_for(home: Home, house: House) -> None:
    states = await ask_devices(home, which(home, "counter light", "study heating"))
    assert states["counter light"].on is False
    assert (states["study heating"].target, states["study heating"].temperature) == (20, 19)


async def test_a_connection_that_breaks_between_two_devices(home: Home, broker: Mosquitto) -> None:
    def aim(device: Device, _: State) -> Setting:
        if device.name == "counter light":
            broker.stop()
        return Setting(on=True)

    devices = which(home, "floor lamp", "counter light", "fan")
    outcomes = await set_devices(home, devices, aim)
    assert [outcome.result for outcome in outcomes][1:] == [UNSENT, UNSENT]
    # Whether the lamp's answer was quicker than the end of the broker is up to chance.
    assert outcomes[0].result in (DONE, SILENT)
    assert broker.house.take() == {FLOOR: {"state": "ON"}}


# ------------------------------------------------------------------ in a talk


async def test_on_and_off_again(talk: Any, house: House) -> None:
    said = await says(talk, "turn on the floor lamp", "turn_on", ("device", "floor lamp"))
    assert said == ["utter_home_done"]
    assert talk.dispatcher.messages[0]["done"] == "the floor lamp is on"
    assert house.take() == {FLOOR: {"state": "ON"}}
    await says(talk, "turn it off again", "turn_off")
    assert house.take() == {FLOOR: {"state": "OFF"}}


async def test_a_name_that_no_model_knows(talk: Any, house: House) -> None:
    await says(talk, "turn on the Fridge", "turn_off")
    assert house.take() == {"zigbee2mqtt/fridge/set": {"state": "ON"}}


async def test_brighter_by_what_it_was(talk: Any, house: House) -> None:
    house.become("living_room/floor_lamp", state="ON")
    await says(talk, "a bit brighter please, the floor lamp", "set_device")
    assert house.take() == {FLOOR: {"state": "ON", "brightness": 152}}


async def test_a_room_and_then_another_too(talk: Any, house: House) -> None:
    await says(
        talk, "set the bathroom to 21 and a half degrees", "set_device",
        ("room", "bathroom"), ("temperature", 21.5),
    )  # fmt: skip
    assert house.take() == {"zigbee2mqtt/bathroom heating/set": {"current_heating_setpoint": 21.5}}
    await says(talk, "and the study too", "inform_device", ("room", "study"))
    assert house.take() == {"study/heating/target/set": 21.5}


async def test_a_temperature_over_the_limit_is_refused(talk: Any, house: House) -> None:
    said = await says(
        talk, "heat the bathroom to 35 degrees", "set_device",
        ("room", "bathroom"), ("temperature", 35),
    )  # fmt: skip
    assert said == ["utter_home_over_limit"]
    assert (talk.filled["least"], talk.filled["most"]) == ("15", "25")
    assert house.take() == {}


async def test_everything_leaves_the_heating_and_the_fridge(talk: Any, house: House) -> None:
    said = await says(talk, "turn everything off", "turn_off", ("device", "everything"))
    assert said == ["utter_home_done", "utter_home_heating_stays"]
    assert set(house.take()) == {
        FLOOR, "zigbee2mqtt/reading lamp/set", "zigbee2mqtt/TV plug/set",
        "zigbee2mqtt/ceiling light/set", "zigbee2mqtt/counter light/set",
        "study/desk_lamp/set", "study/fan/set",
    }  # fmt: skip


async def test_undo_puts_back_what_was(talk: Any, house: House) -> None:
    house.become("living_room/floor_lamp", state="ON", color_temp=400)
    await says(talk, "make the living room lights blue", "set_device",
               ("device", "living room lights"), ("colour", "blue"))  # fmt: skip
    assert house.zigbee["living_room/floor_lamp"]["color"] == {"hue": 240, "saturation": 100}
    house.take()
    await talk.run(ActionUndo())
    assert talk.said == ["utter_home_restored"]
    sent = house.take()
    assert sent[FLOOR]["color_temp"] == 400
    assert "color" not in sent[FLOOR]


async def test_undo_says_what_it_does_not_know(talk: Any, house: House) -> None:
    house.silent.add("counter light")
    await says(talk, "counter light on", "turn_on", ("device", "counter light"))
    assert talk.said == ["utter_home_silent"]
    house.take()
    await talk.run(ActionUndo())
    assert talk.said == ["utter_home_not_restored"]
    assert house.take() == {}


async def test_a_correction_takes_back_and_does_the_other(talk: Any, house: House) -> None:
    await says(talk, "turn on the desk lamp", "turn_on", ("device", "desk lamp"))
    house.take()
    talk.user("no, the ceiling light", "correct", ("device", "ceiling light"))
    await talk.run(ActionCorrect())
    assert house.take() == {"study/desk_lamp/set": {"state": "OFF"}}
    replayed = talk.returned[-1]["parse_data"]
    assert replayed["intent"]["name"] == "turn_on"
    assert replayed["entities"] == [{"entity": "device", "value": "ceiling light"}]


async def test_a_scene(talk: Any, house: House) -> None:
    said = await says(talk, "movie nigth", "activate_scene", ("scene", "movie nigth"))
    assert said == ["utter_home_scene", "utter_home_done"]
    sent = house.take()
    assert sent["zigbee2mqtt/living room blinds/set"] == {"position": 0}
    assert sent[FLOOR]["brightness"] == 51


async def test_an_unknown_scene_names_those_there_are(talk: Any, house: House) -> None:
    said = await says(talk, "disco inferno", "activate_scene", ("scene", "disco inferno"))
    assert said == ["utter_home_unknown_scene"]
    assert talk.filled["scenes"] == "movie night, reading and good night"
    assert house.take() == {}


@pytest.mark.parametrize(
    ("text", "entities", "said", "filled"),
    [
        ("is the TV on?", [("device", "TV")], "utter_home_yes", "the TV plug is on"),
        ("is the fridge off?", [("device", "fridge")], "utter_home_no", "the fridge is on"),
        ("are the blinds open", [("device", "blinds")], "utter_home_yes", "blinds is open"),
        ("how warm is it in the bathroom", [("room", "bathroom")], "utter_home_temperature",
         "22.5 degrees in the bathroom"),
        ("how warm is it in the kitchen", [("room", "kitchen")], "utter_home_no_temperature",
         "in the kitchen"),
        ("what is the bathroom heating set to", [("device", "bathroom heating")],
         "utter_home_states", "set to 20 degrees, and 19.5 degrees are measured"),
        ("which lights are on", [("device", "lights")], "utter_home_none", "lights"),
        ("how bright is the ceiling light", [("device", "ceiling light")],
         "utter_home_states", "off"),
    ],
)  # fmt: skip
async def test_questions(
    talk: Any, house: House, text: str, entities: list[tuple[str, str]], said: str, filled: str
) -> None:
    assert await says(talk, text, "ask_device_state", *entities) == [said]
    assert filled in " ".join(str(value) for value in talk.filled.values())
    assert house.take() == {}


async def test_what_is_on_can_be_chosen_from(talk: Any, house: House) -> None:
    house.become("study/desk_lamp", state="ON")
    house.become("ceiling light", state="ON")
    said = await says(talk, "which lights are on?", "ask_device_state", ("device", "lights"))
    assert said == ["utter_home_which"]
    assert talk.filled["devices"] == "The ceiling light and the desk lamp"
    await says(talk, "turn the second one off", "turn_off", ("ordinal", 2))
    assert house.take() == {"study/desk_lamp/set": {"state": "OFF"}}


async def test_them_are_those_that_are_on(talk: Any, house: House) -> None:
    house.become("ceiling light", state="ON")
    await says(talk, "which lights are on?", "ask_device_state", ("device", "lights"))
    await says(talk, "turn them off", "turn_off")
    assert house.take() == {"zigbee2mqtt/ceiling light/set": {"state": "OFF"}}


async def test_a_broker_away_is_said_and_nothing_noted(talk: Any, broker: Mosquitto) -> None:
    broker.stop()
    said = await says(talk, "turn on the floor lamp", "turn_on", ("device", "floor lamp"))
    assert said == ["utter_home_unavailable"]
    assert talk.tracker().get_slot("last_effect") is None
    assert await says(talk, "is the TV on", "ask_device_state") == ["utter_home_unavailable"]
    broker.start()
    assert await says(talk, "turn on the floor lamp", "turn_on") == ["utter_home_done"]


async def test_an_offline_device_is_said_to_be(talk: Any, house: House) -> None:
    house.silent.add("counter light")
    house.offline("counter light")
    said = await says(talk, "counter light on", "turn_on", ("device", "counter light"))
    assert said == ["utter_home_offline"]


async def test_two_people_at_once(home: Home, house: House) -> None:
    one, two = await asyncio.gather(
        set_devices(home, which(home, "floor lamp"), lambda *_: Setting(on=True)),
        set_devices(home, which(home, "desk lamp"), lambda *_: Setting(on=True)),
    )
    assert [one[0].result, two[0].result] == [DONE, DONE]


async def test_without_a_file_it_says_how(
    talk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path / "home.yml"))
    said = await says(talk, "turn on the lamp", "turn_on", ("device", "lamp"))
    assert said == ["utter_home_no_file"]


async def test_a_mistake_in_the_file_is_told(
    talk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "home.yml"
    path.write_text("devices: [{name: lamp, kind: lamb}]", encoding="utf-8")
    monkeypatch.setenv("PARLEY_HOME", str(path))
    assert await says(talk, "lamp on", "turn_on") == ["utter_home_file_wrong"]
    assert "'lamp': kind is 'lamb'" in talk.filled["problem"]
