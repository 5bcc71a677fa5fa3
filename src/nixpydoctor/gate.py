"""Decides whether a run passes: the exit code does not depend on the format of the report."""

from __future__ import annotations

from nixpydoctor.doctor import Diagnosis
from nixpydoctor.findings import Severity

PASSED = 0
FINDINGS = 1
USAGE = 2
NOTHING_EXAMINED = 3
FAULT = 4
"""The exit codes. A gate that checks nothing is not green, hence 3."""


def exit_code(diagnosis: Diagnosis, fail_on: Severity = Severity.ERROR, *, exit_zero: bool = False) -> int:
    """4 where we are at fault, 1 where something at or above `fail_on` was found, else 0.

    `exit_zero` forgives findings and never a fault of ours.
    """
    if diagnosis.faults:
        return FAULT
    if exit_zero:
        return PASSED
    return FINDINGS if any(finding.severity >= fail_on for finding in diagnosis.findings) else PASSED
