"""Programs that embed Python in every usual way: paths and the fate of imports are what they print when they run."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.embedders import KINDS, Embeddable, embeddables, embedder
from lab.hosts import NUMPY, environment_with, numpy
from lab.machine import Machine
from lab.machine import survey as machine
from lab.store import Store, build
from lab.wheels import venv
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts
from nixpydoctor.light import replace
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find

SAYS = (
    "import json, sys\n"
    "def can(name):\n    try: __import__(name)\n    except ImportError: return False\n    return True\n"
    "path = list(sys.path)\n"
    "print(json.dumps([sys.executable, sys.prefix, path, can('numpy'), can('labuser')]), flush=True)\n"
)
PATHS: Mapping[str, str] = {
    "debian": "/usr/bin:/bin",
    "pyenv": "{venv}/bin:/usr/bin:/bin",
    "nix": "{nix}/bin:/usr/bin:/bin",
    "withPackages": "{env}/bin:/usr/bin:/bin",
}
"""What the shell of each has first: NumPy is in the venv and in the environment."""
VARIABLES: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "the story's": {"PYTHONPATH": "{env}/lib/python3.12/site-packages:{user}", "PYTHONNOUSERSITE": "1"},
}
RUSTC = (1, 85)
"""What the PyO3 of today asks for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where packages are made."""

    work: Path
    store: Store


@pytest.fixture(scope="module")
def here() -> Machine:
    """This machine, looked at once."""
    return machine()


@pytest.fixture(scope="module")
def store(here: Machine) -> Store:
    """The lab's store, built before."""
    return build(here)


@pytest.fixture(scope="module")
def words(here: Machine, store: Store, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment of Nix with NumPy, a venv with NumPy, and a home with a user site for every minor."""
    place = Place(tmp_path_factory.mktemp("embedders"), store)
    bare = place.store["nixPython312"]
    env = environment_with(place, bare, "3.12", numpy(place, bare, "3.12"))
    bench = venv(place.store, "embedder", here.pythons["3.12"].prefix / "bin/python3.12", [NUMPY])
    home = place.work / "home"
    for minor in ("3.11", "3.12"):
        site = home / f".local/lib/python{minor}/site-packages"
        (site / "labuser-1.0.dist-info").mkdir(parents=True)
        (site / "labuser.py").write_text("")
        (site / "labuser-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: labuser\nVersion: 1.0\n")
        (site / "labuser-1.0.dist-info/RECORD").write_text("labuser.py,,\nlabuser-1.0.dist-info/METADATA,,\n")
    (home / "says.py").write_text(SAYS)
    user = f"{home}/.local/lib/python3.12/site-packages"
    return {"env": str(env), "nix": str(bare), "venv": str(bench.path), "home": str(home), "user": user}


@pytest.mark.parametrize("python", PATHS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_embedded_python_sees_what_is_predicted(
    kind: str, python: str, here: Machine, store: Store, words: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "pyo3-now" and (have := rustc()) < RUSTC:
        pytest.skip(f"the PyO3 of today wants Rust {RUSTC}, and this is {have}")
    inside: Embeddable = embeddables(store, here, Path(words["env"]))[python]
    program = embedder(store, kind, inside, SAYS)
    home = Path(words["home"])
    monkeypatch.chdir(home)
    for name, variables in VARIABLES.items():
        env = {key: value.format(**words) for key, value in variables.items()}
        env |= {"PATH": PATHS[python].format(**words), "HOME": str(home)}
        command = [str(program), *([str(home / "says.py")] if kind.startswith("pyo3") else [])]
        ran = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=True)
        facts = survey(replace(find(str(program), env, str(home)), beside=None), env)
        executable, prefix, entries, *fates = json.loads(ran.stdout.splitlines()[-1])
        host, seen = facts.main.host, facts.main.python
        assert host is not None
        assert seen is not None
        assert (host.executable, seen.prefix) == (executable, prefix), name
        assert [entry.path for entry in seen.path] == [os.path.abspath(entry) for entry in entries], name
        assert fate(facts, "numpy", "labuser") == fates, (name, ran.stderr)


def fate(facts: Facts, *names: str) -> list[bool]:
    """Whether each import succeeds, by the findings."""
    installed = {name for dist in facts.main.dists for name in dist.top_level}
    broken = {name for finding in diagnose(facts, remedies=()).findings for name in finding.breaks}
    return [name in installed and name not in broken for name in names]


def rustc() -> tuple[int, ...]:
    told = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(map(int, re.findall(r"\d+", told)[:2]))
