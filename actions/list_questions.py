"""The questions of the lists skill that need to know what is on the user's lists."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.channels import buttons, fitting, most_named
from actions.items import singular_key
from actions.list_gathering import LIST, summaries_or_none
from actions.list_marking import MARKING, ONLY_DONE
from actions.speaking import count_things, join, speak_name


class ActionAskListName(Action):
    """Asks which list, and says which there are."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_list_name"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Asks."""
        lists = await summaries_or_none(tracker)
        if lists:
            names = [speak_name(summary.name) for summary in lists]
            fitting(dispatcher, tracker).utter_message(
                response="utter_ask_which_list",
                lists=join(names, most_named(tracker)),
                buttons=buttons(tracker, [(name, f"the {name} list") for name in names]),
            )
        else:
            dispatcher.utter_message(response="utter_ask_new_list")
        return []


class ActionAskConfirmClear(Action):
    """Asks whether a list shall really be cleared, and says how much is on it."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_clear_list_form_confirm_clear"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Asks."""
        name = str(tracker.get_slot(LIST) or "")
        lists = await summaries_or_none(tracker) or []
        there = next((s for s in lists if singular_key(s.name) == singular_key(name)), None)
        only_done = tracker.get_slot(MARKING) == ONLY_DONE
        size = (there.done if only_done else there.size) if there else 0
        are = "There is" if size == 1 else "There are"
        fitting(dispatcher, tracker).utter_message(
            response="utter_ask_confirm_clear_done" if only_done else "utter_ask_confirm_clear",
            list_name=speak_name(name),
            things=f"{are} {count_things(size)}",
        )
        return []
