"""The part that runs in Rasa: a response, in generated words where they can be trusted.

In `endpoints.yml`:

```yaml
nlg:
  type: nlg.generator.RephrasingGenerator
  url: http://localhost:5056/rephrase
```

Rasa's own callback sends the whole conversation away with each response, and says nothing at
all where the server fails. This one sends the response, the user's latest message and the mood,
waits two seconds at most, and says the response as it is written if anything is amiss.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import re
from typing import Any

import aiohttp
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.utils.endpoints import EndpointConfig

from nlg.checking import complaint

logger = logging.getLogger(__name__)

MOST_SECONDS = 2.0
"""How long a person waits for other words; then it is said as it is written."""

_NO_HELP = (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError, TypeError)
_PLACEHOLDER = re.compile(r"{([^{}\n]+?)}")


class RephrasingGenerator(TemplatedNaturalLanguageGenerator):
    """Rasa's responses, said in other words by a server of one's own."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        """Takes the responses of the domain and the server's address.

        Args:
            endpoint_config: `nlg:` in endpoints.yml; `url`, and `timeout` in seconds if two
                are too many.
            domain: Rasa's.

        Raises:
            InvalidConfigException: If there is no `url`, or a time-out of no use.
        """
        super().__init__(domain.responses)
        self._url = endpoint_config.url
        if not self._url:
            raise InvalidConfigException(
                "nlg in endpoints.yml has no 'url': give the address of the wording server, "
                "such as http://localhost:5056/rephrase."
            )
        timeout = endpoint_config.kwargs.get("timeout", MOST_SECONDS)
        if not isinstance(timeout, (int, float)) or not 0 < timeout <= MOST_SECONDS:
            raise InvalidConfigException(
                f"nlg in endpoints.yml has timeout '{timeout}': give seconds, more than 0 and "
                f"at most {MOST_SECONDS:g}."
            )
        self._timeout = float(timeout)

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """A response, filled in; in other words unless its metadata has `rephrase: false`.

        A response with buttons is said as it is written: its words and theirs belong together.
        """
        slots = tracker.current_slot_values()
        written = copy.deepcopy(self._random_response_for(utter_action, output_channel, slots))
        if written is None:
            return None
        template = str(written.get("text") or "")
        response: dict[str, Any] = self._fill_response(written, slots, **kwargs)
        wanted = (response.get("metadata") or {}).get("rephrase", True)
        if not template or not wanted or response.get("buttons") or kwargs.get("buttons"):
            return response
        known = {**slots, **kwargs}
        values = [str(known[name]) for name in _PLACEHOLDER.findall(template) if known.get(name)]
        other = await self._other_words(str(response["text"]), tracker)
        if other is None:
            return response
        reason = complaint(str(response["text"]), values, other)
        if reason is not None:
            logger.info("%s is said as it is written: %s.", utter_action, reason)
            return response
        return {**response, "text": other}

    async def _other_words(self, text: str, tracker: DialogueStateTracker) -> str | None:
        message = tracker.latest_message
        said = str(message.text or "") if message else ""
        request = {
            "text": text,
            "message": "" if said.startswith("/") else said,
            "mood": tracker.get_slot("sentiment") or "neutral",
        }
        limit = aiohttp.ClientTimeout(total=self._timeout)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(self._url, json=request, raise_for_status=True) as answer,
            ):
                words = (await answer.json())["text"]
        except (
            aiohttp.ClientError,
            asyncio.TimeoutError,
            ValueError,
            KeyError,
            TypeError,
        ) as error:
            logger.warning("The wording server is of no help: %s.", type(error).__name__)
            return None
        return words.strip() if isinstance(words, str) else None
