"""uv2nix: a Python environment that Nix builds from uv.lock, each wheel with the libraries that it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding
from nixpydoctor.remedies.common import python_attribute, template
from nixpydoctor.remedies.locked import overrides, spoken_of, unlocked
from nixpydoctor.remedies.replaced import from_nixpkgs
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

_KNOWN = 1
"""The format of uv.lock that uv2nix is known here to read."""


@remedy("let Nix build what uv.lock names")
def uv2nix(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Replaces the world, so it is assumed; the libraries found missing become overrides."""
    why = unlocked(case, findings, "uv.lock") or _too_new(case)
    if why:
        yield NotHere(why)
        return
    project = case.facts.project
    needs = overrides(case, findings, "override_attrs.nix", "        ")
    used = spoken_of(case, "uv2nix")
    if used and not needs:
        yield NotHere(f"{used} uses it already, and no library is missing that nixpkgs could supply")
        return
    kernel = "darwin" if case.facts.platform.system == "darwin" else "linux"
    system = f"{case.facts.platform.machine.replace('arm64', 'aarch64')}-{kernel}"
    values = {"python": python_attribute(case), "system": system, "overrides": needs}
    text = template("uv2nix.part.nix" if used else "uv2nix.flake.nix", **values)
    there = project is not None and "flake.nix" in project.files
    yield Treatment(
        remedy=uv2nix,
        reach=Reach.PROJECT,
        instructions=template(
            "uv2nix_part.md" if used else "uv2nix.md",
            file=used,
            place="You have a `flake.nix`: take its inputs and outputs into yours." if there else "",
            text=text,
        ),
        after=from_nixpkgs(case),
        basis="assumed",
        assumes=("uv.lock names what is installed here", "each source without a wheel builds"),
        files=(Snippet(used or "flake.nix", text),),
        scope="replaces the venv, and no variable",
    )


def _too_new(case: Case) -> str:
    """A sentence about a lock of a later format; empty for one that is known or cannot be told."""
    project = case.facts.project
    text = case.disk.text(join(project.root, "uv.lock")) if project is not None else None
    said = re.match(r"\s*version\s*=\s*(\d+)", text) if isinstance(text, str) else None
    if said is None or int(said[1]) <= _KNOWN:
        return ""
    return f"uv.lock has format {said[1]}, and only format {_KNOWN} is known here"
