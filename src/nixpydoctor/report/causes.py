"""Findings brought together by cause: one missing library is one trouble, however many extensions need it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from nixpydoctor.doctor import Diagnosis
from nixpydoctor.facts import Unread
from nixpydoctor.findings import Finding, Rule, Severity
from nixpydoctor.light import dataclass


@dataclass(frozen=True)
class Cause:
    """Findings of one rule about one detail, in load order."""

    rule: Rule
    detail: str
    findings: tuple[Finding, ...]

    @cached_property
    def severity(self) -> Severity:
        """That of the worst finding."""
        return max(finding.severity for finding in self.findings)

    @cached_property
    def worst(self) -> tuple[Finding, ...]:
        """The findings that have the cause's own severity."""
        return tuple(finding for finding in self.findings if finding.severity is self.severity)

    @property
    def first(self) -> Finding:
        """The one that stands for all."""
        return self.worst[0]

    @property
    def hint(self) -> str:
        """What supplies the detail, where a finding knows it."""
        return next((finding.hint for finding in self.findings if finding.hint), "")

    @cached_property
    def breaks(self) -> tuple[str, ...]:
        """Every module whose plain import fails of it."""
        return tuple(sorted({name for finding in self.findings for name in finding.breaks}))

    @cached_property
    def undecided(self) -> tuple[str, ...]:
        """Every module that may fail of it and is not known to."""
        return tuple(sorted({name for finding in self.findings for name in finding.undecided} - set(self.breaks)))

    @cached_property
    def subjects(self) -> int:
        """How many files are concerned."""
        return len({finding.subject for finding in self.findings})

    @cached_property
    def harmless(self) -> int:
        """How many of them are concerned less than the cause's severity says."""
        return self.subjects - len({finding.subject for finding in self.worst})

    @cached_property
    def owners(self) -> tuple[tuple[str, int], ...]:
        """`("numpy 2.3.2", 19)`, the distribution with most findings first."""
        files = {finding.subject: finding for finding in self.findings if finding.dist}.values()
        names = Counter(f"{finding.dist} {finding.version or ''}".strip() for finding in files)
        return tuple(sorted(names.items(), key=lambda item: (-item[1], item[0])))


def causes(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """The causes, worst first; within a severity by the number of imports they break, then in load order."""
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        # Without a detail the messages are all that tells two findings of a rule apart.
        grouped.setdefault((finding.rule.id, finding.detail or finding.message), []).append(finding)
    found = [Cause(same[0].rule, same[0].detail, tuple(same)) for same in grouped.values()]
    return tuple(sorted(found, key=lambda cause: (-cause.severity, -len(cause.breaks))))


def unread(diagnosis: Diagnosis) -> tuple[Unread, ...]:
    """What could not be examined: each file once, whether the survey or the examination met it."""
    met = (item for finding in diagnosis.findings if finding.rule.id.startswith("NPD9") for item in finding.evidence)
    found: dict[str, Unread] = {}
    for item in (*diagnosis.facts.unread, *met):
        if isinstance(item, Unread):
            found.setdefault(item.path, item)
    return tuple(found.values())
