"""A scenario: a folder named as a sentence, which makes a disease, proves it, and states what must be reported.

`scenario.toml` holds it all; where a venv with wheels is not enough, `prepare` in the module beside it, named as the
folder, goes on from there:

    root = "debian"                     where it happens: a name of `roots.ROOTS`
    python = "nix312"                   what the venv is made of: a name of `wheels.interpreters`
    wheels = ["numpy==2.3.2"]           exact, wheels only
    env = { NAME = "{gccLib}/lib" }     variables of the process and of the check
    target = "{venv}"                   what is checked
    files = { "/etc/x" = "text" }       what stands at these paths of the root, which hold something already
    awaits = "a rule for …"             the disease is proved, and nothing reports it yet: fails once something does
    explains = "whole"                  its last line alone says nothing of what is wrong; "nothing": nor does the rest

    [disease]
    run = ["{python}", "-c", "…"]       really run, in the root, before anything is checked
    exit = 1
    says = ['regular expression', …]    each must be found in what it printed

    [cure]                              what the report says to do for it is done, and then the same runs; [[cure]]
                                        where more than one of its offers is tried
    remedy = "clean-path"               the offer whose first shell block is executed
    forms = 2                           where it is offered in more than one form: each is tried, one after the other
    exit = 0
    folder = "{app}"                    where the files that it prints are written, and lines for a Cargo.toml added
    arguments = "numpy"                 where the block starts the program itself: what it is given
    before = "cd {work}; "              what the shell does before the block
    run = ["{work}/made"]               what runs afterwards instead

    [[report]]                          each must be among the findings: the fields given, `breaks` as a subset
    rule = "NPD101"

    [whole]
    exit = 1                            of the check
    silent = ["NPD109"]                 rules that must not speak; "loud" forbids every error and warning
    offers = ["library-path"]           remedies that must be offered
    not_offered = ["nix-ld"]

In every text `{venv}`, `{python}`, `{work}`, the attributes of store.nix and the names of the Pythons are filled in.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lab.machine import HERE, cache
from lab.roots import Root, RootName
from lab.store import Store
from lab.wheels import Bench, install, interpreters, make_venv

FOLDER = HERE / "scenarios"


@dataclass
class Patient:
    """What a scenario has made so far; `prepare` may go on with it and change every field."""

    work: Path
    """A folder of its own, removed afterwards."""
    store: Store
    root: Root
    bench: Bench
    env: dict[str, str]
    target: str
    words: dict[str, str] = field(default_factory=dict)
    """What `{name}` means in the scenario's texts."""

    @property
    def site_packages(self) -> Path:
        return self.bench.site_packages

    def fill(self, text: str) -> str:
        """The text with every `{name}` replaced."""
        for name, value in self.words.items():
            text = text.replace(f"{{{name}}}", value)
        return text


def names() -> list[str]:
    """Every scenario."""
    return sorted(folder.name for folder in FOLDER.iterdir() if (folder / "scenario.toml").exists())


def load(name: str) -> dict[str, Any]:
    """What a scenario's file says."""
    return tomllib.loads((FOLDER / name / "scenario.toml").read_text())


def make(name: str, plan: Mapping[str, Any], store: Store) -> Patient:
    """Makes the disease in a new folder."""
    work = cache() / "scenarios" / str(os.getpid()) / name  # another process may be making the same one
    discard(work)
    work.mkdir(parents=True)
    pythons = interpreters(store)
    python = pythons[plan["python"]]
    bench = make_venv(work / "venv", python)
    install(store, bench, plan.get("wheels", ()), copies=True)
    root = Root(cast(RootName, plan.get("root", "debian")), store, _files(work, plan.get("files", {})))
    words = {**store.variables(), **{known: str(path) for known, path in pythons.items()}}
    words |= {"work": str(work), "venv": str(bench.path), "python": str(bench.python), "base": str(python)}
    patient = Patient(work, store, root, bench, {}, str(bench.path), words)
    patient.env = {variable: patient.fill(value) for variable, value in plan.get("env", {}).items()}
    _prepare(name, patient)
    patient.target = patient.fill(plan.get("target", patient.target))
    return patient


def _files(work: Path, texts: Mapping[str, str]) -> tuple[tuple[str, Path], ...]:
    """Each text in a file of the scenario's own, beside the path that it shall stand at."""
    made = []
    for number, (path, text) in enumerate(texts.items()):
        source = work / f"file-{number}"
        source.write_text(text)
        made.append((path, source))
    return tuple(made)


def discard(work: Path) -> None:
    """Removes a scenario's folder, whatever it may hold."""
    if work.exists():
        for folder in [work, *(path for path in work.rglob("*") if path.is_dir() and not path.is_symlink())]:
            folder.chmod(0o755)
        shutil.rmtree(work)


def _prepare(name: str, patient: Patient) -> None:
    script = FOLDER / name / f"{name}.py"
    if not script.exists():
        return
    spec = importlib.util.spec_from_file_location(f"lab_prepare_{name}", script)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.prepare(patient)


def unmet(wanted: Mapping[str, Any], findings: list[dict[str, Any]]) -> bool:
    """Whether no finding has every field that is wanted; `breaks` may hold more names."""
    return not any(all(_fits(field, value, finding) for field, value in wanted.items()) for finding in findings)


def _fits(field: str, value: object, finding: Mapping[str, Any]) -> bool:
    have = finding[field]
    if isinstance(value, list):
        return set(value) <= set(have)
    if field in ("subject", "message"):
        return str(value) in (have or "")
    return bool(have == value)
