"""The files that make the project installable agree with each other."""

import re
import subprocess

import pytest
import tomli
from packaging.requirements import Requirement

from tests.scripts.conftest import ROOT

PROJECT = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE))
DEPENDENCIES = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["dependency-groups"]["dev"],
]


@pytest.mark.parametrize("dependency", DEPENDENCIES)
def test_lock_holds_each_direct_dependency(dependency: str) -> None:
    requirement = Requirement(dependency)
    pin = PINS[re.sub(r"[-_.]+", "-", requirement.name).lower()]
    assert requirement.specifier.contains(pin, prereleases=True), f"{pin}: run `make lock`"


def test_lock_names_no_registry() -> None:
    assert "://" not in LOCK
    assert "index-url" not in LOCK


def test_every_package_has_hashes() -> None:
    assert len(re.findall(r"^\S+==\S+.*\\\n {4}--hash=sha256:", LOCK, re.MULTILINE)) == len(
        re.findall(r"^\S+==\S+", LOCK, re.MULTILINE)
    )


def test_python_is_rasas() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.10,<3.11"


def test_make_alone_lists_the_targets() -> None:
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "chat", "train", "serve", "test", "lint", "types", "validate"):
        assert re.search(rf"^  make {target} +\S", told, re.MULTILINE), target


def test_ci_calls_make() -> None:
    assert re.search(r"^(time )?make test$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
