"""nix-python: one Python built by Nix with everything that is installed here, instead of wheels in a venv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.bindings import flake_input
from nixpydoctor.remedies.common import python_attribute, template
from nixpydoctor.remedies.nix_texts import Listing, listing, roots
from nixpydoctor.remedies.replaced import from_nixpkgs, unfit, unsupplied
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

FILE = "nix-python.nix"


@remedy("take Python and its distributions from nixpkgs")
def nix_python(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Replaces the world, so it is assumed; what nixpkgs lacks is built from what the installed metadata says."""
    why = unfit(case) or unsupplied(case, findings, wheels=False)
    dists = () if why else roots(case)
    if why or not dists:
        yield NotHere(why or "nothing is installed here that nixpkgs could bring instead")
        return
    told = listing(case, findings, dists)
    if not told.packages:
        yield NotHere("what is installed here are folders of the project alone")
        return
    text = expression(case, told)
    project = case.facts.project
    has_flake = project is not None and "flake.nix" in project.files
    system = f"{case.facts.platform.machine.replace('arm64', 'aarch64')}-{_kernel(case)}"
    flake = template("nix_python.flake.nix", nixpkgs=flake_input(case), system=system, file=FILE)
    yield Treatment(
        remedy=nix_python,
        reach=Reach.PROJECT,
        instructions=template(
            "nix_python.md",
            hashes=template("nix_python_hashes.md") if "fakeHash" in text else "",
            remarks="".join(f"\n{remark}\n" for remark in told.remarks),
            flake=f"\nWith the flake that you have, among its outputs:\n\n```nix\n{flake}```\n" if has_flake else "",
            file=FILE,
            text=text,
        ),
        after=from_nixpkgs(case),
        basis="assumed",
        assumes=(
            "nixpkgs has a build of each distribution, or the definition here builds",
            "its versions do for this project",
        ),
        files=(Snippet(FILE, text), *([Snippet("flake.nix", flake)] if has_flake else [])),
        scope="replaces the Python and what is installed for it, and no variable",
    )


def expression(case: Case, told: Listing) -> str:
    """The text of the file."""
    own = template("nix_python_own.nix", definitions=told.definitions) if told.definitions else ""
    return template("nix_python.nix", python=python_attribute(case), packages=told.packages, own=own)


def _kernel(case: Case) -> str:
    """The second half of Nix's name for this kind of machine."""
    return "darwin" if case.facts.platform.system == "darwin" else "linux"
