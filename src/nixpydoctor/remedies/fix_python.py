"""fix-python: somebody else's program that gives every object of a venv a RUNPATH with store folders.

What it does follows its one script (github.com/GuillaumeDesforges/fix-python, `fix-python`): libraries, folders of the
venv named `*.libs` and `lib`, and what was there, sorted by name; RPATH becomes RUNPATH.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath, Object, in_store, leaf, parent
from nixpydoctor.findings import Finding
from nixpydoctor.knowledge.sonames import Attribute
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import folder, listed, symbolic, template, wanted
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy


@remedy("let fix-python rewrite the search path of every object in the venv")
def fix_python(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """With our list of libraries, and without its own, which holds a C library."""
    venv, loader = case.facts.main.venv, case.process.loader
    libraries = wanted(case, findings)
    if not case.facts.platform.nix:
        yield NotHere("it needs Nix, and there is no Nix store here")
    elif venv is None:
        yield NotHere("it rewrites the objects of a venv, and this is none")
    elif loader is None or loader.family == "stub" or not in_store(loader.real):
        yield NotHere("this Python's loader is not the Nix store's: libraries of the store want the one that they know")
    elif not libraries:
        yield NotHere("no library is missing that nixpkgs could supply")
    else:
        attributes = dict.fromkeys(known.attr for known in libraries)
        text = template("fix_python.nix", libraries=listed(attributes, "  "))
        copied = case.process.executable.startswith(f"{venv.root}/")
        yield Treatment(
            remedy=fix_python,
            reach=Reach.VENV,
            instructions=template(
                "fix_python.md",
                libraries=text,
                venv=shlex.quote(venv.root),
                target=shlex.quote(case.facts.choice.target),
            ),
            after=replace(case.facts, disk=case.disk.overlay({**_rewritten(case, venv.root, libraries)})),
            basis="assumed",
            assumes=(
                "the libraries come from the nixpkgs that this Python comes from",
                *(["the copy of Python in the venv keeps its loader"] if copied else []),
            ),
            files=(Snippet("fix-python-libs.nix", text),),
            scope="reaches only objects in the venv",
        )


def _rewritten(case: Case, root: FsPath, libraries: Sequence[Attribute]) -> dict[FsPath, tuple[Object, ...]]:
    """Every object of the venv with the search path that it gets, and the libraries where they would be."""
    paths = [path for path in (*case.owners, case.process.executable) if path.startswith(f"{root}/")]
    folders = {parent(path) for path in paths if leaf(parent(path)) == "lib" or parent(path).endswith(".libs")}
    common = {*(folder(known) for known in libraries), *folders}
    changed: dict[FsPath, tuple[Object, ...]] = {**symbolic(case, libraries)}
    for path in paths:
        obj = case.object(path)
        if isinstance(obj, Elf) and obj.dynamic:
            had = (obj.runpath if obj.runpath is not None else obj.rpath or "").split(":")
            runpath = ":".join(sorted({*common, *had} - {""}))
            changed[path] = (replace(obj, rpath=None, runpath=runpath),)
    return changed
