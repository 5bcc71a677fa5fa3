"""A cause as a block of lines, in three sizes: in full, on one line, or as nothing but a number."""

from __future__ import annotations

from collections.abc import Mapping

from nixpydoctor.facts import Facts
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import dataclass
from nixpydoctor.loader.trace import Resolution
from nixpydoctor.report.causes import Cause
from nixpydoctor.report.view import Style, View
from nixpydoctor.report.words import count, fitted
from nixpydoctor.report.working import evidence

_LEAST = 12
"""Columns that a list of modules gets."""

STYLES: Mapping[Severity, Style] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a path is, in the words of the report."""

    extensions: frozenset[str]
    programs: frozenset[str]

    @classmethod
    def of(cls, facts: Facts) -> Kinds:
        """The kinds of every object of the main world."""
        dists = facts.main.dists
        return cls(
            frozenset(path for dist in dists for path in (*dist.extensions, *dist.foreign)),
            frozenset(path for dist in dists for path in dist.programs),
        )

    def noun(self, findings: tuple[Finding, ...]) -> str:
        """`extension`, `program`, or `object` where they differ."""
        if all(finding.subject in self.extensions for finding in findings):
            return "extension"
        return "program" if all(finding.subject in self.programs for finding in findings) else "object"


def full(cause: Cause, facts: Facts, kinds: Kinds, view: View, *, working: bool) -> list[str]:
    """Everything that one screen has room for; `working` adds where was searched."""
    lines = _title(cause, view)
    lines += _affected(cause, kinds, view)
    if cause.breaks:
        lines += view.items("breaks", cause.breaks, before="import ")
    if cause.undecided and view.verbose:
        lines += view.items("may break", cause.undecided, before="import ")
    if cause.hint:
        lines += view.sentence("nixpkgs", cause.hint)
    if view.verbose:
        for finding in cause.findings:
            lines += _one(finding, cause, facts, view)
    elif working:
        lines += _grounds(cause.first, facts, view)
    if working:
        lines += view.sentence("more", f"nixpydoctor explain {cause.rule.id}")
    return lines


def brief(cause: Cause, kinds: Kinds, view: View) -> list[str]:
    """The cause on one line, with as much of it as the line holds; on more lines where they are very short."""
    head = f"{cause.severity.name.lower()}[{cause.rule.id}]"
    what = view.short(cause.detail or cause.first.message)
    number = count(cause.subjects, kinds.noun(cause.findings))
    owners = (
        f"{len(cause.owners)} distributions" if len(cause.owners) > 1 else "".join(name for name, _ in cause.owners)
    )
    affected = f"{number} of {view.short(owners)}" if owners else number
    hint = [f"nixpkgs: {view.short(cause.hint)}"] if cause.hint else []
    for parts in ([affected, *hint], [affected], [number]):
        rest = "; ".join(parts)
        line = f"{what}: {_breaks(cause, view, len(f'{head} {what}: ; {rest}'))}{rest}"
        if len(f"{head} {line}") <= view.width:
            break
    first, *more = view.flow(line.split(" "), f"{head} ", "  ")
    return [view.paint(head, STYLES[cause.severity]) + first[len(head) :], *more]


def _breaks(cause: Cause, view: View, taken: int) -> str:
    if not cause.breaks:
        return ""
    room = max(_LEAST, view.width - taken - len("breaks "))
    return f"breaks {fitted([view.short(name) for name in cause.breaks], room)}; "


def _title(cause: Cause, view: View) -> list[str]:
    head = f"{cause.severity.name.lower()}[{cause.rule.id}]"
    messages = {finding.message for finding in cause.findings}
    text = cause.first.message if len(messages) == 1 else f"{cause.detail}: {cause.rule.title}"
    first, *more = view.flow(view.short(text).split(" "), f"{head} ", "  ")
    return [view.paint(head, STYLES[cause.severity]) + first[len(head) :], *more]


def _affected(cause: Cause, kinds: Kinds, view: View) -> list[str]:
    findings = cause.findings
    if cause.subjects == 1:
        return view.field("at", [view.short(findings[0].subject)])
    said = count(cause.subjects, kinds.noun(findings))
    if cause.harmless:
        said += f" ({cause.harmless} without effect on a plain import)"
    if not cause.owners:
        return view.field("at", [said])
    owners = [f"{name} ({number})" if len(cause.owners) > 1 else name for name, number in cause.owners]
    return view.items("at", owners, before=f"{said} of ")


def _grounds(finding: Finding, facts: Facts, view: View) -> list[str]:
    lines: list[str] = []
    for item in finding.evidence[:3]:
        lines += evidence(item, facts, view)
    return lines


def _one(finding: Finding, cause: Cause, facts: Facts, view: View) -> list[str]:
    """One of many findings, for a reader who asked for all of them."""
    indent = " " * 4
    words = [view.short(finding.subject if view.verbose > 1 else finding.place or finding.subject)]
    if finding.severity is not cause.severity:
        words = [f"{finding.severity.name.lower()}:", *words]
    lines = [] if len(cause.findings) == 1 else view.flow(words, f"{indent}- ", f"{indent}  ")
    searches = [item for item in finding.evidence if isinstance(item, Resolution)]
    if len(cause.findings) == 1 or view.verbose > 1:
        lines += _grounds(finding, facts, view)
    elif not searches:
        lines += view.flow(view.short(finding.message).split(" "), f"{indent}  ", f"{indent}  ")
    return lines
