"""NPD306: a script of a venv names a program that is gone, that is another Python, or that no kernel can read."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import listed
from nixpydoctor.rules.venvs import start_fault


@rule(
    "NPD306",
    Severity.ERROR,
    "a console script cannot start",
    symptoms=(
        r"(?P<program>/\S+): bad interpreter: No such file or directory",
        r"(?P<path>\S+): cannot execute: required file not found",
        r"(?:FileNotFoundError: )?\[Errno 2\] No such file or directory: '(?P<path>[^']+/bin/[^/']+)'",
        r"OSError: \[Errno 8\] Exec format error: '(?P<path>[^']+)'",
        r"env: '(?P<program>[^']* [^']*)': No such file or directory",
    ),
)
def broken_console_script(case: Case) -> Iterator[Finding]:
    """One finding per program and way of failing, whatever number of scripts has it."""
    venv = case.facts.main.venv
    if venv is None or not venv.base_exists:
        return
    groups: dict[tuple[str, str, Severity], list[FsPath]] = {}
    for path, head in venv.scripts.items():
        wrong = start_fault(case, venv, head)
        if wrong is not None:
            groups.setdefault(wrong, []).append(path)
    for (named, why, severity), paths in groups.items():
        verb = "cannot start" if severity is Severity.ERROR else "may not do what you expect"
        yield broken_console_script.finding(
            paths[0],
            f"{listed(paths, 'script')} {verb}: {why}",
            Place(paths[0], f"begins with {_shown(venv.scripts[paths[0]])}"),
            severity=severity,
            detail=f"{'no ' if severity is Severity.ERROR else ''}{leaf(named) or named}",
            loads=severity is not Severity.ERROR,
        )


def _shown(head: str) -> str:
    """The line that names the program."""
    return head.rpartition("\n")[2]
