"""NPD105: the library that was found is too old for the object that needs it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.loader.trace import VersionFault
from nixpydoctor.rules.common import severity


@rule(
    "NPD105",
    Severity.ERROR,
    "a library lacks a symbol version that is needed",
    symptoms=(r"(?P<provider>\S+): version [`'](?P<version>[^']+)' not found \(required by (?P<path>[^)]+)\)",),
)
def version_not_provided(case: Case) -> Iterator[Finding]:
    """One finding per object, providing library and version."""
    for fault in (fault for fault in case.image.faults if not fault.weak):
        yield version_not_provided.finding(
            case.process.executable,
            f"Python cannot start: {_says(fault)}",
            fault,
            detail=fault.version,
            loads=False,
        )
    for path in case.unloadable:
        for fault in case.faults(path):
            yield version_not_provided.finding(
                path,
                f"{case.title(path)}: {_says(fault, path)}",
                fault,
                dist=case.owner(path),
                severity=severity(case, path),
                breaks=case.breaks(path),
                undecided=case.undecided(path),
                detail=fault.version,
                loads=False,
            )


def _says(fault: VersionFault, path: FsPath | None = None) -> str:
    via = "" if fault.requester == path else f" (wanted by {leaf(fault.requester)})"
    return f"{fault.provider} does not provide {fault.version}{via}"
