"""Makes the venvs of the lab: wheels only, exact versions from `locks/`, hard-linked from one cache.

A venv counts only once its marker is written, so one that an interrupted run left behind is made again. A wheel that
the registry no longer has is left out by name.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.machine import HERE, REPOSITORY, LabError, cache, environment
from lab.store import Store

LOCKS = HERE / "locks"
MARKER = "lab-complete.json"


@dataclass(frozen=True, slots=True)
class Bench:
    """A finished venv."""

    path: Path
    key: str
    """Changes with everything in it."""
    left_out: tuple[str, ...] = ()
    """Requirements that the registry no longer has as wheels."""

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return next(self.path.glob("lib/python3.*/site-packages"))


def locked(half: str, minor: str = "3.12") -> tuple[str, ...]:
    """The exact requirements of one list for one Python."""
    lines = _lock(half, minor).read_text().splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _lock(half: str, minor: str) -> Path:
    return LOCKS / (f"{half}.txt" if minor == "3.12" else f"{half}-{minor}.txt")


def standalone(store: Store, minor: str) -> Path:
    """A Python outside the store, as a person downloads it: a copy of the store's relocatable one."""
    source = store[f"standalone{minor.replace('.', '')}"]
    folder = cache() / "pythons" / f"{minor}-{source.name[:8]}"
    if not (folder / MARKER).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", str(source), str(folder)], check=True)
        subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
        (folder / MARKER).write_text("{}")
    return folder / "bin" / f"python{minor}"


def interpreters(store: Store) -> dict[str, Path]:
    """The Pythons that a venv may be made from, by the name that scenarios use."""
    return {
        "nix312": store["nixPython312"] / "bin/python3.12",
        "nix311": store["nixPython311"] / "bin/python3.11",
        "standalone312": standalone(store, "3.12"),
        "standalone311": standalone(store, "3.11"),
        "env-old": store["envOld312"] / "bin/python3.12",
        "env-new": store["envNew312"] / "bin/python3.12",
    }


def tool(store: Store) -> Bench:
    """The venv of a store Python that holds the project itself (editable) and uv; every root can run it."""
    python = interpreters(store)["nix312"]
    key = _digest(str(python), str(REPOSITORY), (REPOSITORY / "pyproject.toml").read_text())
    bench = Bench(cache() / "tool" / key[:12], key)
    if (bench.path / MARKER).exists():
        return bench
    shutil.rmtree(cache() / "tool", ignore_errors=True)
    _run([python, "-m", "venv", bench.path])
    _run([bench.python, "-m", "pip", "install", "-q", "uv"])
    _run([bench.path / "bin/uv", "pip", "install", "-q", "--python", bench.python, "-e", REPOSITORY])
    (bench.path / MARKER).write_text("{}")
    return bench


def venv(store: Store, name: str, python: Path, requirements: Sequence[str]) -> Bench:
    """A venv `name` of `python` with exactly these requirements (`name==version`), made once."""
    key = _digest(str(python), *requirements)
    bench = Bench(cache() / "venvs" / f"{name}-{key[:8]}", key)
    marker = bench.path / MARKER
    if marker.exists():
        return Bench(bench.path, key, tuple(json.loads(marker.read_text())["left_out"]))
    for stale in (cache() / "venvs").glob(f"{name}-????????"):
        shutil.rmtree(stale)
    make_venv(bench.path, python)
    left_out = install(store, bench, requirements)
    marker.write_text(json.dumps({"left_out": left_out}))
    return Bench(bench.path, key, left_out)


def make_venv(path: Path, python: Path) -> Bench:
    """An empty venv, as `python -m venv` makes it."""
    _run([python, "-m", "venv", "--without-pip", path])
    return Bench(path, "")


def install(store: Store, bench: Bench, requirements: Sequence[str], *, copies: bool = False) -> tuple[str, ...]:
    """Installs exact requirements, wheels only; returns those that the registry no longer has.

    `copies`: for a venv whose files will be changed in place; else they are hard links into the cache that all share.
    """
    wanted = list(requirements)
    left_out: list[str] = []
    while wanted:
        mode = "copy" if copies else "hardlink"
        options = ["-q", "--link-mode", mode, "--no-deps", "--only-binary", ":all:"]
        child = uv(store, "pip", "install", *options, "--python", bench.python, *wanted)
        if child.returncode == 0:
            break
        gone = [requirement for requirement in wanted if _blamed(requirement, child.stderr)]
        if not gone:
            raise LabError(f"the wheels of {bench.path.name} could not be installed:\n{child.stderr[-2000:]}")
        left_out += gone
        wanted = [requirement for requirement in wanted if requirement not in gone]
    return tuple(left_out)


def _blamed(requirement: str, message: str) -> bool:
    """Whether uv's message names this requirement: `name==version`, or `name` was not found in the registry."""
    name = re.escape(requirement.split("==")[0])
    flat = re.sub(r"\s+", " ", message)
    absent = rf"no version of {name}(\[|==| )|{name}\S* has no (usable )?wheels|{name} was not found|`{name}(==[^`]*)?`"
    return re.search(absent, flat, re.IGNORECASE) is not None


def lock(store: Store, half: str, names: Sequence[str], minor: str = "3.12") -> None:
    """Writes the exact versions of one list anew, from what the registry has today."""
    given = "\n".join(names)
    command = [
        "pip",
        "compile",
        "-q",
        "-",
        "--only-binary",
        ":all:",
        "--python-version",
        minor,
        "--no-header",
        "--no-annotate",
    ]
    child = uv(store, *command, text=given)
    if child.returncode != 0:
        raise LabError(f"the versions of {half} could not be resolved:\n{child.stderr[-2000:]}")
    _lock(half, minor).write_text(child.stdout)


def uv(store: Store, *words: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the lab's own uv with its cache beside the venvs, so that wheels are hard-linked."""
    command = [str(tool(store).path / "bin/uv"), *map(str, words)]
    env = environment(UV_CACHE_DIR=str(cache() / "uv"), UV_NO_CONFIG="1", UV_LINK_MODE="hardlink")
    return subprocess.run(command, capture_output=True, text=True, env=env, input=text, check=False, cwd=cache())


def _run(command: Sequence[str | Path]) -> None:
    child = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment(), check=False)
    if child.returncode != 0:
        raise LabError(f"{' '.join(map(str, command))} failed:\n{child.stderr[-2000:]}")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
