"""What needs the lab's store runs only under `make lab`; the lab's own arithmetic is tested everywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab.scenario import Patient
    from lab.store import Store

_EVERYWHERE = {"test_comparison.py"}
_HERE = {path.name for path in Path(__file__).parent.glob("test_*.py")}
collect_ignore = [] if os.environ.get("NIXPYDOCTOR_LAB") else sorted(_HERE - _EVERYWHERE)


@pytest.fixture(scope="session")
def store() -> Store:
    """The lab's store, built before."""
    from lab import machine
    from lab.store import build

    return build(machine.survey())


@pytest.fixture(scope="session")
def packages(store: Store) -> Path:
    """The lab's nixpkgs."""
    from lab import nixpkgs

    return nixpkgs.assemble(store)


@pytest.fixture
def patient(store: Store) -> Iterator[Patient]:
    """A venv whose wheel lacks libstdc++, seen to fail; its folder is the project."""
    from lab import scenario

    name = "a_wheel_in_cpp_finds_no_libstdcxx_on_a_nix_python"
    plan = scenario.load(name)
    made = scenario.make(name, plan, store)
    (made.work / "home").mkdir()
    command = [made.fill(word) for word in plan["disease"]["run"]]
    assert made.root.run(command, made.env, home=made.work / "home").code == 1
    yield made
    scenario.discard(made.work)
