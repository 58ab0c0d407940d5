"""What channels keep beside messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.messages import Incoming
from channels.store import ChannelStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> ChannelStore:
    return open_store(f"sqlite:///{tmp_path / 'channels.db'}", "line", 5.0)


def test_a_note_is_kept_until_another_takes_its_place(tmp_path: Path, store: ChannelStore) -> None:
    assert store.noted("thread:line~ada") is None
    store.note("thread:line~ada", 7)
    store.note("thread:line~bob", {"a": [1]})
    store.note("thread:line~ada", 8)
    again = open_store(f"sqlite:///{tmp_path / 'channels.db'}", "line", 5.0)
    assert again.noted("thread:line~ada") == 8
    assert again.noted("thread:line~bob") == {"a": [1]}
    other = open_store(f"sqlite:///{tmp_path / 'channels.db'}", "web", 5.0)
    assert other.noted("thread:line~ada") is None


def test_a_button_is_known_by_its_conversation_after_it_went_out_of_date(
    store: ChannelStore,
) -> None:
    store.queue("line~ada", [{"text": "?", "buttons": [{"title": "Yes", "payload": "/affirm"}]}])
    waiting = store.next_to_send("line~ada", "me")
    assert waiting is not None
    offer = waiting.reply["buttons"][0]["offer"]
    assert store.offered_in(offer) == "line~ada"
    assert store.pressed("line~bob", offer) is None
    assert store.offered_in("made up") is None
    # One that belongs to an answer goes out of date with the next.
    for number in (1, 2):
        store.write_down(Incoming("line~ada", (str(number),), {}))
        written = store.begin_next("line~ada", "me")
        assert written is not None
        buttons = [{"title": "No", "payload": "/deny"}] if number == 1 else []
        store.finish(written, [{"text": "?", "buttons": buttons}])
        if number == 1:
            store.mark_sent(waiting)
            answer = store.next_to_send("line~ada", "me")
            assert answer is not None
            offer = answer.reply["buttons"][0]["offer"]
            assert store.pressed("line~ada", offer) == ("/deny", "No")
    assert store.pressed("line~ada", offer) is None
    assert store.offered_in(offer) == "line~ada"
