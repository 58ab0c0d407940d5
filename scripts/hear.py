"""Says what is heard in a recording, and what the assistant understands by it.

    python -m scripts.hear FILE.wav [--models models]

The assistant is that of the last training (`make train`), which has the recogniser's language model
in it.
"""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from scripts.console import complain, say
from scripts.freshness import newest_model
from scripts.project import ROOT
from voice.asr import Recognition, RecognizerError
from voice.audio import AudioError, read_wave
from voice.language import LanguageError
from voice.model import extract_language
from voice.sphinx import SphinxRecognizer
from voice.understanding import choose


def main(arguments: Sequence[str] | None = None) -> int:
    """Listens; 0 where something was understood, 1 where nothing was, 2 where it could not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    chosen = parser.parse_args(arguments)
    try:
        samples = read_wave(chosen.file)
        if (model := newest_model(chosen.models)) is None:
            raise LanguageError("There is no trained model: make train.")
        with tempfile.TemporaryDirectory(prefix="parley-voice-") as place:
            recognizer = SphinxRecognizer(extract_language(model, Path(place, "language")))
        heard = recognizer.recognize(samples)
    except (AudioError, LanguageError, OSError, RecognizerError) as error:
        complain(str(error))
        return 2
    meant, understood = asyncio.run(_understand(model, heard))
    say(tell(meant))
    if not meant.accepted:
        return 1
    say(understood)
    return 0


def tell(heard: Recognition) -> str:
    """What was heard in a few lines."""
    if not heard.text:
        return "Nobody spoke."
    lines = [
        f"Heard: {heard.text}" if heard.accepted else f"Not understood; at best: {heard.text}",
        f"  confidence {heard.confidence:.2f}, with {heard.source.value}",
    ]
    lines += [f"  or: {one.text}" for one in heard.alternatives[1:4]]
    return "\n".join(lines)


async def _understand(model: Path, heard: Recognition) -> tuple[Recognition, str]:
    """Which of the things that may have been said is meant, and what by it."""
    # Here, as loading Rasa takes seconds.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    agent = Agent.load(str(model))
    meant = await choose(heard, agent.parse_message)
    if not meant.accepted:
        return meant, ""
    read = await agent.parse_message(meant.text)
    intent = read["intent"]
    lines = [f"Understood: {intent['name']} ({intent['confidence']:.2f})"]
    lines += [f"  {one['entity']}: {one['value']}" for one in read["entities"]]
    return meant, "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
