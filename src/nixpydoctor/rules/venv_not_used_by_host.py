"""NPD404: a venv is active in the shell, and the Python inside of a host does not use it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.hosts import host, named


@rule(
    "NPD404",
    Severity.WARNING,
    "a host does not use the active venv",
    symptoms=(r"PyErr \{ type: <class 'ModuleNotFoundError'>, .*\(.No module named '(?P<module>[\w.]+)'",),
)
def venv_not_used_by_host(case: Case) -> Iterator[Finding]:
    """CPython never reads VIRTUAL_ENV: only the first python3 on PATH counts."""
    found = host(case)
    active = case.process.env.get("VIRTUAL_ENV") or _of_the_shell(case)
    if found is None or not active:
        return
    inside, python = found
    if python.prefix == active:
        return
    lacking = [name for name, dist in case.only_beside.items() if dist.location.startswith(f"{active}/")]
    lost = f": {named(lacking)} cannot be imported in it" if lacking else ""
    yield venv_not_used_by_host.finding(
        case.process.executable,
        f"the program does not use the venv {active}{lost}",
        Place(FsPath(active), "the venv that is active in this shell"),
        Place(FsPath(inside.executable or "/"), "the first python3 on PATH, by which an embedded Python is guided")
        if inside.executable
        else Place(python.prefix, "its prefix, since PATH has no python3"),
        severity=Severity.WARNING if lacking else Severity.NOTE,
        undecided=tuple(lacking),
        detail=active,
    )


def _of_the_shell(case: Case) -> str:
    beside = case.facts.beside
    return beside.venv.root if beside is not None and beside.venv is not None else ""
