"""The heart: rules run on the facts, remedies are tried on the facts, and what cured something is offered.

There is no table from findings to remedies. Each treatment carries the facts as they would be after it; the same rules
run on those, and the difference is what it cures and what it causes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.findings import Finding, Rule, Severity
from nixpydoctor.light import dataclass, field
from nixpydoctor.recording import NotRecorded
from nixpydoctor.rules import RULES
from nixpydoctor.rules.not_recorded import not_recorded
from nixpydoctor.treatments import NotHere, Remedy, Treatment

if TYPE_CHECKING:
    from nixpydoctor.worlds import Worlds

Aside = Callable[[Callable[[], list[Any]]], Callable[[], list[Any] | None]]
"""Begins to work something out that JSON can hold, somewhere else; what it returns waits for it. None: it came to
nothing, so it is to be worked out here.
"""

WORTH_IT = 100
"""Extensions: with fewer, two processes are no quicker than one."""

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


def diagnose(
    facts: Facts,
    rules: Sequence[Rule] = RULES,
    remedies: Sequence[Remedy] | None = None,
    aside: Aside | None = None,
) -> Diagnosis:
    """Examine the facts and try every remedy on them (`REMEDIES` by default).

    Pure: the same facts give the same diagnosis. `aside` only lets it have two long answers at the same time.
    """
    case = Case(facts) if aside is None else _at_once(facts, aside)
    findings, faults = examine(case, rules)
    trials: list[Trial] = []
    refusals: list[Refusal] = []
    remedies_faults: list[Fault] = []
    if any(finding.severity > Severity.NOTE for finding in findings):
        remedies = _all_remedies() if remedies is None else remedies
        for remedy in remedies:
            try:
                tried, refusal = _try(case, findings, remedy, rules, remedies_faults)
            except NotRecorded as lack:
                refusals.append(Refusal(remedy, f"could not be tried: the facts file does not hold {lack}"))
            except Exception as error:
                remedies_faults.append(Fault(f"remedy {remedy.name}", f"{type(error).__name__}: {error}"))
            else:
                trials.extend(tried)
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


def _at_once(facts: Facts, aside: Aside) -> Case:
    """The case of these facts, whose symbols somebody else looked up while imports were walked here.

    Nearly everywhere nobody lacks a symbol, so that is what the walk goes by; where somebody does, it begins again.
    Whatever goes wrong goes wrong once more in the rule that asks for it, where it is told.
    """
    case = Case(facts)
    try:
        if len(case.extensions) < WORTH_IT or not case.starts:
            return case
        case.companions  # noqa: B018 - both need the closures behind them
        answer = aside(lambda: [[path, lacks] for path, lacks in case.lacking.items()])
        try:
            case.tell_lacking({})
            case.reach  # noqa: B018 - worked out now, kept for the rules
        finally:
            told = answer()
    except Exception:
        return Case(facts)
    if told == []:
        return case
    case = Case(facts)
    if told:
        case.tell_lacking({path: tuple([(one, symbol) for one, symbol in lacks]) for path, lacks in told})
    return case


def _all_remedies() -> Sequence[Remedy]:
    from nixpydoctor.remedies import REMEDIES  # a healthy environment does not pay for them

    return REMEDIES


def _try(
    case: Case, findings: tuple[Finding, ...], remedy: Remedy, rules: Sequence[Rule], faults: list[Fault]
) -> tuple[list[Trial], list[Refusal]]:
    trials: list[Trial] = []
    refusals: list[Refusal] = []
    for fitted in remedy.fit(case, findings):
        if isinstance(fitted, NotHere):
            refusals.append(Refusal(remedy, fitted.why))
        else:
            trials.append(_trial(case, findings, fitted, rules, faults))
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
