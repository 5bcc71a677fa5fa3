"""poetry2nix: for a project that uses it already, the override with the libraries that a wheel lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.locked import overrides, spoken_of, unlocked
from nixpydoctor.remedies.replaced import from_nixpkgs
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

_KNOWN = 2
"""The generation of poetry.lock that poetry2nix is known here to read: `lock-version` 2.0 and 2.1."""


@remedy("give poetry2nix the libraries that are missing")
def poetry2nix(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Never for a new project: nobody maintains it."""
    used = spoken_of(case, "poetry2nix")
    why = unlocked(case, findings, "poetry.lock") or _too_new(case)
    needs = "" if why else overrides(case, findings, "override_python_attrs.nix", "  ")
    if why or not used:
        yield NotHere(why or "the project does not use it, and nobody maintains it any more")
        return
    if not needs:
        yield NotHere("no library is missing that nixpkgs could supply")
        return
    text = template("poetry2nix.part.nix", overrides=needs)
    yield Treatment(
        remedy=poetry2nix,
        reach=Reach.PROJECT,
        instructions=template("poetry2nix.md", file=used, text=text),
        after=from_nixpkgs(case),
        basis="assumed",
        assumes=("poetry.lock names what is installed here", "poetry2nix still reads this lock and this nixpkgs"),
        files=(Snippet(used, text),),
        scope="replaces the venv, and no variable",
    )


def _too_new(case: Case) -> str:
    """A sentence about a lock of a later generation; empty for one that is known or cannot be told."""
    project = case.facts.project
    text = case.disk.text(join(project.root, "poetry.lock")) if project is not None else None
    said = re.search(r'^lock-version\s*=\s*"(\d+)', text, re.MULTILINE) if isinstance(text, str) else None
    if said is None or int(said[1]) <= _KNOWN:
        return ""
    return f"poetry.lock has version {said[1]}, and nothing after version {_KNOWN} is known here"
