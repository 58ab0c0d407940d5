"""Reading texts: what is refused and how, what is drawn, what is handed to Rasa."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.datasets import (
    DatasetError,
    LabelledText,
    checksum,
    held_out,
    limited,
    read_nlu,
    read_split,
    split_paths,
    write_texts,
)
from benchmarks.importer import LabelledTextImporter
from tests.benchmarks.conftest import WriteSplit


def some(counts: dict[str, int]) -> list[LabelledText]:
    return [
        LabelledText(f"{label} {number}", label)
        for label, count in counts.items()
        for number in range(count)
    ]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"nowhere.train\.jsonl.*README"):
        read_split(tmp_path / "nowhere", "train")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{broken", "no JSON object"),
        ('{"intent": "greet"}', "no JSON object with a text"),
        ('"a string"', "no JSON object"),
        ("[1]", "no JSON object"),
        ('{"text": null, "intent": "greet"}', "text is None"),
        ('{"text": 3}', "text is 3"),
        ('{"text": "a", "entities": [{"start": 0}]}', "lacks its start, end or name"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "train.jsonl").write_text(f'{{"text": "fine"}}\n\n{line}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match=told) as caught:
        read_split(tmp_path, "train")
    assert "line 3" in str(caught.value)


def test_an_empty_file_and_other_encodings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("\n", encoding="utf-8")
    (tmp_path / "test.jsonl").write_bytes(b'{"text": "caf\xe9"}')
    with pytest.raises(DatasetError, match="holds no texts"):
        read_split(tmp_path, "train")
    with pytest.raises(DatasetError, match="not UTF-8"):
        read_split(tmp_path, "test")


def test_fields_are_read(write_split: WriteSplit) -> None:
    entity = {"start": 4, "end": 8, "entity": "item", "value": "milk"}
    folder = write_split(
        "train",
        [
            {"text": "buy milk", "intent": "buy", "entities": [entity], "sentiment": "neutral"},
            {"text": "fine\u2028day", "label": "positive"},
            {"text": "who knows"},
        ],
    )
    assert read_split(folder, "train") == [
        LabelledText("buy milk", "buy", [entity], "neutral"),
        LabelledText("fine\u2028day", "positive"),
        LabelledText("who knows", None),
    ]


def test_limited_sampling_takes_equal_shares() -> None:
    texts = some({"a": 50, "b": 3, "c": 50})
    found = limited(texts, 15)
    assert Counter(one.label for one in found) == {"a": 6, "b": 3, "c": 6}
    assert found == limited(texts, 15)
    assert len(set(found_texts := [one.text for one in found])) == len(found_texts)


def test_a_limit_beyond_the_texts_takes_them_all() -> None:
    texts = some({"a": 2, "b": 3})
    assert sorted(one.text for one in limited(texts, 99)) == sorted(one.text for one in texts)
    assert limited(texts, None) == texts


def test_held_out_shares_are_by_label_and_seeded() -> None:
    texts = some({"a": 40, "b": 8, "c": 1})
    learnt, tested = held_out(texts, 0.25, seed=1)
    assert Counter(one.label for one in tested) == {"a": 10, "b": 2}
    assert {one.text for one in learnt} | {one.text for one in tested} == {
        one.text for one in texts
    }
    assert len(learnt) + len(tested) == len(texts)
    assert (learnt, tested) == held_out(texts, 0.25, seed=1)
    assert tested != held_out(texts, 0.25, seed=2)[1]


def test_rasa_gets_the_texts_as_they_are(tmp_path: Path) -> None:
    entity = {"start": 4, "end": 8, "entity": "item"}
    texts = [
        LabelledText("see [here](http://x) {y}", "message", sentiment="positive"),
        LabelledText("- item: 'x' # no comment\nsecond line", "message"),
        LabelledText("buy milk", "buy", [entity]),
    ]
    path = tmp_path / "texts.json"
    write_texts(texts, path)
    examples = LabelledTextImporter(texts=str(path)).get_nlu_data().nlu_examples
    assert [one.get("text") for one in examples] == [one.text for one in texts]
    assert examples[0].get("metadata") == {"example": {"sentiment": "positive"}}
    assert examples[0].get("entities") is None
    assert examples[2].get("entities") == [entity]


def test_rasas_own_training_data_is_read(tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    path.write_text(
        """
version: "3.1"
nlu:
- intent: add
  metadata: {sentiment: neutral}
  examples:
  - text: |
      add [milk](item)
  - text: |
      no milk again
    metadata: {sentiment: negative}
- intent: bye
  examples: |
    - bye
""",
        encoding="utf-8",
    )
    (tmp_path / "stories.yml").write_text(
        'version: "3.1"\nstories:\n- story: a\n  steps:\n  - intent: bye\n', encoding="utf-8"
    )
    found = {one.text: one for one in read_nlu(tmp_path)}
    assert found["add milk"].entities[0]["entity"] == "item"
    assert {text: one.sentiment for text, one in found.items()} == {
        "add milk": "neutral",
        "no milk again": "negative",
        "bye": None,
    }


def test_missing_or_empty_training_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="There is no"):
        read_nlu(tmp_path / "nlu.yml")
    (tmp_path / "nlu.yml").write_text('version: "3.1"\n', encoding="utf-8")
    with pytest.raises(DatasetError, match="no examples"):
        read_nlu(tmp_path / "nlu.yml")


def test_the_checksum_notices_every_change(write_split: WriteSplit) -> None:
    folder = write_split("train", [{"text": "a"}])
    paths = split_paths(folder, ["train", "test"])
    before = checksum(paths)
    assert before == checksum(paths)
    write_split("test", [{"text": "b"}])
    with_test = checksum(paths)
    write_split("train", [{"text": "c"}])
    assert len({before, with_test, checksum(paths)}) == 3
    assert checksum([folder]) == checksum([folder])
