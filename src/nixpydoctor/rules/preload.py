"""NPD501: LD_PRELOAD names an object that cannot be loaded, or that keeps Python from starting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.c_libraries import ignored_preloads, start_trouble
from nixpydoctor.rules.common import called, starter


@rule(
    "NPD501",
    Severity.ERROR,
    "an object in LD_PRELOAD cannot be loaded",
    symptoms=(r"object '(?P<path>[^']+)' from LD_PRELOAD cannot be preloaded",),
)
def preload(case: Case) -> Iterator[Finding]:
    """An ERROR where Python dies of the variable; a NOTE for each name that the loader passes over."""
    said = case.process.env.get("LD_PRELOAD")
    if not said:
        return
    trouble = start_trouble(case.process, case.disk)
    if trouble is not None and start_trouble(case.process.setenv("LD_PRELOAD", None), case.disk) is None:
        yield preload.finding(
            called(case),
            f"LD_PRELOAD={said} keeps {starter(case)} from starting: {trouble[0]}",
            trouble[1],
            detail="LD_PRELOAD",
            loads=False,
        )
    for search, reason in ignored_preloads(case, re.split("[ :]+", said)):
        yield preload.finding(
            called(case),
            f"LD_PRELOAD names {search.needed}, which the loader passes over: {reason}",
            search,
            severity=Severity.NOTE,
            detail=search.needed,
        )
