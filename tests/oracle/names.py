"""Holds the import model against a target Python's own `find_spec`, for every top-level name that either side knows.

As a script: `python tests/oracle/names.py PYTHON …` judges real environments and prints figures and every difference.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from nixpydoctor.facts import Facts
from nixpydoctor.imports import Module
from nixpydoctor.imports.winners import Winners
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find

JUDGE = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import importlib.util, os
names = set(sys.stdin.read().split("/")) | set(sys.builtin_module_names)
for place in sys.path:
    if os.path.isdir(place):
        for name in os.listdir(place):
            names.add(name.partition(".")[0])
said = {}
for name in sorted(names):
    if not name or name == "__main__":
        continue
    try:
        spec = importlib.util.find_spec(name)
    except Exception as error:
        said[name] = ["raised", str(error), None]
        continue
    if spec is None:
        said[name] = None
        continue
    places = spec.submodule_search_locations
    maker = type(spec.loader).__module__ if not isinstance(spec.loader, type) else spec.loader.__module__
    said[name] = [maker, spec.origin, None if places is None else list(places)]
print("\\n" + ascii(said))
"""
"""Runs in the Python in question: name → whose loader, origin, places; None where none is found."""

_OWN = ("importlib", "_frozen_importlib", "zipimport")


@dataclass
class Agreement:
    """What came of one environment."""

    asked: int = 0
    found: int = 0
    wrong: list[tuple[str, object, object]] = field(default_factory=list)
    """(name, what the model says, what the Python says)."""


def judged(facts: Facts, environ: Mapping[str, str]) -> Agreement:
    """Asks the facts' Python about every name."""
    assert facts.main.python is not None
    model = Winners(facts.main, facts.disk)
    child = subprocess.run(
        [facts.main.python.command, "-B", "-c", JUDGE],
        input="/".join(sorted(model.names)),
        capture_output=True,
        text=True,
        env={**environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8:surrogateescape"},
        check=False,
    )
    assert child.returncode == 0, child.stderr
    outcome = Agreement()
    for name, said in ast.literal_eval(child.stdout.splitlines()[-1]).items():
        outcome.asked += 1
        outcome.found += said is not None
        winner = model.winner(name)
        mine = plain(winner.module if winner is not None else None, name in facts.main.python.frozen)
        if not agree(mine, said):
            outcome.wrong.append((name, mine, said))
        elif winner is not None and winner.entry is not None and winner.entry.provider != "hook":
            below = winner.module.path or (winner.module.places or ("",))[0]
            if not below.startswith(f"{winner.entry.path.rstrip('/')}/"):
                outcome.wrong.append((name, winner.entry, said))
    return outcome


def plain(module: Module | None, frozen: bool) -> list[Any] | None:
    """The model's answer in the judge's form."""
    if module is None:
        return None
    if frozen:
        return ["frozen", "frozen", None]
    if module.kind == "builtin":
        return ["builtin", "built-in", None]
    if module.kind == "hook":
        return ["hook", None, None]
    places = list(module.places) if module.places is not None else None
    return [module.kind, module.path or None, places]


def agree(mine: list[Any] | None, said: list[Any] | None) -> bool:
    """Whether both mean the same."""
    if mine is None or said is None:
        return mine is said
    if mine[0] == "hook":
        return not str(said[0]).startswith(_OWN)
    if mine[0] == "builtin":  # what the start itself imports has no origin in old versions
        return said[1] in ("built-in", None) and said[2] is None
    if mine[0] == "frozen":
        return bool(said[1] == "frozen")
    if said[0] == "_distutils_hack":  # it says where its package is, and not that it is one
        return bool(mine[1] == said[1])
    origin = None if said[1] == "namespace" else said[1]
    return bool(mine[1] == origin and mine[2] == said[2])


def surveyed(command: str, environ: Mapping[str, str], *, may_run: bool = True) -> Facts:
    """The facts about one Python."""
    return survey(find(None, environ, "/", command), environ, may_run=may_run)


def main(commands: Iterable[str]) -> int:
    """Judge each; 1 where the model was wrong anywhere."""
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON") or name == "PYTHONPATH"
    }
    failed = 0
    for command in commands:
        outcome = judged(surveyed(command, environ), environ)
        print(f"{command}: {outcome.asked} names, {outcome.found} found, {len(outcome.wrong)} wrong")
        for row in outcome.wrong:
            print("   ", *row, sep="\n      ")
        failed += bool(outcome.wrong)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
