"""Simulated devices: an MQTT client that does what lamps and thermostats do with their messages.

They speak as Zigbee2MQTT does for those on Zigbee, and as devices made for Home Assistant do for
the others. Nothing here knows the code under test.
"""

from __future__ import annotations

import json
import threading
import time
from copy import deepcopy
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

ZIGBEE: dict[str, dict[str, Any]] = {
    "living_room/floor_lamp": {"state": "OFF", "brightness": 127, "color_mode": "color_temp",
                               "color_temp": 370, "color": {"hue": 30, "saturation": 60}},
    "reading lamp": {"state": "OFF", "brightness": 254},
    "TV plug": {"state": "ON", "power": 80},
    "living room heating": {"occupied_heating_setpoint": 20, "local_temperature": 20.5,
                            "system_mode": "heat"},
    "living room blinds": {"state": "OPEN", "position": 100},
    "ceiling light": {"state": "OFF", "brightness": 200},
    "counter light": {"state": "OFF"},
    "fridge": {"state": "ON", "power": 60},
    "bathroom heating": {"current_heating_setpoint": 20, "local_temperature": 19.5,
                         "system_mode": "heat"},
    "bathroom sensor": {"temperature": 22.5, "humidity": 61, "battery": 90},
}  # fmt: skip
"""By friendly name, as after a reset."""

KEPT = {"living_room/floor_lamp", "ceiling light", "bathroom sensor", "TV plug"}
"""Those for which Zigbee2MQTT is told to retain the state; the others have to be asked."""

OTHERS = {
    "study/desk_lamp": {"state": "OFF", "brightness": 255},
    "study/fan/state": "0",
    "study/heating/target": "20",
    "study/heating/measured": "19",
    "study/heating/mode": "heat",
}
"""By state topic; all of them are retained."""

_PATIENCE = 10.0


class House:
    """Devices on a broker."""

    def __init__(self, port: int, username: str, password: str) -> None:
        """Takes what `connect` needs."""
        self.zigbee = deepcopy(ZIGBEE)
        self.others: dict[str, Any] = deepcopy(OTHERS)
        self.silent: set[str] = set()
        """Friendly names and state topics of devices that do nothing and say nothing."""

        self.delay = 0.0
        """Seconds that a device takes."""

        self._port, self._username, self._password = port, username, password
        self._received: list[tuple[str, str]] = []
        self._subscribed = threading.Event()
        self._client = self._new_client()

    def connect(self) -> None:
        """Comes online and says how everything is."""
        self._subscribed.clear()
        # A client of its own each time: paho leaves sockets of the former loop behind.
        self._client = self._new_client()
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        if not self._subscribed.wait(_PATIENCE):
            raise TimeoutError("The simulated devices are not subscribed.")

    def disconnect(self) -> None:
        """Goes away."""
        self._client.disconnect()
        self._client.loop_stop()

    def reset(self) -> None:
        """Everything as in the beginning, nothing received."""
        self.zigbee, self.others = deepcopy(ZIGBEE), deepcopy(OTHERS)
        self.silent.clear()
        self.delay = 0.0
        for topic, payload in self._states():
            self._client.publish(topic, payload, qos=1, retain=True).wait_for_publish(_PATIENCE)
        self._received.clear()

    def take(self) -> dict[str, Any]:
        """The last message on each topic that sets something, since the last call."""
        taken: dict[str, Any] = {}
        for topic, payload in self._received:
            try:
                taken[topic] = json.loads(payload)
            except ValueError:
                taken[topic] = payload
        self._received.clear()
        return taken

    def become(self, name: str, **news: Any) -> None:
        """Somebody uses the switch on the wall: a device changes, and the broker knows."""
        message = self._zigbee(name, news) if name in self.zigbee else self._other(name, news)
        assert message is not None
        message.wait_for_publish(_PATIENCE)

    def say(self, topic: str, payload: str) -> None:
        """Says something in a device's name."""
        self._client.publish(topic, payload, qos=1)

    def offline(self, name: str, offline: bool = True) -> None:
        """Zigbee2MQTT notices that a device is away, or back."""
        payload = json.dumps({"state": "offline" if offline else "online"})
        message = self._client.publish(f"zigbee2mqtt/{name}/availability", payload, 1, retain=True)
        message.wait_for_publish(_PATIENCE)

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(self._username, self._password)
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._subscribed.set()
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        for topic, payload in self._states():
            client.publish(topic, payload, qos=1, retain=True)
        client.subscribe([("zigbee2mqtt/#", 1), ("study/#", 1)])

    def _states(self) -> list[tuple[str, str]]:
        kept = [(f"zigbee2mqtt/{name}", json.dumps(self.zigbee[name])) for name in sorted(KEPT)]
        there = [
            (f"zigbee2mqtt/{name}/availability", json.dumps({"state": "online"}))
            for name in self.zigbee
        ]
        others = [(topic, _text(value)) for topic, value in self.others.items()]
        return [*kept, *there, *others, ("study/desk_lamp/status", "online")]

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        topic, payload = message.topic, message.payload.decode()
        if topic.endswith("/set"):
            self._received.append((topic, payload))
        if topic.startswith("zigbee2mqtt/") and topic.endswith(("/set", "/get")):
            name, _, what = topic.removeprefix("zigbee2mqtt/").rpartition("/")
            self._zigbee(name, json.loads(payload) if what == "set" else {})
        elif topic.endswith("/set"):
            self._other(topic.removesuffix("/set"), payload)

    def _zigbee(self, name: str, news: dict[str, Any]) -> mqtt.MQTTMessageInfo | None:
        if name not in self.zigbee or name in self.silent:
            return None
        time.sleep(self.delay)
        state = self.zigbee[name]
        state.update(news)
        if "color" in news:
            state["color_mode"] = "hs"
        if "color_temp" in news:
            state["color_mode"] = "color_temp"
        if name == "living room blinds" and "state" in news:
            state["position"] = 100 if news["state"] == "OPEN" else 0
        topic = f"zigbee2mqtt/{name}"
        return self._client.publish(topic, json.dumps(state), 1, retain=name in KEPT)

    def _other(self, base: str, payload: str | dict[str, Any]) -> mqtt.MQTTMessageInfo | None:
        topic = "study/fan/state" if base == "study/fan" else base
        if topic not in self.others or topic in self.silent:
            return None
        time.sleep(self.delay)
        if isinstance(self.others[topic], dict):
            self.others[topic].update(json.loads(payload) if isinstance(payload, str) else payload)
        else:
            self.others[topic] = payload
        return self._client.publish(topic, _text(self.others[topic]), 1, retain=True)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
