"""The diagnosis for people: what was examined, what is wrong by cause, what would help, on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from nixpydoctor.doctor import Diagnosis
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.report import header, offers
from nixpydoctor.report.blocks import STYLES, Kinds, brief, full
from nixpydoctor.report.causes import Cause, causes, unread
from nixpydoctor.report.view import View
from nixpydoctor.report.words import count

_CAUSES = 14
"""Lines that instructions leave to the causes."""
_STEPS = 10
"""Lines that instructions get however long the rest is."""


def render(diagnosis: Diagnosis, view: View) -> str:
    """The whole report, with a newline at its end."""
    found = causes(diagnosis.findings)
    serious = [cause for cause in found if cause.severity > Severity.NOTE or view.verbose]
    folded = [cause for cause in found if cause not in serious]
    head = [*_header(diagnosis.facts, view), *_beside(diagnosis, view)]
    foot = [*_folded(folded, view), *_summary(diagnosis, view)]
    rest = view.screen - len(head) - len(foot) - 2
    help_lines = offers.lines(diagnosis, view, max(_STEPS, rest - _CAUSES - 6))
    room = max(_CAUSES, rest - len(help_lines))
    body = _body(serious, diagnosis.facts, view, room)
    if all(cause.severity is Severity.NOTE for cause in found):
        body = [_healthy(diagnosis, view), "", *body]
    sections = [*head, "", *body]
    if help_lines:
        sections += [*help_lines, ""]
    return "\n".join([*sections, *foot]) + "\n"


# ── what was examined ────────────────────────────────────────────────────────────────────────────────────────────────


def _header(facts: Facts, view: View) -> list[str]:
    first, *more = view.flow(view.short(f"{facts.choice.target}: {facts.choice.why}").split(" "), "", "  ")
    lines = [view.paint(first, "strong"), *more]
    for label, said in header.rows(facts):
        lines += view.sentence(label, said)
    return lines


def _beside(diagnosis: Diagnosis, view: View) -> list[str]:
    """For a program that embeds Python, the Python of its shell beside it."""
    if diagnosis.worlds is None:
        return []
    from nixpydoctor.report import worlds

    return ["", *worlds.lines(diagnosis.worlds, view)]


# ── what is wrong ────────────────────────────────────────────────────────────────────────────────────────────────────


def _body(found: Sequence[Cause], facts: Facts, view: View, room: int) -> list[str]:
    """As many causes in full as there is room for, then one line for each, then their number."""
    kinds = Kinds.of(facts)
    firsts = {cause.rule.id: cause for cause in reversed(found)}
    # The same search is shown once: other libraries were looked for in the same places.
    blocks = [full(cause, facts, kinds, view, working=firsts[cause.rule.id] is cause) for cause in found]
    if view.verbose:
        return [line for block in blocks for line in (*block, "")]
    shorts = [brief(cause, kinds, view) for cause in found]
    shown = len(found)
    while shown > 1 and _height(blocks[:shown], shorts[shown:]) > room:
        shown -= 1
    if _height(blocks[:shown], shorts[shown:]) > room:
        blocks = [full(found[0], facts, kinds, view, working=False)]
    named = len(found)
    while (
        named > shown
        and _height(blocks[:shown], [*shorts[shown:named], *([[""]] if named < len(found) else [])]) > room
    ):
        named -= 1
    lines = [line for block in blocks[:shown] for line in (*block, "")]
    lines += [line for short in shorts[shown:named] for line in short]
    if named < len(found):
        lines.append(f"… and {count(len(found) - named, 'more cause')}: -v shows all")
    return [*lines, ""] if shown < len(found) else lines


def _height(blocks: Sequence[list[str]], shorts: Sequence[list[str]]) -> int:
    """Lines that these take, an empty one after each block and after the last of the others."""
    return sum(len(block) + 1 for block in blocks) + sum(map(len, shorts)) + bool(shorts)


def _folded(found: Sequence[Cause], view: View) -> list[str]:
    """Notes, on one line."""
    if not found:
        return []
    rules = [f"{rule} ({number})" for rule, number in _by_rule(found).items()]
    number = sum(len(cause.findings) for cause in found)
    words = f"and {count(number, 'note')}: {', '.join(rules)}; -v shows {'it' if number == 1 else 'them'}"
    return view.flow(words.split(" "), "", "  ")


def _by_rule(found: Sequence[Cause]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for cause in found:
        key = f"{cause.rule.id} {cause.rule.name}"
        numbers[key] = numbers.get(key, 0) + len(cause.findings)
    return numbers


def _healthy(diagnosis: Diagnosis, view: View) -> str:
    """Never more than was examined: a blind spot is no health."""
    extensions = sum(len(dist.extensions) for dist in diagnosis.facts.main.dists)
    if unread(diagnosis) or any(finding.rule.id.startswith("NPD9") for finding in diagnosis.findings):
        return view.paint("Nothing is known to be wrong, but not everything could be examined", "warning")
    if diagnosis.set_aside:
        return view.paint(f"Nothing else is wrong: {', '.join(diagnosis.set_aside)}", "good")
    what = f": {count(extensions, 'extension')} examined, and no import is known to fail" if extensions else ""
    return view.paint(f"Nothing is wrong{what}", "good")


def _summary(diagnosis: Diagnosis, view: View) -> list[str]:
    parts = []
    for severity in reversed(Severity):
        number = diagnosis.count(severity)
        words = count(number, severity.name.lower())
        parts.append(view.paint(words, STYLES[severity]) if number else words)
    told = [", ".join(parts), *diagnosis.set_aside, f"{len(unread(diagnosis))} unread"]
    return told if view.narrow else [" · ".join(told)]
