"""What `fix` says: the offers, what one of them would change, what was changed, what was put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING, assert_never

from nixpydoctor.doctor import Diagnosis, Trial
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.report import offers
from nixpydoctor.report.changes import added_by, had
from nixpydoctor.report.markdown import show
from nixpydoctor.report.view import View
from nixpydoctor.report.words import count, escape, escape_lines
from nixpydoctor.treatments import Edit, SetSearchPath, WriteText

if TYPE_CHECKING:
    from nixpydoctor.edits import Applied, State

_SHOWN = 12
"""Objects that are named where more get the same folders."""


def listing(diagnosis: Diagnosis, view: View, before: State | None) -> str:
    """Every remedy that helps, by name, and why the others would not."""
    out = [view.paint(view.short(f"{diagnosis.facts.choice.target}: {diagnosis.facts.choice.why}"), "strong"), ""]
    for trial in diagnosis.offers:
        out += offers.offer(trial, diagnosis, view)
        out.append(f"      {offers.command(trial, diagnosis, view)}")
    for refusal in diagnosis.not_offered:
        out += view.flow(view.short(f"not offered: {refusal.remedy.name} ({refusal.why})").split(" "), "  ", "    ")
    if not diagnosis.offers and not diagnosis.not_offered:
        out.append("Nothing is wrong here that a remedy could cure.")
    return "\n".join([*out, *_before(before, view)]) + "\n"


def plan(trials: Sequence[Trial], diagnosis: Diagnosis, view: View) -> str:
    """One remedy's treatments in full: the instructions, and the diff where the tool can carry them out."""
    out: list[str] = []
    for trial in trials:
        out += [*offers.offer(trial, diagnosis, view), ""]
        out += [*show(trial.treatment.instructions, view, "    "), ""]
        if trial.treatment.edits:
            out += [view.paint("What it would change (nothing has been changed)", "strong")]
            out += [*diff(trial.treatment.edits, diagnosis.facts, view), ""]
    return "\n".join(out)


def diff(edits: Sequence[Edit], facts: Facts, view: View) -> Iterator[str]:
    """What each edit adds, objects that get the same together."""
    groups: dict[tuple[str, tuple[str, ...]], list[SetSearchPath]] = {}
    for edit in edits:
        match edit:
            case WriteText():
                yield from _text(edit, facts, view)
            case SetSearchPath():
                groups.setdefault((edit.tag, added_by(edit, facts)), []).append(edit)
            case _:
                assert_never(edit)
    for (tag, added), group in groups.items():
        yield f"  {count(len(group), 'object')}:"
        shown = group if view.verbose else group[:_SHOWN]
        for item in shown:
            yield f"    {view.short(item.path)}"
            if view.verbose:
                yield from (f"        {tag.upper():<8} {escape(folder)}" for folder in had(item, facts))
        if len(group) > len(shown):
            yield f"    … and {count(len(group) - len(shown), 'more object')}: -v shows all"
        yield from (view.paint(f"      + {tag.upper():<8} {view.short(folder)}", "good") for folder in added)


def _text(edit: WriteText, facts: Facts, view: View) -> Iterator[str]:
    """A new file, or what a file that is there lacks: that one is for its owner to change."""
    there = facts.disk.text(edit.path)
    if not isinstance(there, str):
        yield f"  {view.short(edit.path)} (new)"
        yield from (view.paint(f"    + {line}", "good") for line in escape_lines(edit.text.rstrip("\n")))
        return
    yield f"  {view.short(edit.path)} (yours, and not touched: put this into it yourself)"
    for line in list(unified_diff(there.splitlines(), edit.text.splitlines(), lineterm=""))[2:]:
        yield view.paint(f"    {escape(line)}", "good" if line.startswith("+") else "dim")


def done(applied: Applied, view: View, *, undone: bool = False) -> str:
    """What was changed, in one line, and what to know about it."""
    verb = "Put back" if undone else "Changed"
    out = [view.paint(view.short(f"{verb} {count(len(applied.changed), 'file')} below {applied.base}"), "good")]
    if not undone:
        out[0] += f"; to undo it: nixpydoctor fix --undo {view.argument(applied.base)}"
    for remark in applied.remarks:
        out += view.flow(view.short(remark).split(" "), "  ", "  ")
    return "\n".join(out) + "\n"


def _before(state: State | None, view: View) -> list[str]:
    """How things stand since the last time."""
    if state is None:
        return []
    names = ", ".join(escape(name) for name in state.remedies)
    out = ["", view.paint(f"Done before: {names}, {count(len(state.standing), 'file')} as it left them", "strong")]
    if state.replaced:
        out += [
            f"  {count(len(state.replaced), 'file')} replaced by somebody since:",
            *_some(state.replaced, view),
        ]
    if state.original:
        out += [f"  {count(len(state.original), 'file')} original again:", *_some(state.original, view)]
    if state.replaced or state.original:
        out.append("  Where libraries are missing again, apply it again.")
    if state.moved_from is not None:
        out.append(view.short(f"  Done when the folder was {state.moved_from}: its store paths are no roots any more."))
    return [*out, f"  nixpydoctor fix --undo {view.argument(state.base)}"]


def _some(paths: Sequence[FsPath], view: View) -> list[str]:
    shown = paths if view.verbose else paths[:3]
    more = [f"    … and {len(paths) - len(shown)} more"] if len(paths) > len(shown) else []
    return [*(f"    {view.short(path)}" for path in shown), *more]
