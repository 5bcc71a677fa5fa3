"""NPD306: a script of a venv names a program that is gone, that is another Python, or that no kernel can read."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Venv, join, leaf, parent
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.formats.shebang import limit, looked_up, program, too_long
from nixpydoctor.rules.common import listed

_PYTHONS = ("python", "pypy", "graalpy")


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
    kernel = case.facts.platform.kernel
    groups: dict[tuple[str, str, Severity], list[FsPath]] = {}
    for path, head in venv.scripts.items():
        wrong = _wrong(case, venv, head, kernel)
        if wrong is not None:
            groups.setdefault(wrong, []).append(path)
    for (named, why, severity), paths in groups.items():
        verb = "cannot start" if severity is Severity.ERROR else "may not do what you expect"
        yield broken_console_script.finding(
            paths[0],
            f"{listed(paths, 'script')} {verb}: {why}",
            Place(paths[0], f"begins with {venv.scripts[paths[0]].partition(chr(10))[0]}"),
            severity=severity,
            detail=f"{'no ' if severity is Severity.ERROR else ''}{leaf(named) or named}",
            loads=severity is not Severity.ERROR,
        )


def _wrong(case: Case, venv: Venv, head: str, kernel: str) -> tuple[str, str, Severity] | None:
    """The program that is named, what is wrong with it, and how bad that is; None where nothing is."""
    named, words = program(head), looked_up(head)
    old = venv.made_at
    if named is None or (old is not None and named.startswith(f"{old}/")):
        return None
    if too_long(head, kernel):
        return (
            named,
            f"the first line has more than {limit(kernel)} bytes, and the kernel reads no more",
            Severity.ERROR,
        )
    if words is not None and " " in words:
        return words, f"env looks for one program called '{words}', because it got no -S", Severity.ERROR
    is_python = leaf(named).startswith(_PYTHONS)
    if venv.own(named):
        there = case.disk.has(join(join(venv.root, "bin"), leaf(named)))
        return None if there else (named, f"the first line names {named}, which does not exist", Severity.ERROR)
    if not named.startswith("/") or case.disk.objects(FsPath(named)) is None:
        why = f"the first line names {named}, which does not exist"
        return named, why, Severity.ERROR if is_python else Severity.NOTE
    if is_python and parent(named) != venv.home:
        return named, f"the first line names {named}, which is not the Python of this venv", Severity.NOTE
    return None
