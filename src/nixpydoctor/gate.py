"""Decides what counts and whether a run passes: selection, ignores, baseline, and the exit code.

The exit code does not depend on the format of the report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.doctor import Diagnosis, Trial
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.fingerprints import Key, steady
from nixpydoctor.light import dataclass, replace

if TYPE_CHECKING:
    from datetime import date

PASSED = 0
FINDINGS = 1
USAGE = 2
NOTHING_EXAMINED = 3
FAULT = 4
"""The exit codes. A gate that checks nothing is not green, hence 3."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """Findings that a project has decided to live with."""

    word: str
    """As it was written: an id, a family such as `NPD1`, or a name."""
    rules: frozenset[str]
    """The ids that it stands for."""
    dist: str | None = None
    """Only of this distribution, by its normalized name."""
    detail: str = ""
    """Only where the detail matches this glob: `libcuda.so.*`."""
    reason: str = ""
    until: date | None = None
    """The last day on which it holds."""

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding, expired or not."""
        if finding.rule.id not in self.rules or self.dist not in (None, finding.dist):
            return False
        if not self.detail:
            return True
        from fnmatch import fnmatchcase

        return fnmatchcase(finding.detail, self.detail)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a project wants to hear of."""

    select: frozenset[str] | None = None
    """Ids; None: every rule."""
    ignores: tuple[Ignore, ...] = ()
    accepted: frozenset[Key] = frozenset()
    """The baseline."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """A diagnosis of what counts."""

    diagnosis: Diagnosis
    expired: tuple[Ignore, ...] = ()
    """Ignores that would have covered something and hold no more."""
    fixed: int = 0
    """How many findings of the baseline are gone."""


def sift(diagnosis: Diagnosis, terms: Terms, today: date) -> Sifted:
    """Leave out what is ignored or accepted; remedies are judged by what is left."""
    root = diagnosis.facts.project.root if diagnosis.facts.project is not None else None
    holding = [one for one in terms.ignores if one.until is None or one.until >= today]
    over = [one for one in terms.ignores if one not in holding]

    def ignored(finding: Finding) -> bool:
        return (terms.select is not None and finding.rule.id not in terms.select) or any(
            one.covers(finding) for one in holding
        )

    passed_over = tuple(finding for finding in diagnosis.findings if ignored(finding))
    rest = [finding for finding in diagnosis.findings if not ignored(finding)]
    seen = {steady(finding, root) for finding in diagnosis.findings} if terms.accepted else set()
    known = tuple(finding for finding in rest if terms.accepted and steady(finding, root) in terms.accepted)
    left = tuple(finding for finding in rest if finding not in known) if known else tuple(rest)
    out = {finding.key for finding in (*passed_over, *known)}
    # As with nothing to cure from the start: no remedy is spoken of.
    ill = any(finding.severity > Severity.NOTE for finding in left)
    trials = tuple(_judged(trial, left, ignored, out) for trial in diagnosis.trials if ill)
    helping = {trial.treatment.remedy.name for trial in trials if trial.helps}
    sifted = replace(
        diagnosis,
        findings=left,
        trials=trials,
        not_offered=tuple(one for one in diagnosis.not_offered if ill and one.remedy.name not in helping),
        ignored=passed_over,
        accepted=known,
    )
    expired = tuple(one for one in over if any(one.covers(finding) for finding in left))
    return Sifted(sifted, expired, len(terms.accepted - seen))


def _judged(trial: Trial, left: Sequence[Finding], ignored: Callable[[Finding], bool], out: set[Key]) -> Trial:
    """The trial as it looks to somebody who only cares for what is left."""
    cured = tuple(finding for finding in trial.cured if finding.key not in out)
    caused = tuple(finding for finding in trial.caused if not ignored(finding))
    revealed = tuple(finding for finding in trial.revealed if not ignored(finding))
    gone = {finding.key for finding in cured}
    errors = [finding for finding in (*left, *caused, *revealed) if finding.severity is Severity.ERROR]
    all_errors = any(finding.key in gone for finding in errors) and all(finding.key in gone for finding in errors)
    return replace(trial, cured=cured, caused=caused, revealed=revealed, cures_all_errors=all_errors)


def exit_code(diagnosis: Diagnosis, fail_on: Severity = Severity.ERROR, *, exit_zero: bool = False) -> int:
    """4 where we are at fault, 1 where something at or above `fail_on` was found, else 0.

    `exit_zero` forgives findings and never a fault of ours.
    """
    if diagnosis.faults:
        return FAULT
    if exit_zero:
        return PASSED
    return FINDINGS if any(finding.severity >= fail_on for finding in diagnosis.findings) else PASSED
