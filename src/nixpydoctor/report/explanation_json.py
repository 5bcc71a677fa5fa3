"""An explanation for machines: a frozen copy with a version, described by `explanation-v1.json`."""

from __future__ import annotations

import json
from typing import Any

from nixpydoctor import __version__, packaged
from nixpydoctor.explain.answer import Cause, Explanation
from nixpydoctor.findings import Finding
from nixpydoctor.symptoms import Sign
from nixpydoctor.symptoms.clues import Clues

SCHEMA_VERSION = 1

Plain = dict[str, Any]


def schema() -> Plain:
    """The JSON Schema that every explanation of this version satisfies."""
    plain: Plain = json.loads(packaged.text(f"report/explanation-v{SCHEMA_VERSION}.json"))
    return plain


def page(names: tuple[str, ...], text: str) -> str:
    """The page about a rule or a remedy."""
    return _document({"kind": "page", "names": list(names), "text": text})


def render(explanation: Explanation, left_out: int = 0) -> str:
    """What there is to say about a text."""
    told, looked = explanation.told, explanation.looked
    return _document(
        {
            "kind": "text",
            "known": told.decisive is not None,
            "foreign": explanation.foreign,
            "lines": told.lines,
            "bytes_skimmed": left_out,
            "decisive": _sign(told.decisive) if told.decisive is not None else None,
            "chain": {"exception": told.link + 1, "of": told.links},
            "also": [_sign(sign) for sign in told.others],
            "masks": [_sign(sign) for sign in told.masks],
            "tells": _clues(told.clues),
            "means": [{"for": version or None, "text": text} for version, text in explanation.meanings],
            "causes": [_cause(cause, explanation) for cause in explanation.causes],
            "looked_at": {"target": looked.facts.choice.target, "why": looked.facts.choice.why} if looked else None,
            "not_looked_because": explanation.why_not or None,
            "decide": explanation.decide or None,
            "helps": explanation.helps or None,
            "not_installed": explanation.absent or None,
            "supplied_by": explanation.supplied_by or None,
            "wrong": [{"advice": one.says, "why": one.why, "harmful": one.harm} for one in explanation.wrong],
        }
    )


def _document(plain: Plain) -> str:
    tool = {"name": "nixpydoctor", "version": __version__}
    return json.dumps({"schema_version": SCHEMA_VERSION, "tool": tool, **plain}, ensure_ascii=True, indent=1) + "\n"


def _sign(sign: Sign) -> Plain:
    message = sign.message
    return {
        "line": sign.line,
        "text": sign.text,
        "message": message.name if message is not None else None,
        "about": message.about if message is not None else None,
        "rules": [rule.id for rule in sign.rules],
        "said": dict(sign.said),
    }


def _clues(clues: Clues) -> Plain:
    return {
        "numpy": clues.numpy or None,
        "python": clues.python or None,
        "built_for": list(clues.built),
        "pythons": list(clues.executables),
        "modules": list(clues.modules),
        "store": [{"name": name, "version": version} for name, version in clues.store],
        "pythonpath": clues.pythonpath or None,
        "exit_code": clues.exit_code,
    }


def _cause(cause: Cause, explanation: Explanation) -> Plain:
    state = "confirmed" if cause.findings else "possible" if explanation.looked is None else "not seen"
    return {
        "rule": cause.rule.id,
        "name": cause.rule.name,
        "title": cause.rule.title,
        "state": state,
        "findings": [_finding(finding) for finding in cause.findings],
    }


def _finding(finding: Finding) -> Plain:
    return {
        "severity": finding.severity.name.lower(),
        "message": finding.message,
        "subject": finding.subject,
        "detail": finding.detail,
        "dist": finding.dist,
        "breaks": list(finding.breaks),
        "hint": finding.hint or None,
        "fingerprint": list(finding.key),
    }
