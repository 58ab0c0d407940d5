"""Sums and units: the skill `time_and_numbers` on numbers."""

from __future__ import annotations

import asyncio
import logging
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.arithmetic import compute
from actions.conversions import Conversion, read_conversion
from actions.figures import shown, speak_decimal
from actions.speaking import join
from actions.sum_words import (
    DividedByZeroError,
    NoRealNumberError,
    NoSumError,
    TooLargeError,
)
from actions.units import Amount, OtherDimensionError, convert, settled, speak_unit

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

SUM_IN_TALK = "sum_in_talk"
"""The slot: what the last sum came to, as text; "times two" goes on with it."""

CONVERSION_IN_TALK = "conversion_in_talk"
"""The slot: {"amounts": [["5", "mile"]], "unit": "kilometre"}; "and in feet?" goes on with it."""

MOST_AMOUNTS = 5
LARGEST_AMOUNT = Decimal(10) ** 15

_ROUNDED = Context(prec=5)


class ActionCalculate(Action):
    """Does a sum."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_calculate"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Does it, or says why it cannot be done."""
        try:
            result = compute(tracker.latest_message, _decimal(tracker.get_slot(SUM_IN_TALK)))
        except DividedByZeroError:
            dispatcher.utter_message(response="utter_divided_by_zero")
            return []
        except NoRealNumberError:
            dispatcher.utter_message(response="utter_no_real_number")
            return []
        except TooLargeError:
            dispatcher.utter_message(response="utter_sum_too_large")
            return []
        except NoSumError as error:
            logger.debug("No sum: %s", error)
            dispatcher.utter_message(response="utter_no_sum")
            return []
        exact = shown(result.value) == result.value
        said = speak_decimal(result.value) + (" percent" if result.percent else "")
        dispatcher.utter_message(
            response="utter_sum" if exact else "utter_sum_about",
            sum=result.sum[:1].upper() + result.sum[1:],
            result=said,
        )
        return [SlotSet(SUM_IN_TALK, str(result.value))]


class ActionConvertUnits(Action):
    """Converts an amount into another unit."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_convert_units"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> Events:
        """Converts, or says what is missing."""
        said = read_conversion(tracker.latest_message)
        if said.money:
            dispatcher.utter_message(response="utter_no_exchange_rates")
            return []
        before = _before(tracker)
        amounts, unit = said.amounts or before.amounts, said.unit or before.unit
        if not amounts or not unit or len(amounts) > MOST_AMOUNTS:
            dispatcher.utter_message(response="utter_no_conversion")
            return []
        if any(abs(amount.value) > LARGEST_AMOUNT for amount in amounts):
            dispatcher.utter_message(response="utter_sum_too_large")
            return []
        try:
            # pint's registry takes a while to make, once: nobody else need wait for it.
            results = await asyncio.to_thread(_convert_all, amounts, unit)
        except (OtherDimensionError, InvalidOperation):
            dispatcher.utter_message(
                response="utter_units_differ",
                unit=speak_unit(amounts[0].unit, one=False),
                other=speak_unit(unit, one=False),
            )
            return []
        total = Amount(sum((r.value for r in results), Decimal(0)), results[0].unit)
        rounded = _round(total.value)
        dispatcher.utter_message(
            response="utter_converted" if rounded == total.value else "utter_converted_about",
            amount=join([speak_amount(settled(amount, total.unit)) for amount in amounts]),
            verb="is" if len(amounts) == 1 and abs(amounts[0].value) == 1 else "are",
            result=speak_amount(Amount(rounded, total.unit)),
        )
        kept = {"amounts": [[str(a.value), a.unit] for a in amounts], "unit": unit}
        return [SlotSet(CONVERSION_IN_TALK, kept)]


def speak_amount(amount: Amount) -> str:
    """Puts an amount into words: "8.05 kilometres", "1 mile"."""
    return f"{speak_decimal(amount.value)} {speak_unit(amount.unit, one=abs(amount.value) == 1)}"


def _convert_all(amounts: tuple[Amount, ...], unit: str) -> list[Amount]:
    return [convert(amount, unit) for amount in amounts]


def _round(value: Decimal) -> Decimal:
    """Two places behind the point, or three significant digits where that says more."""
    if abs(value) >= 1 or not value:
        return round(value, 2).normalize(_ROUNDED if abs(value) < 1000 else None)
    return Context(prec=3).plus(value).normalize()


def _before(tracker: Tracker) -> Conversion:
    kept = tracker.get_slot(CONVERSION_IN_TALK)
    if not isinstance(kept, dict):
        return Conversion()
    amounts = tuple(Amount(Decimal(value), unit) for value, unit in kept.get("amounts") or [])
    return Conversion(amounts, kept.get("unit"))


def _decimal(text: object) -> Decimal | None:
    try:
        return None if text is None else Decimal(str(text))
    except InvalidOperation:
        return None
