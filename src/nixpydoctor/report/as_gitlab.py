"""The diagnosis as GitLab's code quality report: a JSON array, each entry at a line, each fingerprint once."""

from __future__ import annotations

import hashlib
import json

from nixpydoctor.doctor import Diagnosis
from nixpydoctor.findings import Severity
from nixpydoctor.report.anchors import Anchors
from nixpydoctor.report.words import escape

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(diagnosis: Diagnosis) -> str:
    """An empty array where nothing was found."""
    anchors = Anchors(diagnosis.facts)
    entries, seen = [], set[str]()
    for finding in diagnosis.findings:
        mark, salt = anchors.fingerprint(finding), 0
        while mark in seen:  # GitLab drops the second of two that are alike
            salt += 1
            mark = hashlib.sha256(f"{anchors.fingerprint(finding)} {salt}".encode()).hexdigest()[:32]
        seen.add(mark)
        anchor = anchors.of(finding)
        entries.append(
            {
                # The platform hides check_name: the id must stand in what it shows.
                "description": f"{finding.rule.id}: {escape(finding.message)}",
                "check_name": finding.rule.name,
                "fingerprint": mark,
                "severity": _SEVERITIES[finding.severity],
                "location": {"path": anchor.path, "lines": {"begin": anchor.line}},
            }
        )
    return json.dumps(entries, ensure_ascii=True, indent=1) + "\n"
