"""What would help, best first: the first offer in full, the others by name, and why the rest is not offered."""

from __future__ import annotations

from collections.abc import Sequence

from nixpydoctor.doctor import Diagnosis, Trial
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.report.markdown import show
from nixpydoctor.report.view import View
from nixpydoctor.report.words import count
from nixpydoctor.treatments import Reach

REACH = {
    Reach.SHELL: "for a shell",
    Reach.VENV: "for this venv",
    Reach.PROJECT: "for the project",
    Reach.SYSTEM: "for the whole system",
}
"""How far a treatment goes."""


ADVISED = ("nix-ld", "library-path")
"""What a person was told elsewhere: silence about it would be taken for an oversight."""
_OTHERS = 2
"""Offers named after the best one: `nixpydoctor fix` lists all."""


def lines(diagnosis: Diagnosis, view: View, room: int) -> list[str]:
    """Nothing where nothing is wrong; a sentence where nothing helps. Instructions keep to `room` lines."""
    if not diagnosis.offers and not diagnosis.not_offered:
        return []
    title = "What would help" if diagnosis.offers else "No remedy that is known here would help"
    if diagnosis.facts.choice.root and diagnosis.offers:
        title = "What would help, said and done on the machine that has this root"
    out = [view.paint(title, "strong")]
    shown = diagnosis.offers if view.verbose else _distinct(diagnosis.offers)
    for number, trial in enumerate(shown):
        out += offer(trial, diagnosis, view, "or " if number else "")
        if trial.treatment.edits and (view.verbose or not number):
            out.append(f"    {command(trial, diagnosis, view)}")
        if view.verbose:
            out += ["", *show(trial.treatment.instructions, view, "    "), ""]
        elif not number:
            out += _cut(show(trial.treatment.instructions, view, "    ", tight=True), room)
    if more := len(diagnosis.offers) - len(shown):
        forms = "1 more form" if more == 1 else f"one of {more} more"
        out += view.flow(f"or {forms}: nixpydoctor fix lists all".split(" "), "  ", "    ")
    return out + _refusals(diagnosis, view)


def _distinct(offers: Sequence[Trial]) -> list[Trial]:
    """The best form of each remedy, and no more remedies than a person would compare."""
    best: dict[str, Trial] = {}
    for trial in offers:
        best.setdefault(trial.treatment.remedy.name, trial)
    return list(best.values())[: _OTHERS + 1]


def _refusals(diagnosis: Diagnosis, view: View) -> list[str]:
    """What everybody would advise, with the reason against it here; of the rest only the number."""
    told = [refusal for refusal in diagnosis.not_offered if view.verbose or refusal.remedy.name in ADVISED]
    out: list[str] = []
    for refusal in told:
        words = f"not offered: {refusal.remedy.name} ({refusal.why})"
        out += view.flow(view.short(words).split(" "), "  ", "    ")
    more = len(diagnosis.not_offered) - len(told)
    if more:
        others = "1 other remedy" if more == 1 else f"{more} other remedies"
        out += view.flow(f"not offered: {others}, for reasons that -v tells".split(" "), "  ", "    ")
    return out


def offer(trial: Trial, diagnosis: Diagnosis, view: View, before: str = "") -> list[str]:
    """A treatment by name, how far it goes and what it cures; without `before`, what it assumes as well."""
    treatment = trial.treatment
    name = treatment.remedy.name
    said = f"{before}{name}, {REACH[treatment.reach]}: {cures(trial, diagnosis)}{side(trial)}"
    said += "; fix --apply can do it" if treatment.edits and before and not view.verbose else ""
    first, *more = view.flow(view.short(said).split(" "), "  ", "    ")
    out = [first.replace(name, view.paint(name, "good"), 1), *more]
    if view.verbose or not before:
        for sentence in treatment.assumes:
            out += view.flow(view.short(f"assumes: {sentence}").split(" "), "    ", "    ")
    return out


def command(trial: Trial, diagnosis: Diagnosis, view: View) -> str:
    """What shows the steps of a treatment, or carries it out where the tool can."""
    apply = ["--apply"] if trial.treatment.edits else []
    target = view.argument(diagnosis.facts.choice.target)
    return " ".join(["nixpydoctor fix", *apply, trial.treatment.remedy.name, target])


def _cut(steps: list[str], room: int) -> list[str]:
    if len(steps) <= room:
        return steps
    return [*steps[: room - 1], f"    … and {count(len(steps) - room + 1, 'more line')}: -v shows all"]


def cures(trial: Trial, diagnosis: Diagnosis) -> str:
    """`cures 2 of 5 errors (tried on these facts)`; what was not tried is only expected."""
    worst = max((finding.severity for finding in diagnosis.findings), default=Severity.ERROR)
    total = diagnosis.count(worst)
    cured = sum(1 for finding in trial.cured if finding.severity is worst)
    noun = worst.name.lower()
    if cured == total:
        amount = f"the {noun}" if total == 1 else f"all {total} {noun}s"
    else:
        amount = f"{cured} of {count(total, noun)}"
    if trial.treatment.basis == "simulated":
        return f"cures {amount} (tried on these facts)"
    return f"is expected to cure {amount}"


def side(trial: Trial) -> str:
    """What a treatment brings with it."""
    said = ""
    for verb, findings in (("brings", trial.caused), ("then shows", trial.revealed)):
        if findings:
            amounts = ", ".join(_amounts(findings))
            ids = ", ".join(sorted({finding.rule.id for finding in findings}))
            said += f"; {verb} {amounts} ({ids})"
    return said


def _amounts(findings: tuple[Finding, ...]) -> list[str]:
    numbers = {severity: sum(1 for item in findings if item.severity is severity) for severity in reversed(Severity)}
    return [count(number, severity.name.lower()) for severity, number in numbers.items() if number]
