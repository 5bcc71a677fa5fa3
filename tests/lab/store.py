"""Builds `store.nix` and keeps the results rooted in the cache: a second run takes seconds.

Nothing is ever collected; a root is a link in the lab's own cache folder (nix-store(1), "indirect roots").
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.machine import HERE, LabError, Machine, cache, environment

STORE_NIX = HERE / "store.nix"


@dataclass(frozen=True, slots=True)
class Store:
    """The built derivations by their attribute in `store.nix`."""

    paths: dict[str, Path]

    def __getitem__(self, attribute: str) -> Path:
        return self.paths[attribute]

    def variables(self) -> dict[str, str]:
        """What `{gccLib}` and its like mean in a scenario."""
        return {name: str(path) for name, path in self.paths.items()}


def arguments(machine: Machine) -> list[str]:
    """The arguments of `store.nix` as nix-build wants them."""
    values = {"glibcSource": str(machine.glibc_source), "glibcVersion": machine.glibc_version}
    for minor, python in machine.pythons.items():
        digits = minor.replace(".", "")
        values |= {f"python{digits}": str(python.prefix), f"version{digits}": python.version}
    return [word for name, value in values.items() for word in ("--argstr", name, value)]


def build(machine: Machine) -> Store:
    """Builds whatever is missing; the slow part, glibc twice, takes some five minutes each on two cores."""
    names = _attributes(machine)
    roots = cache() / "roots"
    roots.mkdir(exist_ok=True)
    wanted = [word for name in names for word in ("-A", name)]
    command = ["nix-build", str(STORE_NIX), *wanted, "-o", str(roots / "lab"), *arguments(machine)]
    child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if child.returncode != 0:
        raise LabError(f"the lab's store could not be built:\n{child.stderr[-3000:]}")
    links = child.stdout.split()
    return Store({name: Path(link).resolve() for name, link in zip(names, links, strict=True)})


def private_copy(path: Path, work: Path) -> Path:
    """A store path with the same content that nothing keeps alive."""
    copy = work / f"{path.name.partition('-')[2]}-doomed-{os.getpid()}"
    subprocess.run(["cp", "-r", str(path), str(copy)], check=True)
    return add(copy)


def add(path: Path) -> Path:
    """The store path of a copy; nobody may collect meanwhile."""
    with open(adding(), "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        command = ["nix-store", "--add", str(path)]
        child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    return Path(child.stdout.strip())


def adding() -> Path:
    """Locked while something is added: any `nix-store --gc`, even one that only prints, removes what is half there."""
    return cache() / "adding"


def delete(path: Path) -> None:
    """Deletes exactly this store path, as a garbage collection would; Nix refuses where something keeps it alive."""
    subprocess.run(["nix-store", "--delete", str(path)], env=environment(), check=True, capture_output=True)


def _attributes(machine: Machine) -> list[str]:
    expression = f"builtins.attrNames (import {STORE_NIX} {{ {_as_nix(machine)} }})"
    command = ["nix-instantiate", "--eval", "--strict", "--json", "--expr", expression]
    child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if child.returncode != 0:
        raise LabError(f"store.nix does not evaluate:\n{child.stderr[-2000:]}")
    names: list[str] = json.loads(child.stdout)
    return names


def _as_nix(machine: Machine) -> str:
    words = arguments(machine)
    return " ".join(f"{name} = {json.dumps(value)};" for name, value in zip(words[1::3], words[2::3], strict=True))
