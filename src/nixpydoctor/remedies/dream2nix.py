"""dream2nix: for a project that uses it already, the override with the libraries that a wheel lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.common import template
from nixpydoctor.remedies.locked import overrides, spoken_of
from nixpydoctor.remedies.replaced import from_nixpkgs, unfit, unsupplied
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

FILE = "python-libraries.nix"


@remedy("give dream2nix the libraries that are missing")
def dream2nix(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Its interface still changes, so it is not proposed to those who do not have it."""
    used = spoken_of(case, "dream2nix")
    why = unfit(case) or unsupplied(case, findings, wheels=True)
    needs = "" if why else overrides(case, findings, "override_module.nix", "      ")
    if why or not used:
        yield NotHere(why or "the project does not use it, and its interface still changes")
        return
    if not needs:
        yield NotHere("no library is missing that nixpkgs could supply")
        return
    text = template("dream2nix.nix", overrides=needs)
    yield Treatment(
        remedy=dream2nix,
        reach=Reach.PROJECT,
        instructions=template("dream2nix.md", file=used, own=FILE, text=text),
        after=from_nixpkgs(case),
        basis="assumed",
        assumes=("its lock names what is installed here", "this release of dream2nix has the pip module"),
        files=(Snippet(FILE, text),),
        scope="replaces the venv, and no variable",
    )
