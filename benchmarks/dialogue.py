"""How well the learnt policies do on stories that they have not seen.

    python -m benchmarks.dialogue [--folds 5] [--seed 0] [--json OUT]

The project's stories are dealt into folds. For each fold the policies are trained on the other
stories and on all rules, with `config.yml` as it is and with rules alone, and asked what follows
in the fold's stories. `action_accuracy` counts each action that was to be predicted,
`conversation_accuracy` the stories with none of them wrong; `learnt` counts only the actions that
rules alone get wrong, which is what stories are there for.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks import options, runner
from benchmarks.datasets import checksum
from benchmarks.table import markdown, say

COLUMNS = ("stories", "actions", "action_accuracy", "conversation_accuracy", "learnt")
KEYS = ("system",)
SYSTEMS = {"policies": None, "rules alone": ("RulePolicy",)}
"""The policies of `config.yml`: all, or those named."""

Stories = list[dict[str, Any]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints a table, writes a record for each system."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--project", type=Path, default=runner.ROOT, help="domain.yml and data/")
    parser.add_argument("--folds", type=options.positive, default=5)
    parser.add_argument("--seed", type=int, default=0, help="how the stories are dealt")
    parser.add_argument("--json", type=Path, help="where to write the records")
    chosen = parser.parse_args(arguments)
    stories = read_stories(chosen.project)
    if len(stories) < chosen.folds or chosen.folds < 2:
        say(f"{len(stories)} stories cannot be dealt into {chosen.folds} folds of use.")
        return 2
    outcomes: dict[str, list[dict[str, Any]]] = {system: [] for system in SYSTEMS}
    for number, (train, held) in enumerate(deal(stories, chosen.folds, chosen.seed), start=1):
        for system, names in SYSTEMS.items():
            outcomes[system] += measure(chosen.project, train, held, names)
            say(f"Fold {number} of {chosen.folds}, {system}: done.")
    by_rules = {one["story"]: one["right"] for one in outcomes["rules alone"]}
    shared = {
        "benchmark": "dialogue",
        "folds": chosen.folds,
        "seed": chosen.seed,
        "data_sha256": checksum(story_files(chosen.project)),
        **runner.circumstances(),
    }
    records = [
        {**shared, "system": system, **figures(told, by_rules)} for system, told in outcomes.items()
    ]
    if chosen.json:
        runner.write_records(records, chosen.json)
    say(markdown(records, COLUMNS, KEYS))
    return 0


def story_files(project: Path) -> list[Path]:
    """The files with the project's stories, in order."""
    return sorted((project / "data" / "stories").rglob("*.yml"))


def read_stories(project: Path) -> Stories:
    """All stories of a project."""
    found: Stories = []
    for path in story_files(project):
        found += (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("stories") or []
    return found


def deal(stories: Stories, folds: int, seed: int) -> list[tuple[Stories, Stories]]:
    """Deals stories into folds; for each, what to train on and what is held out."""
    dealt = list(stories)
    random.Random(seed).shuffle(dealt)
    parts = [dealt[number::folds] for number in range(folds)]
    return [
        ([story for other in parts if other is not part for story in other], part) for part in parts
    ]


def figures(told: Sequence[dict[str, Any]], by_rules: dict[str, list[bool]]) -> dict[str, Any]:
    """The figures of one system.

    Args:
        told: For each story, whether each of its actions was predicted right.
        by_rules: The same by the rules alone, by the story's name.
    """
    actions = [right for one in told for right in one["right"]]
    hard = [
        right
        for one in told
        for right, easy in zip(one["right"], by_rules[one["story"]], strict=True)
        if not easy
    ]
    return {
        "stories": len(told),
        "actions": len(actions),
        "action_accuracy": sum(actions) / len(actions),
        "conversation_accuracy": sum(all(one["right"]) for one in told) / len(told),
        "learnt": sum(hard) / len(hard) if hard else None,
    }


def measure(
    project: Path, train: Stories, held: Stories, names: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Trains on some stories and asks about others, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="parley-dialogue-") as place:
        folder = Path(place)
        write_project(project, train, names, folder)
        (folder / "held.yml").write_text(_as_yaml(held), encoding="utf-8")
        outcome = runner.run_job("predict_actions", {"folder": place}, folder)
    told: list[dict[str, Any]] = outcome["told"]
    return told


def write_project(project: Path, train: Stories, names: Sequence[str] | None, folder: Path) -> None:
    """Writes what is trained: domain, rules, some stories, and the policies asked for."""
    (folder / "data").mkdir()
    (folder / "data" / "stories.yml").write_text(_as_yaml(train), encoding="utf-8")
    for path in sorted((project / "data" / "rules").rglob("*.yml")):
        (folder / "data" / f"rules-{path.name}").write_bytes(path.read_bytes())
    (folder / "domain.yml").write_bytes((project / "domain.yml").read_bytes())
    config = yaml.safe_load((project / "config.yml").read_text(encoding="utf-8"))
    config["policies"] = [
        policy for policy in config["policies"] if names is None or policy["name"] in names
    ]
    (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")


def _as_yaml(stories: Stories) -> str:
    return str(yaml.safe_dump({"version": "3.1", "stories": stories}, sort_keys=False))


def predict_actions(job: dict[str, Any]) -> dict[str, Any]:
    """The worker's task: trains, and says for each held-out story which actions were right."""
    folder = Path(job["folder"])
    os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
    from rasa.core.agent import Agent
    from rasa.model_training import train_core

    model = train_core(
        str(folder / "domain.yml"),
        str(folder / "config.yml"),
        str(folder / "data"),
        str(folder / "models"),
    )
    if model is None:
        raise SystemExit("Rasa trained nothing.")
    return {"told": asyncio.run(_replay(Agent.load(model), folder / "held.yml"))}


async def _replay(agent: Any, stories: Path) -> list[dict[str, Any]]:
    """Walks through the stories as they are told, asking at each action what the bot would do.

    As `rasa test core` does it, by its own function: a wrong prediction is noted, and the walk
    goes on as the story is told. Listening counts too, for a bot that goes on talking is wrong.
    """
    from rasa.core.test import _create_data_generator, _predict_tracker_actions

    told = []
    for tracker in _create_data_generator(str(stories), agent).generate_story_trackers():
        store, *_ = await _predict_tracker_actions(tracker, agent)
        pairs = zip(store.action_targets, store.action_predictions, strict=True)
        told.append({"story": tracker.sender_id, "right": [is_ == was for is_, was in pairs]})
    return told


if __name__ == "__main__":
    sys.exit(main())
