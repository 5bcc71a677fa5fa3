"""What a project's Nix file calls nixpkgs where a part is to be put into it, as far as its text tells.

Nothing is parsed and nothing is edited: the words before `.mkShell` are what the part can use too, since it goes among
the attributes of that call.
"""

from __future__ import annotations

import re

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.light import NamedTuple

_PART = r"""(?:[A-Za-z_][\w'-]*|\$\{[\w.-]+\}|"[\w.-]+")"""
_CALLED = re.compile(rf"([A-Za-z_][\w'-]*(?:\.{_PART})*)\.mkShell(?:NoCC)?\b")
_BOUND = re.compile(r"\bpkgs\s*[=:,?}]|\binherit\b[^;]*\bpkgs\b|\bwith\s+\(?\s*import\s*<nixpkgs>")
_INPUT = re.compile(r"\b(\w+)\.nixpkgs\.(?!url\b|follows\b|inputs\b|flake\b)")
_FORMAL = re.compile(r"[{,]\s*nixpkgs\s*(?=[,}?])")
_COMMENT = re.compile(r"#[^\n]*|/\*.*?\*/", re.DOTALL)


class Bound(NamedTuple):
    """How a part gets at nixpkgs' packages, which it calls `pkgs`."""

    let: str = ""
    """What goes before an expression of it: empty, or `let pkgs = …; in `."""
    remark: str = ""
    """What has to be bound first, as the end of a sentence; empty where nothing has."""


def packages(case: Case, file: str) -> Bound:
    """For a part among the attributes of the `mkShell` in one of the project's files."""
    text = _text(case, file)
    called = {*_CALLED.findall(text)}
    if called == {"pkgs"} or (not called and _BOUND.search(text)):
        return Bound()
    if len(called) == 1:
        return Bound(let=f"let pkgs = {called.pop()}; in ")
    if _BOUND.search(text):
        return Bound()
    return Bound(remark=" (`pkgs` being the packages of your nixpkgs)")


def flake_input(case: Case) -> str:
    """What the project's flake calls its input nixpkgs among its outputs."""
    text = _text(case, "flake.nix")
    if _FORMAL.search(text):
        return "nixpkgs"
    through = _INPUT.search(text)
    return f"{through[1]}.nixpkgs" if through is not None else "nixpkgs"


def _text(case: Case, file: str) -> str:
    """The file without comments; empty where it cannot be read."""
    project = case.facts.project
    text = case.disk.text(join(project.root, file)) if project is not None and file in project.files else None
    return _COMMENT.sub("", text) if isinstance(text, str) else ""
