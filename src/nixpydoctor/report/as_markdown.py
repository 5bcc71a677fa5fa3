"""The diagnosis as Markdown, for a step summary, a comment or an issue: causes in a table, the best offer in full."""

from __future__ import annotations

import re

from nixpydoctor.doctor import Diagnosis, Trial
from nixpydoctor.findings import Severity
from nixpydoctor.report.causes import Cause, causes, unread
from nixpydoctor.report.offers import REACH, cures, side
from nixpydoctor.report.words import count, escape, escape_lines, short

_SIGNS = re.compile(r"([\\`*_{}\[\]#!|<>~&])")


def render(diagnosis: Diagnosis) -> str:
    """Hashes and the home folder are shortened, as on a screen."""
    home = diagnosis.facts.home
    found = causes(diagnosis.findings)
    choice = diagnosis.facts.choice
    lines = [
        f"## nixpydoctor: {verdict(diagnosis)}",
        "",
        f"{_text(choice.target, home)}: {_text(choice.why, home)}",
        "",
    ]
    if found:
        lines += ["| | rule | what | objects | breaks |", "|---|---|---|---|---|"]
        lines += [_row(cause, home) for cause in found]
        lines.append("")
    for number, trial in enumerate(diagnosis.offers):
        lines += _offer(trial, diagnosis, full=not number)
    if missed := len(unread(diagnosis)):
        lines += [f"{count(missed, 'file')} could not be read.", ""]
    return "\n".join(lines)


def verdict(diagnosis: Diagnosis) -> str:
    """`3 errors, 1 note`, or that nothing is wrong."""
    numbers = [(severity, diagnosis.count(severity)) for severity in reversed(Severity)]
    if not any(number for severity, number in numbers if severity > Severity.NOTE):
        return "; ".join(["nothing else is wrong" if diagnosis.set_aside else "nothing is wrong", *diagnosis.set_aside])
    told = [count(number, severity.name.lower()) for severity, number in numbers if number]
    return ", ".join([*told, *diagnosis.set_aside])


def _row(cause: Cause, home: str | None) -> str:
    what = _text(
        f"{cause.detail}: {cause.rule.title}" if cause.detail and cause.subjects > 1 else cause.first.message, home
    )
    owners = ", ".join(_text(name, home) for name, _ in cause.owners[:3])
    objects = f"{cause.subjects} ({owners}{', …' if len(cause.owners) > 3 else ''})" if owners else str(cause.subjects)
    breaks = ", ".join(_text(name, home) for name in cause.breaks) or "–"
    return f"| {cause.severity.name.lower()} | {cause.rule.id} {cause.rule.name} | {what} | {objects} | {breaks} |"


def _offer(trial: Trial, diagnosis: Diagnosis, *, full: bool) -> list[str]:
    name, reach = trial.treatment.remedy.name, REACH[trial.treatment.reach]
    if not full:
        return [f"or **{name}**, {reach}: {cures(trial, diagnosis)}{side(trial)}", ""]
    return [
        f"### What would help: {name}, {reach}",
        "",
        f"It {cures(trial, diagnosis)}{side(trial)}.",
        "",
        *escape_lines(trial.treatment.instructions.strip()),
        "",
    ]


def _text(text: str, home: str | None) -> str:
    """Text from the machine that stays text: no markup, no cell of its own, no line of its own."""
    return _SIGNS.sub(r"\\\1", short(escape(text), home))
