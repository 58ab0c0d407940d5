"""What can be said of the deployment's files without the programs that they are for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.project import ROOT

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "parley"
DOCUMENTED = set(
    re.findall(r"`(PARLEY_\w+)`", (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8"))
)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


@pytest.mark.parametrize(
    "path",
    [*DEPLOY.glob("*.yml"), CHART / "Chart.yaml", CHART / "values.yaml"],
    ids=lambda path: path.name,
)
def test_they_are_yaml(path: Path) -> None:
    assert isinstance(yaml.safe_load(read(path)), dict)


def test_every_variable_is_documented() -> None:
    for path in [*DEPLOY.glob("*.yml"), DEPLOY / "env.example", *CHART.glob("**/*.*")]:
        named = set(re.findall(r"\bPARLEY_\w+", read(path)))
        assert named <= DOCUMENTED, path


def test_every_variable_of_compose_is_in_the_example_or_has_a_default() -> None:
    given = set(re.findall(r"^(\w+)=", read(DEPLOY / "env.example"), re.MULTILINE))
    used = re.findall(r"\$\{(\w+)([^}]*)\}", without_comments(read(DEPLOY / "compose.yml")))
    assert used
    for name, otherwise in used:
        assert name in given or otherwise.startswith(":-"), name


def test_a_server_is_given_all_that_its_endpoints_and_credentials_ask_for() -> None:
    asked = {
        name
        for file in ("endpoints.yml", "credentials.yml")
        for name in re.findall(r"\$\{(\w+)\}", without_comments(read(DEPLOY / file)))
    }
    services: dict[str, Any] = yaml.safe_load(read(DEPLOY / "compose.yml"))["services"]
    for name in ("rasa-1", "rasa-2"):
        assert asked <= set(services[name]["environment"])
    values = read(CHART / "values.yaml") + read(CHART / "templates" / "_helpers.tpl")
    assert asked <= set(re.findall(r"PARLEY_\w+", values))


def test_the_proxy_names_servers_that_there_are() -> None:
    services = yaml.safe_load(read(DEPLOY / "compose.yml"))["services"]
    servers = re.findall(r"server ([\w-]+):(\d+)", read(DEPLOY / "nginx.conf"))
    assert {name for name, _ in servers} == {"rasa-1", "rasa-2", "actions-1", "actions-2"}
    assert {name for name, _ in servers} <= set(services)


def test_the_image_has_all_of_the_code_and_asks_for_no_other() -> None:
    dockerfile = read(DEPLOY / "Dockerfile")
    copied = set(re.findall(r"^COPY (?!--)(\S+)", dockerfile, re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    # For who works on the training data, which is not in the image.
    packages -= {"tests", "benchmarks", "insight", "promotion", "review"}
    assert packages <= copied
    kept = set(re.findall(r"^!(\S+)", read(DEPLOY / "Dockerfile.dockerignore"), re.MULTILINE))
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in kept or any(name.startswith(f"{source}/") for name in kept), source
    assert re.search(r"^USER 10001", dockerfile, re.MULTILINE)
    assert "--require-hashes" in dockerfile


def test_every_value_that_the_chart_asks_for_is_there() -> None:
    values = yaml.safe_load(read(CHART / "values.yaml"))
    asked = set()
    for path in (CHART / "templates").glob("*"):
        asked |= set(re.findall(r"\.Values\.([\w.]+)", read(path)))
    assert asked
    for name in asked:
        there: Any = values
        for part in name.split("."):
            assert part in there, name
            there = there[part]


def test_every_template_that_the_chart_includes_is_there() -> None:
    text = "".join(read(path) for path in (CHART / "templates").glob("*"))
    assert set(re.findall(r'include "([\w.]+)"', text)) == set(
        re.findall(r'define "([\w.]+)"', text)
    )
    assert len(re.findall(r"\{\{-? (?:if|range|with|define)\b", text)) == len(
        re.findall(r"\{\{-? end\b", text)
    )
