"""Runs the rules on facts, and on what each treatment of a remedy makes of them: what it cures, what it causes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.findings import Finding, Rule, Severity
from nixpydoctor.light import dataclass
from nixpydoctor.recording import NotRecorded
from nixpydoctor.rules import RULES
from nixpydoctor.rules.not_recorded import not_recorded
from nixpydoctor.treatments import NotHere, Remedy, Treatment

ROUNDS = 3
"""How often a remedy is fitted to its own outcome: a process that starts at last reveals what was hidden."""


@dataclass(frozen=True, slots=True)
class Fault:
    """We are wrong: a rule or remedy that raised. The others still report; the exit code is 4."""

    where: str
    """`rule missing-library` or `remedy nix-ld`."""
    error: str
    """The exception's type and text."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One treatment and what it did to the findings."""

    treatment: Treatment
    cured: tuple[Finding, ...]
    caused: tuple[Finding, ...]
    """New findings about things that could already be seen before."""
    revealed: tuple[Finding, ...] = ()
    """Only visible since the process starts at all, or since nothing hides the distribution any more."""
    cures_all_errors: bool = False

    @property
    def cured_errors(self) -> int:
        """How many of the errors it cures."""
        return sum(1 for finding in self.cured if finding.severity is Severity.ERROR)

    @property
    def helps(self) -> bool:
        """Cured something worth it and caused nothing as severe."""
        worst = max((finding.severity for finding in self.cured), default=Severity.NOTE)
        return worst > Severity.NOTE and all(finding.severity < worst for finding in self.caused)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A remedy that is not offered here, and the sentence that says why."""

    remedy: Remedy
    why: str


def examine(case: Case, rules: Sequence[Rule] = RULES) -> tuple[tuple[Finding, ...], tuple[Fault, ...]]:
    """Every rule's findings, most severe first; a rule that raises becomes a fault and the others go on."""
    findings: list[Finding] = []
    faults: list[Fault] = []
    for rule in rules:
        try:
            findings.extend(rule.check(case))
        except NotRecorded as lack:
            findings.append(
                not_recorded.finding(
                    FsPath(lack.path),
                    f"{rule.id} was not examined: the facts file does not hold {lack}",
                    detail=f"{rule.id} {lack.question}",
                )
            )
        except Exception as error:
            faults.append(Fault(f"rule {rule.name}", f"{type(error).__name__}: {error}"))
    findings.sort(key=lambda finding: -finding.severity)
    return tuple(findings), tuple(faults)


def tried(
    case: Case, findings: tuple[Finding, ...], remedy: Remedy, rules: Sequence[Rule], faults: list[Fault]
) -> tuple[list[Trial], list[Refusal]]:
    """The trials of all that a remedy makes of these findings, or why it is not offered; `faults` takes our own."""
    trials: list[Trial] = []
    refusals: list[Refusal] = []
    for fitted in remedy.fit(case, findings):
        if isinstance(fitted, NotHere):
            refusals.append(Refusal(remedy, fitted.why))
            continue
        trial = _trial(case, findings, fitted, rules, faults)
        unknown = next((finding for finding in trial.caused if finding.rule.id == not_recorded.id), None)
        if unknown is not None:  # what a rule could not say is no cure
            refusals.append(Refusal(remedy, f"could not be tried: {unknown.message}"))
        else:
            trials.append(trial)
    if not any(trial.helps for trial in trials) and not refusals:
        refusals.extend(Refusal(remedy, _why(trial)) for trial in trials[:1])
    return trials, refusals


def _why(trial: Trial) -> str:
    """Why a treatment that was tried is not offered."""
    if trial.caused and any(finding.severity > Severity.NOTE for finding in trial.cured):
        worst = max(trial.caused, key=lambda finding: finding.severity)
        return f"would cause as much as it cures: {worst.message}"
    scope = trial.treatment.scope
    return f"tried on these facts, it cures nothing: it {scope}" if scope else "tried on these facts, it cures nothing"


def _trial(
    case: Case, before: tuple[Finding, ...], treatment: Treatment, rules: Sequence[Rule], faults: list[Fault]
) -> Trial:
    """Run the rules on what the treatment makes of the facts, refitting it while that reveals something new."""
    for _ in range(ROUNDS):
        outcome = case.after(treatment.after)
        findings, raised = examine(outcome, rules)
        faults.extend(raised)
        if not _curable(_new(findings, before)):
            break
        refitted = _refit(outcome, findings, treatment)
        if refitted is None:
            break
        treatment = refitted
    left = {finding.key for finding in findings}
    cured = tuple(finding for finding in before if finding.key not in left)
    fresh = _new(findings, before)
    started_now = outcome.starts and not case.starts
    revealed = fresh if started_now else _uncovered(fresh, before, case, outcome)
    errors = {finding.key for finding in findings if finding.severity is Severity.ERROR}
    return Trial(
        treatment=treatment,
        cured=cured,
        caused=tuple(finding for finding in fresh if finding not in revealed),
        revealed=revealed,
        cures_all_errors=not errors and any(finding.severity is Severity.ERROR for finding in cured),
    )


def _uncovered(
    fresh: tuple[Finding, ...], before: tuple[Finding, ...], case: Case, outcome: Case
) -> tuple[Finding, ...]:
    """Trouble of distributions that something hid until now, as far as the imports it breaks failed already."""
    if case.facts.main.dists == outcome.facts.main.dists:
        return ()
    seen = {(dist.key, dist.location) for dist in case.facts.main.dists}
    dead = {name for finding in before if finding.severity is Severity.ERROR for name in finding.breaks}
    found: list[Finding] = []
    for finding in fresh:
        owner = outcome.owner(finding.subject)
        if owner is not None and (owner.key, owner.location) not in seen and dead.issuperset(finding.breaks):
            found.append(finding)
    return tuple(found)


def _refit(outcome: Case, findings: tuple[Finding, ...], treatment: Treatment) -> Treatment | None:
    """The same remedy fitted to its own outcome, or None where it has nothing to add."""
    for again in treatment.remedy.fit(outcome, findings):
        if isinstance(again, Treatment) and again.reach is treatment.reach and again.after != treatment.after:
            return again
    return None


def _new(after: Iterable[Finding], before: Iterable[Finding]) -> tuple[Finding, ...]:
    known = {finding.key for finding in before}
    return tuple(finding for finding in after if finding.key not in known)


def _curable(findings: Iterable[Finding]) -> bool:
    return any(finding.severity > Severity.NOTE for finding in findings)
