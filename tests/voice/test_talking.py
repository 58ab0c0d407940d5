"""Whole conversations in a room: real speech, real endpointing, real recognition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import pytest

from tests.voice.conftest import Say
from tests.voice.room import Room
from voice.asr import NOTHING_HEARD, Recognition
from voice.audio import Samples, seconds
from voice.speaking_engines import EspeakVoice
from voice.sphinx import SphinxRecognizer
from voice.talking import AskError, Event, Mode, Replies, State, Talk, unasked
from voice.tts import Sound
from voice.wake import WakeSpotter

LONG_ANSWER = (
    "It is quite late already, and there are many things that could be said about the lamp, "
    "the heating, the window and whatever else there is in this house of ours"
)


class Diary:
    """Writes down what is shown."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.texts: list[str] = []
        self.answers: list[str] = []
        self.troubles: list[str] = []
        self.loudest = 0.0

    def state(self, state: State) -> None:
        self.states.append(state)

    def level(self, loudness: float) -> None:
        self.loudest = max(self.loudest, loudness)

    def heard(self, heard: Recognition) -> None:
        self.texts.append(heard.text)

    def replied(self, replies: Replies) -> None:
        self.answers += [str(reply["text"]) for reply in replies.replies]

    def trouble(self, told: str) -> None:
        self.troubles.append(told)


@pytest.fixture(scope="module")
def answer() -> Sound:
    return asyncio.run(_spoken("It is done."))


@pytest.fixture(scope="module")
def long_answer() -> Sound:
    return asyncio.run(_spoken(LONG_ANSWER))


async def _spoken(text: str) -> Sound:
    return await EspeakVoice().say(text)


class Assistant:
    """Recognises what was said, and always gives the same answer."""

    def __init__(self, recognizer: SphinxRecognizer, answer: Sound) -> None:
        self.recognizer, self.answer = recognizer, answer
        self.asked: list[float] = []
        self.fails = 0

    async def ask(self, spoken: Samples) -> AsyncGenerator[Event, None]:
        self.asked.append(seconds(spoken))
        if self.fails:
            self.fails -= 1
            raise AskError("The assistant is away.")
        heard = self.recognizer.recognize(spoken)
        yield heard
        if not heard.accepted:
            yield Replies(({"text": "Sorry, I did not catch that."},))
            return
        yield Replies(({"text": "It is done."},))
        yield self.answer


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def assistant(recognizer: SphinxRecognizer, answer: Sound) -> Assistant:
    return Assistant(recognizer, answer)


@pytest.fixture(scope="module")
def spotter() -> WakeSpotter:
    return WakeSpotter("hey parley")


LAMP, TIME = "turn on the lamp in the kitchen", "what time is it"


async def test_hands_free_one_command_after_the_other(
    speak: Say, assistant: Assistant, diary: Diary
) -> None:
    room = Room()
    end = room.say(0.5, speak(LAMP), then=4)
    room.say(end + 4, speak(TIME), then=4)
    await Talk(assistant.ask, room, diary).run(room)
    assert diary.texts == [LAMP, TIME]
    assert diary.answers == ["It is done."] * 2
    turn = [State.HEARING, State.UNDERSTANDING, State.SPEAKING, State.LISTENING]
    assert diary.states == [State.LISTENING, *turn, *turn]
    assert room.heard_playing()
    assert diary.loudest > 1000


@pytest.mark.parametrize("noise", [0, 30, 200])
async def test_silence_is_nobody(assistant: Assistant, diary: Diary, noise: float) -> None:
    room = Room(noise=noise)
    room.length = 10
    await Talk(assistant.ask, room, diary).run(room)
    assert assistant.asked == []
    assert diary.states == [State.LISTENING]
    assert room.heard_playing() == []


async def test_a_noise_in_which_nothing_is_heard_is_not_answered(diary: Diary) -> None:
    async def ask(spoken: Samples) -> AsyncGenerator[Event, None]:
        yield NOTHING_HEARD
        yield Replies(({"text": "Nobody spoke."},))

    room = Room()
    room.say(1, np.random.default_rng(2).normal(0, 3000, 16_000).astype(np.int16))
    await Talk(ask, room, diary).run(room)
    assert diary.texts == [""]
    assert diary.answers == []


@pytest.mark.parametrize("delay", [0.03, 0.24])
@pytest.mark.parametrize("echo", [0.05, 0.4, 1.0])
async def test_it_does_not_hear_itself(
    speak: Say,
    recognizer: SphinxRecognizer,
    long_answer: Sound,
    diary: Diary,
    echo: float,
    delay: float,
) -> None:
    assistant, room = Assistant(recognizer, long_answer), Room(echo, delay)
    room.say(0.5, speak(TIME), then=long_answer.seconds + 4)
    await Talk(assistant.ask, room, diary).run(room)
    assert len(assistant.asked) == 1
    assert diary.texts == [TIME]
    assert len(room.heard_playing()) * 0.03 > 0.7 * long_answer.seconds


@pytest.mark.parametrize("echo", [0.0, 0.05, 0.1])
async def test_who_speaks_up_interrupts_and_is_heard(
    speak: Say, recognizer: SphinxRecognizer, long_answer: Sound, diary: Diary, echo: float
) -> None:
    assistant, room = Assistant(recognizer, long_answer), Room(echo)
    end = room.say(0.5, speak(TIME))
    begin = end + 3.5
    room.say(begin, speak(LAMP, around=0.0), then=3)
    await Talk(assistant.ask, room, diary).run(room)
    assert diary.texts == [TIME, LAMP]
    stopped = [at for at in room.heard_playing() if at < begin + 2]
    assert begin < stopped[-1] < begin + 1.0


async def test_a_door_that_falls_shut_does_not_interrupt(
    speak: Say, recognizer: SphinxRecognizer, long_answer: Sound, diary: Diary
) -> None:
    assistant, room = Assistant(recognizer, long_answer), Room()
    end = room.say(0.5, speak(TIME), then=long_answer.seconds + 3)
    bang = np.random.default_rng(3).normal(0, 15_000, 1600) * np.exp(-np.arange(1600) / 400)
    room.say(end + 3, bang.astype(np.int16))
    await Talk(assistant.ask, room, diary).run(room)
    assert len(assistant.asked) == 1


async def test_nothing_is_asked_without_the_wake_phrase(
    speak: Say, assistant: Assistant, diary: Diary, spotter: WakeSpotter
) -> None:
    room = Room()
    room.say(0.5, speak(LAMP))
    await Talk(assistant.ask, room, diary, spotter).run(room)
    assert assistant.asked == []
    assert set(diary.states) <= {State.WAITING}


@pytest.mark.parametrize("pause", [0.0, 1.0])
async def test_a_command_behind_the_wake_phrase(
    speak: Say, assistant: Assistant, diary: Diary, spotter: WakeSpotter, pause: float
) -> None:
    room = Room()
    end = room.say(0.5, speak("hey parley", around=0.0))
    end = room.say(end + pause, speak(TIME, around=0.05), then=5)
    # Within the patience that follows an answer, no phrase is needed; after it, one is.
    end = room.say(end + 4, speak(LAMP), then=11)
    room.say(end + 11, speak(TIME))
    await Talk(assistant.ask, room, diary, spotter).run(room)
    assert diary.texts == [TIME, LAMP]
    assert diary.states[-1] is State.WAITING


async def test_the_wake_phrase_interrupts(
    speak: Say, recognizer: SphinxRecognizer, long_answer: Sound, diary: Diary, spotter: WakeSpotter
) -> None:
    assistant, room = Assistant(recognizer, long_answer), Room()
    end = room.say(0.5, speak(f"hey parley, {TIME}"))
    end = room.say(end + 3, speak("hey parley", around=0.0))
    room.say(end + 0.7, speak(LAMP), then=2)
    await Talk(assistant.ask, room, diary, spotter).run(room)
    assert diary.texts == [TIME, LAMP]


async def test_push_to_talk(speak: Say, assistant: Assistant, diary: Diary) -> None:
    room = Room()
    talk = Talk(assistant.ask, room, diary, hands_free=False)
    assert talk.mode is Mode.PUSH
    end = room.say(0.5, speak(LAMP))
    room.do(end + 1, talk.press)
    end = room.say(end + 1.2, speak(TIME))
    await talk.run(room)
    assert diary.texts == [TIME]
    assert diary.states == [
        *(State.WAITING, State.LISTENING, State.HEARING),
        *(State.UNDERSTANDING, State.SPEAKING, State.WAITING),
    ]


async def test_a_second_press_ends_what_is_said(
    speak: Say, assistant: Assistant, diary: Diary
) -> None:
    room = Room()
    talk = Talk(assistant.ask, room, diary, hands_free=False)
    room.do(0.4, talk.press)
    end = room.say(0.5, speak(TIME, around=0.2), then=4)
    room.do(end, talk.press)
    await talk.run(room)
    assert diary.texts == [TIME]
    assert assistant.asked[0] < end


async def test_a_press_interrupts(
    speak: Say, recognizer: SphinxRecognizer, long_answer: Sound, diary: Diary
) -> None:
    assistant, room = Assistant(recognizer, long_answer), Room(echo=1.0)
    talk = Talk(assistant.ask, room, diary, hands_free=False)
    room.do(0.2, talk.press)
    end = room.say(0.5, speak(TIME), then=10)
    room.do(end + 2.5, talk.press)
    await talk.run(room)
    assert end + 1 < room.heard_playing()[-1] < end + 2.6
    assert diary.states[-2:] == [State.LISTENING, State.WAITING]


async def test_what_cannot_be_answered_is_told_and_it_goes_on(
    speak: Say, assistant: Assistant, diary: Diary
) -> None:
    assistant.fails = 1
    room = Room()
    end = room.say(0.5, speak(TIME))
    room.say(end + 3, speak(LAMP), then=4)
    await Talk(assistant.ask, room, diary).run(room)
    assert diary.troubles == ["The assistant is away."]
    assert diary.texts == [LAMP]


async def test_a_microphone_that_ends_in_the_middle_of_a_word(
    speak: Say, assistant: Assistant, diary: Diary
) -> None:
    room = Room()
    room.say(0.5, speak(LAMP), then=0)
    room.length = 2.0
    await Talk(assistant.ask, room, diary).run(room)
    assert len(assistant.asked) == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_who_ends_it_leaves_nothing_behind(
    speak: Say, recognizer: SphinxRecognizer, long_answer: Sound, diary: Diary
) -> None:
    assistant, room = Assistant(recognizer, long_answer), Room()
    end = room.say(0.5, speak(TIME), then=9)
    job = asyncio.ensure_future(Talk(assistant.ask, room, diary).run(room))
    room.do(end + 3, job.cancel)
    with pytest.raises(asyncio.CancelledError):
        await job
    assert diary.states[-1] is State.SPEAKING
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_falls_due_is_said_when_nobody_speaks(
    speak: Say, assistant: Assistant, diary: Diary, answer: Sound
) -> None:
    class Prepared:
        async def say(self, sentence: str) -> Sound:
            assert sentence == "Time for tea."
            return answer

    room = Room()
    talk = Talk(assistant.ask, room, diary)
    end = room.say(0.5, speak(LAMP, around=0.0), then=5)
    room.do(
        1.0, lambda: talk.tell(lambda: unasked(Replies(({"text": "Time for *tea*."},)), Prepared()))
    )
    await talk.run(room)
    assert diary.answers == ["It is done.", "Time for *tea*."]
    assert room.heard_playing()[0] > end
