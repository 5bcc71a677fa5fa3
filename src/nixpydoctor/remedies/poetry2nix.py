"""poetry2nix: for a project that uses it already, the override with the libraries that a wheel lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.locked import overrides, spoken_of, unlocked
from nixpydoctor.remedies.replaced import from_nixpkgs
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy


@remedy("give poetry2nix the libraries that are missing")
def poetry2nix(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Never for a new project: nobody maintains it."""
    used = spoken_of(case, "poetry2nix")
    why = unlocked(case, findings, "poetry.lock")
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
