"""The heart: rules run on the facts, remedies are tried on the facts, and what cured something is offered.

There is no table from findings to remedies. Each treatment carries the facts as they would be after it; the same rules
run on those, and the difference is what it cures and what it causes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Finding, Rule, Severity
from nixpydoctor.light import dataclass, field
from nixpydoctor.recording import NotRecorded
from nixpydoctor.rules import RULES
from nixpydoctor.treatments import Remedy
from nixpydoctor.trials import Fault, Refusal, Trial, examine, tried

if TYPE_CHECKING:
    from nixpydoctor.worlds import Worlds

__all__ = ["Diagnosis", "Fault", "Refusal", "Trial", "diagnose", "examine"]

WORTH_IT = 100
"""Extensions: with fewer, two processes are no quicker than one."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found and what helps."""

    facts: Facts
    findings: tuple[Finding, ...]
    """Most severe first, then in load order."""
    trials: tuple[Trial, ...] = ()
    """Every treatment that was tried, in the order of REMEDIES."""
    not_offered: tuple[Refusal, ...] = ()
    faults: tuple[Fault, ...] = ()
    rules: tuple[Rule, ...] = field(default=())
    order: tuple[str, ...] = ()
    """Remedies' names in the order of REMEDIES: the last tie-break between offers."""
    worlds: Worlds | None = None
    """For a host: its Python beside the shell's."""
    ignored: tuple[Finding, ...] = ()
    """What the project does not want to hear of; it stands in no other field."""
    accepted: tuple[Finding, ...] = ()
    """What the project's baseline holds; it stands in no other field."""

    @property
    def set_aside(self) -> tuple[str, ...]:
        """How many findings were ignored or accepted, in words; nothing where there are none."""
        parts = ((self.ignored, "ignored"), (self.accepted, "in the baseline"))
        return tuple(f"{len(findings)} {words}" for findings, words in parts if findings)

    @property
    def offers(self) -> tuple[Trial, ...]:
        """Trials that help, best first; a last resort only counts as curing all errors where no other cures most."""
        helping = [trial for trial in self.trials if trial.helps]
        errors = self.count(Severity.ERROR)
        others = [trial for trial in helping if not trial.treatment.remedy.last_resort]
        mostly = any(2 * trial.cured_errors > errors for trial in others)
        return tuple(sorted(helping, key=lambda trial: self._rank(trial, mostly)))

    def _rank(self, trial: Trial, mostly: bool) -> tuple[bool, bool, int, int, int]:
        treatment = trial.treatment
        return (
            not trial.cures_all_errors or (treatment.remedy.last_resort and mostly),
            treatment.basis != "simulated",
            len(trial.caused),
            int(treatment.reach),
            self.order.index(treatment.remedy.name),
        )

    def count(self, severity: Severity) -> int:
        """How many findings have exactly this severity."""
        return sum(1 for finding in self.findings if finding.severity is severity)


def diagnose(
    facts: Facts,
    rules: Sequence[Rule] = RULES,
    remedies: Sequence[Remedy] | None = None,
) -> Diagnosis:
    """Examine the facts and try every remedy on them (`REMEDIES` by default).

    Pure: the same facts give the same diagnosis.
    """
    case = _case(facts)
    findings, faults = examine(case, rules)
    trials: list[Trial] = []
    refusals: list[Refusal] = []
    remedies_faults: list[Fault] = []
    if any(finding.severity > Severity.NOTE for finding in findings):
        remedies = _all_remedies() if remedies is None else remedies
        for remedy in remedies:
            try:
                outcomes, refusal = tried(case, findings, remedy, rules, remedies_faults)
            except NotRecorded as lack:
                refusals.append(Refusal(remedy, f"could not be tried: the facts file does not hold {lack}"))
            except Exception as error:
                remedies_faults.append(Fault(f"remedy {remedy.name}", f"{type(error).__name__}: {error}"))
            else:
                trials.extend(outcomes)
                refusals.extend(refusal)
    return Diagnosis(
        facts=facts,
        findings=findings,
        trials=tuple(trials),
        not_offered=tuple(refusals),
        faults=(*faults, *remedies_faults),
        rules=tuple(rules),
        order=tuple(remedy.name for remedy in remedies or ()),
        worlds=_worlds(facts),
    )


def _worlds(facts: Facts) -> Worlds | None:
    if facts.beside is None:
        return None
    from nixpydoctor.worlds import compare  # only for programs that embed Python

    try:
        return compare(facts.main, facts.beside, facts.disk)
    except NotRecorded:
        return None


def _case(facts: Facts) -> Case:
    """The case of these facts; where another process can look symbols up, it does so while we walk imports.

    Nearly everywhere nobody lacks a symbol, so that is what the walk goes by; where somebody does, it begins again.
    Whatever goes wrong goes wrong once more in the rule that asks for it, where it is told.
    """
    case = Case(facts)
    try:
        if len(case.extensions) < WORTH_IT or not case.starts or not case.expect_lacking():
            return case
        case.suppose_lacking({})
        case.reach  # noqa: B018 - worked out now, kept for the rules
        case.suppose_lacking(None)
        lacking = case.lacking
        if lacking:
            case = Case(facts)
        case.suppose_lacking(lacking)
    except Exception:
        return Case(facts)
    return case


def _all_remedies() -> Sequence[Remedy]:
    from nixpydoctor.remedies import REMEDIES  # a healthy environment does not pay for them

    return REMEDIES
