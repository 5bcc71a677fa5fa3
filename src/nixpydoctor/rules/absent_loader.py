"""NPD109: a program names a loader that does not exist here, so the kernel cannot start it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Process
from nixpydoctor.findings import Finding, Place, Severity, rule


@rule(
    "NPD109",
    Severity.ERROR,
    "the interp of a program does not exist",
    symptoms=(
        r"(?P<path>\S+): cannot execute: required file not found",
        r"(?P<path>/\S*bin/\S+): No such file or directory",
        r"(?P<path>\S*python[\d.]*): not found",
        r"bad interpreter: No such file or directory",
    ),
)
def absent_loader(case: Case) -> Iterator[Finding]:
    """The Python first, then the environment's compiled programs."""
    if _dead(case, case.process):
        yield absent_loader.finding(
            case.process.executable,
            f"Python cannot start: its interp {case.process.interp} does not exist on this machine",
            Place(case.process.executable, f"interp {case.process.interp}"),
            detail=str(case.process.interp),
            loads=False,
        )
    for program in case.programs:
        if _dead(case, program):
            yield absent_loader.finding(
                program.executable,
                f"{case.title(program.executable)}: the program's interp {program.interp} does not exist here",
                Place(program.executable, f"interp {program.interp}"),
                dist=case.owner(program.executable),
                detail=str(program.interp),
                loads=False,
            )


def _dead(case: Case, process: Process) -> bool:
    return process.loader is None and process.interp is not None and not case.disk.has(process.interp)
