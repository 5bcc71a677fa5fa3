"""Decides whether a finding of this machine speaks of the same thing as an error text."""

from __future__ import annotations

import re

from nixpydoctor.facts import Facts, leaf
from nixpydoctor.findings import Finding
from nixpydoctor.symptoms import Told

_NAME = re.compile(r"(?:lib)?([A-Za-z0-9_+]+?)(?:[-_.]?\d[\w.-]*)?(?:\.so(?:\.[\w.]*)?|\.dylib)?$")
_NORMAL = re.compile(r"[-_.]+")


def agree(finding: Finding, told: Told, facts: Facts, *, expected: bool) -> bool:
    """Whether a finding confirms a text. `expected`: its rule is among those that the message speaks of.

    The library, the symbol version or the symbol that a text names must be the finding's own. Only a text that names
    none is matched by its path, and only one without either by the modules whose import failed in it.
    """
    sign = told.decisive
    if sign is None:
        return False
    said = sign.said
    if "version" in said:
        return finding.detail == said["version"]
    if "soname" in said:
        return _same_library(finding.detail, said["soname"], strict=not expected)
    if "symbol" in said and expected:
        return said["symbol"] in (finding.detail, *finding.message.split())
    if not expected:
        return "path" in said and finding.subject == said["path"]
    if "module" in said:
        return _of_module(finding, said["module"])
    if "path" in said:
        return _of_path(finding, said["path"], facts)
    if told.clues.executables and not finding.loads:
        return any(_of_path(finding, path, facts) for path in told.clues.executables)
    masked = (sign.message.name.partition("-")[0],) if sign.message is not None else ()
    return any(_of_module(finding, module) for module in (*masked, *told.clues.modules[:3]))


def _same_library(detail: str, soname: str, *, strict: bool) -> bool:
    wanted, have = leaf(soname), leaf(detail)
    return wanted == have or (not strict and ".so" not in wanted and _bare(wanted) == _bare(have))


def _bare(name: str) -> str:
    """`cairo` of `libcairo.so.2`, `cairo-2` and `Cairo`."""
    found = _NAME.match(name)
    return (found[1] if found is not None else name).casefold()


def _of_module(finding: Finding, module: str) -> bool:
    top = module.partition(".")[0]
    dist = _NORMAL.sub("-", top).lower()
    if module != top and leaf(finding.subject).partition(".")[0] == module.rpartition(".")[2]:
        return True
    return top in finding.breaks or finding.dist == dist or f"/{top}/" in finding.subject


def _of_path(finding: Finding, path: str, facts: Facts) -> bool:
    """The same file, seen through the link that was typed or below another spelling of the venv's folder."""
    if path == finding.subject or path == finding.detail:
        return True
    python, venv, process = facts.main.python, facts.main.venv, facts.main.process
    here = {process.executable, *((python.command,) if python is not None else ())}
    if venv is not None:
        here.add(venv.root)
    if finding.subject in here:
        return path in here or (venv is not None and path.startswith(f"{venv.root}/bin/"))
    below = path.partition("-packages/")[2]
    return bool(below) and finding.subject.endswith(f"/{below}")
