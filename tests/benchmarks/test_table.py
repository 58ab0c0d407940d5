"""Records as tables, and the tables in a Markdown file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import tables
from benchmarks.table import averaged, markdown

RECORDS: list[dict[str, Any]] = [
    {"system": "parley", "dataset": "d", "seed": 0, "accuracy": 0.8, "ece": 0.02},
    {"system": "parley", "dataset": "d", "seed": 1, "accuracy": 0.9, "ece": 0.04},
    {"system": "diet", "dataset": "d", "seed": 0, "accuracy": 0.5, "parse_ms_p50": 7.25},
]


def test_rows_are_means_over_the_seeds() -> None:
    rows = averaged(RECORDS, ("accuracy", "ece"))
    assert [row["seeds"] for row in rows] == [2, 1]
    assert rows[0]["accuracy"] == pytest.approx(0.85)
    assert "ece" not in rows[1]


def test_other_settings_are_another_row() -> None:
    other = {**RECORDS[0], "settings": {"epochs": 1}}
    assert len(averaged([RECORDS[0], other], ("accuracy",))) == 2
    assert "epochs: 1" in markdown([RECORDS[0], other], ("accuracy",))


def test_a_table_in_markdown() -> None:
    assert markdown(RECORDS, ("accuracy", "ece", "parse_ms_p50", "oos_auroc")) == "\n".join(
        [
            "| system | dataset | seeds | accuracy | ece   | parse ms p50 |",
            "| ---    | ---     | ---   | ---      | ---   | ---          |",
            "| parley | d       | 2     | 85.0     | 0.030 |              |",
            "| diet   | d       | 1     | 50.0     |       | 7.2          |",
        ]
    )


def test_notes_cannot_break_a_table() -> None:
    assert "a \\| b" in markdown([{"encoder": "e", "note": "a | b"}], ("note",), ("encoder",))


def written(folder: Path) -> tuple[Path, Path]:
    results = folder / "results"
    results.mkdir()
    shared = {"benchmark": "intents", "commit": "abc", "machine": "m", "data_sha256": "0" * 64}
    (results / "one.json").write_text(
        json.dumps([{**record, **shared, "changed": False} for record in RECORDS]),
        encoding="utf-8",
    )
    page = folder / "page.md"
    page.write_text(
        "Before.\n\n<!-- results: one -->\nold\n<!-- end -->\n\nBetween.\n\n"
        "<!-- results: two -->\n<!-- end -->\nAfter.\n",
        encoding="utf-8",
    )
    return page, results


def test_tables_are_written_between_their_markers(tmp_path: Path) -> None:
    page, results = written(tmp_path)
    assert tables.main([str(page), "--results", str(results), "--check"]) == 1
    assert tables.main([str(page), "--results", str(results)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "| parley | d       | 2     | 85.0" in text
    assert "Commit abc; m;" in text
    assert "old" not in text
    assert text.startswith("Before.\n\n<!-- results: one -->\n|")
    assert f"<!-- results: two -->\n{tables.NOT_YET}\n<!-- end -->\nAfter.\n" in text
    assert tables.main([str(page), "--results", str(results), "--check"]) == 0
    assert tables.main([str(page), "--results", str(results)]) == 0
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("content", ["{", "[]", "{}", '[{"benchmark": "other"}]'])
def test_broken_results_are_named(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page, results = written(tmp_path)
    before = page.read_text(encoding="utf-8")
    (results / "one.json").write_text(content, encoding="utf-8")
    assert tables.main([str(page), "--results", str(results)]) == 2
    assert "one.json" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == before


def test_the_projects_own_page_is_what_its_results_say() -> None:
    assert tables.main(["--check"]) == 0
