"""NPD110: the interp exists, but it is NixOS's stub-ld, which starts nothing."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Process
from nixpydoctor.findings import Finding, Place, Severity, rule


@rule(
    "NPD110",
    Severity.ERROR,
    "stub-ld stands where a loader should be",
    symptoms=(
        r"Could not start dynamically linked executable: (?P<path>\S+)",
        r"NixOS cannot run dynamically linked executables intended for generic",
        r"nix\.dev/permalink/stub-ld",
    ),
)
def stub_loader(case: Case) -> Iterator[Finding]:
    """The Python first, then the environment's compiled programs."""
    for process in (case.process, *case.programs):
        if not _stubbed(process):
            continue
        main = process is case.process
        who = "Python cannot start" if main else f"{case.title(process.executable)} has a program that cannot start"
        yield stub_loader.finding(
            process.executable,
            f"{who}: at its interp {process.interp} stands stub-ld, which only prints a hint",
            Place(process.executable, f"interp {process.interp}"),
            dist=None if main else case.owner(process.executable),
            detail=str(process.interp),
            loads=False,
        )


def _stubbed(process: Process) -> bool:
    return process.loader is not None and process.loader.family == "stub"
