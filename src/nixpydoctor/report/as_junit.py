"""The diagnosis as JUnit XML: a suite a distribution, a failed case a finding, one passed case where all is well."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape as xml
from xml.sax.saxutils import quoteattr

from nixpydoctor.doctor import Diagnosis
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.report.words import escape


def render(diagnosis: Diagnosis) -> str:
    """Errors and warnings fail their case; a note is told in a case that passes."""
    suites: dict[str, list[Finding]] = {}
    for finding in diagnosis.findings:
        suites.setdefault(finding.dist or "environment", []).append(finding)
    failures = sum(_fails(finding) for finding in diagnosis.findings)
    total = max(len(diagnosis.findings), 1)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="nixpydoctor" tests="{total}" failures="{failures}" errors="0" time="0">')
    for name, findings in suites.items():
        lines += _suite(name, findings)
    if not suites:
        told = "; ".join(["nothing else is wrong" if diagnosis.set_aside else "nothing is wrong", *diagnosis.set_aside])
        lines += [
            '  <testsuite name="environment" tests="1" failures="0" errors="0" skipped="0" time="0">',
            f'    <testcase classname="nixpydoctor" name={quoteattr(told)} time="0"/>',
            "  </testsuite>",
        ]
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _fails(finding: Finding) -> bool:
    return finding.severity > Severity.NOTE


def _suite(name: str, findings: list[Finding]) -> Iterator[str]:
    failures = sum(_fails(finding) for finding in findings)
    yield (
        f'  <testsuite name={quoteattr(escape(name))} tests="{len(findings)}" failures="{failures}" '
        'errors="0" skipped="0" time="0">'
    )
    for finding in findings:
        place = escape(finding.place or finding.subject)
        title = f"{finding.rule.name} {escape(finding.detail)} {place}".replace("  ", " ")
        yield f'    <testcase classname="nixpydoctor.{finding.rule.id}" name={quoteattr(title)} time="0">'
        told = xml(_told(finding))
        if _fails(finding):
            kind = finding.severity.name.lower()
            yield f'      <failure type="{kind}" message={quoteattr(escape(finding.message))}>{told}</failure>'
        else:
            yield f"      <system-out>{told}</system-out>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _told(finding: Finding) -> str:
    breaks = f"\nbreaks: import {', '.join(finding.breaks)}" if finding.breaks else ""
    place = f"at: {escape(finding.subject)}{breaks}"
    return f"{escape(finding.message)}\n{place}\nexplain: nixpydoctor explain {finding.rule.id}"
