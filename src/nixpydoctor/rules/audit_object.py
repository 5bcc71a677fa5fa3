"""NPD514: LD_AUDIT names an object that the loader cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.findings import Finding, Place, Severity, rule


@rule(
    "NPD514",
    Severity.NOTE,
    "an object in LD_AUDIT cannot be loaded",
    symptoms=(r"object '(?P<path>[^']+)' cannot be loaded as audit interface",),
)
def audit_object(case: Case) -> Iterator[Finding]:
    """Only for full paths: a bare name is searched before anything is known of the process."""
    loader = case.process.loader
    if loader is None or loader.family != "glibc":
        return
    for name in (case.process.env.get("LD_AUDIT") or "").split(":"):
        path = FsPath(name)
        found = case.object(path) if name.startswith("/") else None
        if not name.startswith("/") or (found is not None and found.arch == case.arch):
            continue
        unusable = case.unusable(path)
        reason = unusable.reason if unusable is not None else "no such file" if found is None else "for another machine"
        yield audit_object.finding(
            path,
            f"LD_AUDIT names {name}, which the loader passes over: {reason}",
            unusable if unusable is not None else Place(path, reason),
            detail=name,
        )
