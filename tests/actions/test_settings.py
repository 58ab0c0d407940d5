"""The settings of the action server."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from actions.settings import PROJECT_ROOT, SettingsError, read_settings
from actions.settings.weather import read_weather_settings


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
        if path.parent.name != "settings":
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


# weather


def test_the_weather_asks_the_public_service_unless_told_otherwise() -> None:
    settings = read_weather_settings({})
    assert settings.weather_url == "https://api.open-meteo.com/v1/forecast"
    assert settings.geocoding_url == "https://geocoding-api.open-meteo.com/v1/search"
    assert (settings.place, settings.imperial) == ("", False)


def test_with_the_weather_off_no_place_is_looked_up_either() -> None:
    off = read_weather_settings({"PARLEY_WEATHER_URL": "OFF"})
    assert (off.weather_url, off.geocoding_url) == ("", "")
    places = read_weather_settings({"PARLEY_GEOCODING_URL": "off"})
    assert places.weather_url and not places.geocoding_url


def test_home_is_a_name_or_coordinates() -> None:
    for place in ("Berlin", "Springfield, Illinois", "52.52,13.41"):
        assert read_weather_settings({"PARLEY_PLACE": f" {place} "}).place == place


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PARLEY_WEATHER_URL", "api.open-meteo.com"),
        ("PARLEY_GEOCODING_URL", "ftp://example.org"),
        ("PARLEY_WEATHER_TIMEOUT", "0"),
        ("PARLEY_PLACE", "152.5,13.4"),
        ("PARLEY_PLACE", "52.5,nan"),
        ("PARLEY_UNITS", "nautical"),
    ],
)
def test_useless_settings_of_the_weather_are_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        read_weather_settings({variable: value})
