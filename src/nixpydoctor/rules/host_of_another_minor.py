"""NPD402: the Python inside of a host is of another minor than the shell's, so each has packages of its own."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.hosts import host, named, pair


@rule(
    "NPD402",
    Severity.WARNING,
    "a host embeds another Python than the shell starts",
    symptoms=(r"PyErr \{ type: <class 'ImportError'>, value: ImportError\(.*numpy from its source directory",),
)
def host_of_another_minor(case: Case) -> Iterator[Finding]:
    """A warning where something is installed for the shell's Python alone, else a note."""
    found, beside = host(case), pair(case)
    if found is None or beside is None:
        return
    (host_facts, inside), outside = found, beside[2]
    if inside.minor is None or outside.minor is None or inside.minor == outside.minor:
        return
    lacking = list(case.only_beside)
    ours, theirs = (".".join(map(str, minor)) for minor in (inside.minor, outside.minor))
    lost = f": {named(lacking)} can be imported there and not here" if lacking else ""
    yield host_of_another_minor.finding(
        case.process.executable,
        f"the program embeds Python {ours}, and this shell's python3 is {theirs}{lost}",
        Place(host_facts.library or case.process.executable, f"Python {ours}, inside of the program"),
        Place(outside.command, f"Python {theirs}, the shell's"),
        severity=Severity.WARNING if lacking else Severity.NOTE,
        undecided=tuple(lacking),
        detail=f"{ours} {theirs}",
    )
