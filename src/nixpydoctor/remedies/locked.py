"""What the remedies for projects with a lock share: which distribution lacks what, and what the project's Nix says."""

from __future__ import annotations

from collections.abc import Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.facts import join
from nixpydoctor.findings import Finding
from nixpydoctor.knowledge.nixpkgs_python import selected
from nixpydoctor.remedies.common import listed, template, wanted
from nixpydoctor.remedies.replaced import unfit, unsupplied

_NIX = ("flake.nix", "shell.nix", "default.nix")


def overrides(case: Case, findings: Sequence[Finding], form: str, indent: str) -> str:
    """Nix text of an attribute set's bindings, one for each distribution that lacks a library; may be empty.

    `form` is the template of one binding.
    """
    by_dist: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.dist is not None and finding.dist != PYTHON:
            by_dist.setdefault(finding.dist, []).append(finding)
    out: list[str] = []
    for dist, own in by_dist.items():
        attributes = dict.fromkeys(known.attr for known in wanted(case, own))
        if attributes and _plain(dist):
            text = template(form, dist=selected("", dist).removeprefix("."), libraries=listed(attributes, "    "))
            out.append("".join(f"{indent}{line}\n" for line in text.splitlines()))
    return "".join(out)


def _plain(name: str) -> bool:
    return all(char.isascii() and (char.isalnum() or char in "._-+") for char in name)


def unlocked(case: Case, findings: Sequence[Finding], lock: str) -> str:
    """Why nothing can be made of the project's lock; empty where something can."""
    project = case.facts.project
    if project is None or lock not in project.files:
        return f"the project has no {lock}"
    return unfit(case) or unsupplied(case, findings, wheels=True)


def spoken_of(case: Case, word: str) -> str:
    """The first Nix file of the project that has this word in it; empty where none has."""
    project = case.facts.project
    for file in _NIX if project is not None else ():
        if project is not None and file in project.files:
            text = case.disk.text(join(project.root, file))
            if isinstance(text, str) and word in text:
                return file
    return ""
