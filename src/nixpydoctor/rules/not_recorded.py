"""NPD903: a replayed facts file does not hold what a rule asked."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule


@rule(
    "NPD903",
    Severity.NOTE,
    "the facts file lacks an answer that a rule needs",
    symptoms=(r"the facts file does not hold (?P<question>.+)",),
)
def not_recorded(case: Case) -> Iterator[Finding]:
    """Says nothing by itself: the doctor makes its findings where another rule meets an unrecorded path."""
    yield from ()
