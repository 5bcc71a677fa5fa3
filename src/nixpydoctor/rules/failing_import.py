"""NPD201: an import was really tried and failed, and nothing else that was found explains it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.explained import explains
from nixpydoctor.facts import FsPath
from nixpydoctor.findings import Finding, Severity, rule

_WORDS = {"killed": "was killed", "timeout": "did not end in time", "failed": "failed"}


@rule(
    "NPD201",
    Severity.ERROR,
    "an import fails and no other rule says why",
    symptoms=(
        r"dynamic module does not define module export function \(PyInit_(?P<module>\w+)\)",
        r"import (?P<module>[\w.]+) (?:was killed|did not end in time|failed)",
    ),
)
def failing_import(case: Case) -> Iterator[Finding]:
    """Only with `--imports`: each failure that no broken object and no opening accounts for."""
    for outcome in case.facts.imported or ():
        if outcome.outcome == "ok" or explains(case, outcome):
            continue
        lines = outcome.error.strip().splitlines()
        yield failing_import.finding(
            FsPath(outcome.name),
            f"import {outcome.name} {_WORDS[outcome.outcome]}" + (f": {lines[0]}" if lines else ""),
            outcome,
            breaks=(outcome.name,),
            detail=outcome.name,
        )
