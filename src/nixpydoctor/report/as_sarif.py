"""The diagnosis as SARIF 2.1.0, as code scanning platforms take it: each rule with its page, each finding at a line.

A platform shows only results that have a location in the repository, and follows them by their fingerprints.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from nixpydoctor import __version__
from nixpydoctor.doctor import Diagnosis
from nixpydoctor.findings import Finding, Rule, Severity
from nixpydoctor.report.anchors import Anchors
from nixpydoctor.report.words import escape

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://pypi.org/project/nixpydoctor/"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_LONGEST = 1024
"""Characters of a rule's description that platforms accept."""


def render(diagnosis: Diagnosis) -> str:
    """One run; rules that found nothing are left out."""
    anchors = Anchors(diagnosis.facts)
    rules = list({finding.rule.id: finding.rule for finding in diagnosis.findings}.values())
    number = {rule.id: index for index, rule in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "nixpydoctor",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, number[finding.rule.id], anchors) for finding in diagnosis.findings],
    }
    if diagnosis.faults:
        run["invocations"] = [
            {
                "executionSuccessful": False,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": escape(f"The {fault.where} failed: {fault.error}")}}
                    for fault in diagnosis.faults
                ],
            }
        ]
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    page = rule.page
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.title[:1].upper() + rule.title[1:]},
        "fullDescription": {"text": _meaning(page) or rule.title},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "precision": "very-high",
            "problem.severity": _PROBLEMS[rule.severity],
            "tags": ["python", "nix"],
        },
    }


def _meaning(page: str) -> str:
    """The first paragraph below the first heading of a page."""
    _, _, rest = page.partition("## What it means\n")
    return " ".join(rest.strip().partition("\n\n")[0].split())[:_LONGEST]


def _result(finding: Finding, index: int, anchors: Anchors) -> dict[str, Any]:
    anchor, mark = anchors.of(finding), anchors.fingerprint(finding)
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(anchor.path, errors="surrogateescape"), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": anchor.line, "startColumn": 1, "endLine": anchor.line, "endColumn": 2},
                }
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": mark,
            "nixpydoctor/v1": mark,
        },
        "properties": {
            "subject": escape(finding.subject),
            "dist": finding.dist,
            "detail": escape(finding.detail),
            "breaks": list(finding.breaks),
        },
    }


def _message(finding: Finding) -> str:
    told = escape(finding.message)
    breaks = f" It breaks: import {', '.join(finding.breaks)}." if finding.breaks else ""
    return f"{told}.{breaks} ({escape(finding.subject)})"
