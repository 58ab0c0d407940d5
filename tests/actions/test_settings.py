"""The settings of the action server."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from actions.settings import PROJECT_ROOT, SettingsError, read_settings


def test_defaults_need_no_environment() -> None:
    settings = read_settings({})
    assert settings.database_url == f"sqlite:///{PROJECT_ROOT}/var/parley.db"
    assert settings.database_timeout == 5.0


def test_empty_variables_are_unset() -> None:
    assert read_settings({"PARLEY_DATABASE_URL": ""}) == read_settings({})


def test_environment_wins() -> None:
    variables = {"PARLEY_DATABASE_URL": "sqlite:///x.db", "PARLEY_DATABASE_TIMEOUT": "1.5"}
    settings = read_settings(variables)
    assert (settings.database_url, settings.database_timeout) == ("sqlite:///x.db", 1.5)


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan", "inf", "61"])
def test_useless_timeout_is_refused_by_name(value: str) -> None:
    with pytest.raises(SettingsError, match="PARLEY_DATABASE_TIMEOUT"):
        read_settings({"PARLEY_DATABASE_TIMEOUT": value})


def test_no_other_module_reads_the_environment() -> None:
    for path in (PROJECT_ROOT / "actions").rglob("*.py"):
        if path.name != "settings.py":
            assert not re.search(r"\bos\.environ|getenv", path.read_text(encoding="utf-8")), path


def test_importing_makes_no_files(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import actions.lists, actions.list_forms, actions.list_questions, actions.fallback\n"
        "import actions.mood, actions.storage.database"
    )
    database = tmp_path / "kept" / "parley.db"
    subprocess.run(
        [sys.executable, "-c", code, str(PROJECT_ROOT)],
        check=True,
        cwd=tmp_path,
        env={"PARLEY_DATABASE_URL": f"sqlite:///{database}", "PATH": "", "HOME": str(tmp_path)},
    )
    assert not database.parent.exists()
