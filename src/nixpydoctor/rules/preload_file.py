"""NPD502: the preload file of this Python's loader names an object that cannot be loaded, or that stops everything."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.light import replace
from nixpydoctor.rules.c_libraries import ignored_preloads, start_trouble
from nixpydoctor.rules.common import called, starter


@rule(
    "NPD502",
    Severity.ERROR,
    "the loader's preload file names what cannot be loaded",
    symptoms=(r"object '(?P<path>[^']+)' from /etc/ld(?:-nix)?\.so\.preload cannot be preloaded",),
)
def preload_file(case: Case) -> Iterator[Finding]:
    """An ERROR where Python dies of the file; a NOTE for each name that the loader passes over."""
    loader = case.process.loader
    if loader is None or not loader.preload:
        return
    file = loader.preload_path or "the preload file"
    without = replace(case.process, loader=replace(loader, preload=()))
    trouble = start_trouble(case.process, case.disk)
    if trouble is not None and start_trouble(without, case.disk) is None:
        yield preload_file.finding(
            called(case),
            f"{file} keeps {starter(case)} from starting: {trouble[0]}",
            trouble[1],
            detail=str(file),
            loads=False,
        )
    for search, reason in ignored_preloads(case, loader.preload):
        yield preload_file.finding(
            called(case),
            f"{file} names {search.needed}, which the loader passes over: {reason}",
            search,
            severity=Severity.NOTE,
            detail=search.needed,
        )
