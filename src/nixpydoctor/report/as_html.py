"""The diagnosis as one page for a browser that needs nothing else: verdict, causes, a picture of one import, remedies.

The page is `page.html`; its own policy forbids every request. Whatever came from the machine is escaped twice: for
people (`words.escape`) and for HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape as entities

from nixpydoctor import packaged
from nixpydoctor.doctor import Diagnosis, Trial
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.loader.trace import Resolution
from nixpydoctor.recording import NotRecorded
from nixpydoctor.report import header, worlds
from nixpydoctor.report.as_markdown import verdict
from nixpydoctor.report.causes import Cause, causes, unread
from nixpydoctor.report.links import links
from nixpydoctor.report.markdown import blocks
from nixpydoctor.report.offers import REACH, command, cures, side
from nixpydoctor.report.picture import draw
from nixpydoctor.report.view import View
from nixpydoctor.report.words import count, escape_lines, short
from nixpydoctor.report.working import every, evidence

_MOST = 200
"""Findings of one cause that are listed: the page stays below what a mail or a comment takes."""
_TRIES = 20
"""Objects of which one is drawn."""
_STEPS = 80
"""Places of one search that are listed."""


def render(diagnosis: Diagnosis) -> str:
    """The whole page. Hashes and the home folder are shortened, as on a screen."""
    home = diagnosis.facts.home
    found = causes(diagnosis.findings)
    said = verdict(diagnosis)
    body = [*_head(diagnosis, said), *_picture(found, diagnosis.facts)]
    if found:
        body.append("<h2>What is wrong</h2>")
        body += [_cause(cause, diagnosis.facts, unfolded=not number) for number, cause in enumerate(found)]
    body += _offers(diagnosis)
    if missed := unread(diagnosis):
        body.append(f"<h2>{count(len(missed), 'file')} could not be read</h2><ul>")
        body += [f"<li><code>{_text(one.path, home)}</code>: {_text(one.reason, home)}" for one in missed[:_MOST]]
        body.append("</ul>")
    page = packaged.text("report/page.html")
    # The title first: what the body holds is never looked through again.
    return page.replace("@TITLE@", entities(said), 1).replace("@BODY@", "\n".join(body), 1)


def _text(text: str, home: str | None) -> str:
    return entities(short(text, home))


def _head(diagnosis: Diagnosis, said: str) -> Iterator[str]:
    facts = diagnosis.facts
    home, choice = facts.home, facts.choice
    worst = max((finding.severity for finding in diagnosis.findings), default=Severity.NOTE)
    kind = worst.name.lower() if worst > Severity.NOTE else "good"
    yield f'<h1>nixpydoctor: <span class="{kind}">{entities(said)}</span></h1><dl>'
    rows = [("target", f"{choice.target}: {choice.why}"), *header.rows(facts)]
    if breaks := sorted({name for finding in diagnosis.findings for name in finding.breaks}):
        rows.append(("breaks", f"import {', '.join(breaks)}"))
    for label, value in rows:
        yield f"<dt>{label}</dt><dd>{_text(value, home)}</dd>"
    yield "</dl>"
    if diagnosis.worlds is not None:
        lines = worlds.lines(diagnosis.worlds, View(verbose=1, home=home))
        yield f'<h2>Inside of the program, and in the shell</h2><pre tabindex="0">{entities(chr(10).join(lines))}</pre>'


def _picture(found: Sequence[Cause], facts: Facts) -> Iterator[str]:
    """What the first import of the report needs; in a healthy Python, the first extension that is not Python's own."""
    owners = {path: dist for dist in facts.main.dists for path in dist.extensions}
    broken = [(finding.subject, finding.breaks) for cause in found for finding in cause.worst]
    own = [(path, ()) for path, dist in owners.items() if dist.name != "python"]
    for path, breaks in [(path, names) for path, names in broken or own if path in owners][:_TRIES]:
        try:
            drawn = draw(links(facts, [path]), facts.home)
        except NotRecorded:  # a facts file of an older version holds what the rules asked, and that is less
            continue
        named = next((name for name in breaks if name in owners[path].top_level), next(iter(breaks), ""))
        needs = f"What <code>import {_text(named, None)}</code> needs" if named else "What one extension needs"
        yield f"<h2>{needs}</h2><p>Its loader opens <code>{_text(path, facts.home)}</code>. "
        yield "Each arrow leads to something that is needed; a red box is what is not found.</p>"
        yield f'<div class="scroll" tabindex="0" role="group" aria-label="link graph">{drawn.svg}</div>'
        if drawn.objects or drawn.links:
            left = f"{count(drawn.objects, 'object')} and {count(drawn.links, 'arrow')} between found ones"
            yield f"<p>Left out of the picture: {left}. <code>nixpydoctor tree</code> shows all.</p>"
        return


# ── causes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _cause(cause: Cause, facts: Facts, *, unfolded: bool) -> str:
    home, first = facts.home, cause.first
    kind = cause.severity.name.lower()
    what = f"{cause.detail}: {cause.rule.title}" if cause.detail and cause.subjects > 1 else first.message
    out = [
        f"<details{' open' if unfolded else ''}><summary>",
        f'<span class="level {kind}">{kind}</span> <code>{cause.rule.id}</code> {_text(what, home)}</summary><dl>',
    ]
    if cause.breaks:
        out.append(f"<dt>breaks</dt><dd>import {_text(', '.join(cause.breaks), home)}</dd>")
    if cause.subjects > 1:
        owners = [f"{name} ({number})" for name, number in cause.owners]
        of = f" of {', '.join(owners)}" if owners else ""
        harmless = f" ({cause.harmless} without effect on a plain import)" if cause.harmless else ""
        out.append(f"<dt>at</dt><dd>{_text(count(cause.subjects, 'object') + harmless + of, home)}</dd>")
    if cause.hint:
        out.append(f"<dt>nixpkgs</dt><dd>{_text(cause.hint, home)}</dd>")
    out.append(f"<dt>more</dt><dd>nixpydoctor explain {cause.rule.id}</dd></dl>")
    out += _working(first, facts)
    out.append("<details><summary>" + count(len(cause.findings), "finding") + "</summary><table>")
    out.append("<thead><tr><th>where<th>of<th>severity<th>what</thead>")
    for finding in cause.findings[:_MOST]:
        owner = f"{finding.dist or ''} {finding.version or ''}"
        out.append(
            f'<tr><td class="path">{_text(finding.place or finding.subject, home)}<td>{_text(owner, home)}'
            f"<td>{finding.severity.name.lower()}<td>{_text(finding.message, home)}"
        )
    out.append("</table>")
    if more := len(cause.findings) - _MOST:
        out.append(f"<p>… and {count(more, 'more finding')}</p>" if more > 0 else "")
    return "\n".join([*out, "</details></details>"])


def _working(finding: Finding, facts: Facts) -> Iterator[str]:
    """Each step of the first search, and what else speaks for it."""
    plain = View(home=facts.home)
    for item in finding.evidence[:3]:
        if not isinstance(item, Resolution):
            for line in evidence(item, facts, plain):
                yield f"<p><code>{entities(line.strip())}</code></p>"
            continue
        process = facts.main.process
        by = f" by {process.loader.real}" if process.loader is not None else ""
        yield f"<h3>Where {_text(item.needed, facts.home)} was searched{_text(by, facts.home)}</h3><table>"
        yield "<thead><tr><th>step<th>place<th>there</thead>"
        rows = list(every(item, process))
        for how, place, outcome in rows[:_STEPS]:
            yield f'<tr><td>{entities(how)}<td class="path">{_text(place, facts.home)}<td>{_text(outcome, facts.home)}'
        yield "</table>"
        if len(rows) > _STEPS:
            yield f"<p>… and {count(len(rows) - _STEPS, 'more place')}</p>"


# ── remedies ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _offers(diagnosis: Diagnosis) -> Iterator[str]:
    home = diagnosis.facts.home
    if not diagnosis.offers and not diagnosis.not_offered:
        return
    title = "What would help" if diagnosis.offers else "No remedy that is known here would help"
    yield f"<h2>{title}</h2>"
    for number, trial in enumerate(diagnosis.offers):
        yield from _offer(trial, diagnosis, unfolded=not number)
    if diagnosis.not_offered:
        yield "<details><summary>Not offered</summary><ul>"
        for refusal in diagnosis.not_offered:
            yield f"<li><code>{refusal.remedy.name}</code>: {_text(refusal.why, home)}"
        yield "</ul></details>"


def _offer(trial: Trial, diagnosis: Diagnosis, *, unfolded: bool) -> Iterator[str]:
    treatment = trial.treatment
    yield f"<details{' open' if unfolded else ''}><summary>"
    yield f'<span class="level good">{treatment.remedy.name}</span>, {REACH[treatment.reach]}: '
    yield f"{_text(cures(trial, diagnosis) + side(trial), None)}</summary>"
    for sentence in treatment.assumes:
        yield f"<p>assumes: {_text(sentence, diagnosis.facts.home)}</p>"
    yield from _markdown(treatment.instructions)
    does = "To see what it would change, and to have it done" if treatment.edits else "The same in a terminal"
    yield f"<p>{does}:</p>{_copied(command(trial, diagnosis, View()))}</details>"


def _copied(code: str) -> str:
    """A block with a button that copies it."""
    return (
        f'<div class="copied"><pre tabindex="0">{entities(code)}</pre><button type="button" hidden>Copy</button></div>'
    )


_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)")
_MARK = re.compile(r"^\s*(?:[-*]|\d+\.) ")


def _markdown(text: str) -> Iterator[str]:
    """The little Markdown of instructions; its code blocks can be copied."""
    for kind, lines in blocks(escape_lines(text)):
        if kind == "code":
            yield _copied("\n".join(lines))
        elif kind == "table":
            yield f'<pre tabindex="0">{entities(chr(10).join(lines))}</pre>'
        elif kind == "heading":
            yield f"<h3>{_inline(lines[0].lstrip('#').strip())}</h3>"
        elif kind == "item":
            yield f"<ul><li>{_inline(_MARK.sub('', ' '.join(lines)))}</ul>"
        else:
            yield f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    """Code, bold and links to the web; what is between stays text."""
    text = entities(text)
    text = _CODE.sub(r"<code>\1</code>", text)
    text = _BOLD.sub(r"<strong>\1</strong>", text)
    return _LINK.sub(r'<a href="\2" rel="noreferrer">\1</a>', text)
