"""Actions of a small assistant that takes orders; the tests read them, and run nothing."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

ORDERS = "orders"


class Order(Action):
    """Takes an order."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_order"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Counts the order, and says its size."""
        size = tracker.get_slot("size")
        if size in ("small", "large"):
            dispatcher.utter_message(response=f"utter_{size}")
        return [SlotSet(ORDERS, (tracker.get_slot(ORDERS) or 0) + 1)]


class TellWeather(Action):
    """Tells the weather."""

    def name(self) -> str:
        """Returns the action's name."""
        return "action_tell_weather"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Is hopeful."""
        dispatcher.utter_message(response="utter_sunny")
        return []
