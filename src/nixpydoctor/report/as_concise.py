"""One line for each finding, in the shape that editors and `grep` know: `path: severity[rule] message`."""

from __future__ import annotations

from nixpydoctor.doctor import Diagnosis
from nixpydoctor.report.words import escape


def render(diagnosis: Diagnosis) -> str:
    """Paths and hashes in full; nothing at all where nothing was found."""
    return "".join(
        f"{escape(finding.subject)}: {finding.severity.name.lower()}[{finding.rule.id}] {escape(finding.message)}\n"
        for finding in diagnosis.findings
    )
