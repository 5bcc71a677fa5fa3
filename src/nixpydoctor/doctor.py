"""The heart: rules run on the facts, remedies are tried on the facts, and what cured something is offered."""

from __future__ import annotations

from dataclasses import dataclass, field

from nixpydoctor.facts import Facts
from nixpydoctor.findings import Finding, Rule, Severity
from nixpydoctor.treatments import Remedy, Treatment


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
    """Only visible since the process starts at all."""


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
    not_offered: tuple[Refusal, ...] = ()
    faults: tuple[Fault, ...] = ()
    rules: tuple[Rule, ...] = field(default=())

    @property
    def offers(self) -> tuple[Trial, ...]:
        """Trials that cured something and caused nothing as severe, best first."""
        return self.trials

    def count(self, severity: Severity) -> int:
        """How many findings have exactly this severity."""
        return sum(1 for finding in self.findings if finding.severity is severity)
