"""The diagnosis as annotations of GitHub Actions: workflow commands, one a line, the worst first.

The runner shows ten of a kind in a step, so what many objects share is said once; the whole report belongs into the
step summary (`as_markdown`).
"""

from __future__ import annotations

from nixpydoctor.doctor import Diagnosis
from nixpydoctor.findings import Severity
from nixpydoctor.report.anchors import Anchors
from nixpydoctor.report.causes import Cause, causes
from nixpydoctor.report.words import count, escape

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(diagnosis: Diagnosis) -> str:
    """Nothing where nothing was found."""
    anchors = Anchors(diagnosis.facts)
    return "".join(f"{_line(cause, anchors)}\n" for cause in causes(diagnosis.findings))


def _line(cause: Cause, anchors: Anchors) -> str:
    first = cause.first
    anchor = anchors.of(first)
    more = cause.subjects - 1
    told = escape(first.message)
    told += f" (and {count(more, 'more object')})" if more else ""
    told += f"; breaks import {', '.join(cause.breaks)}" if cause.breaks else ""
    title = f"nixpydoctor ({cause.rule.id} {cause.rule.name})"
    properties = f"title={_value(title)},file={_value(escape(anchor.path))},line={anchor.line}"
    return f"::{_COMMANDS[cause.severity]} {properties}::{_data(told)}"


def _data(text: str) -> str:
    """The message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    """A property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
