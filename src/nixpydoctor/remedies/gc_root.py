"""gc-root: garbage collector roots for the store paths that a venv needs: its Python's, its libraries'."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import template
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy


@remedy("keep the venv's Python from garbage collection")
def gc_root(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """A registered link inside of the venv: it goes when the venv goes."""
    venv, libraries = case.facts.main.venv, sorted(case.facts.unrooted)
    if venv is None or (venv.held is None and not libraries):
        yield NotHere("no store path that could be collected is needed by a venv here")
        return
    if venv.roots and not libraries:
        yield NotHere(f"{venv.roots[0]} keeps {venv.held} already")
        return
    paths = [*([venv.held] if venv.held is not None and not venv.roots else []), *libraries]
    root = join(venv.root, "nix-base")
    project = case.facts.project
    nix = [name for name in ("flake.nix", "shell.nix", "default.nix") if project is not None and name in project.files]
    yield Treatment(
        remedy=gc_root,
        reach=Reach.VENV,
        instructions=template(
            "gc_root.md",
            paths=shlex.join(paths),
            root=shlex.quote(root),
            use="use flake" if nix[:1] == ["flake.nix"] else "use nix",
            direnv=template("gc_root_direnv.md", use="use flake" if nix[0] == "flake.nix" else "use nix")
            if nix
            else "",
            target=shlex.quote(case.facts.choice.target),
        ),
        after=replace(
            case.facts, main=replace(case.facts.main, venv=replace(venv, roots=venv.roots or (root,))), unrooted={}
        ),
        scope="keeps store paths that are there from being collected",
    )
