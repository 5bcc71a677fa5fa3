"""NPD405: the shell's Python sees the packages of a Nix environment through its wrapper, and a host bypasses that."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import in_store
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.hosts import named, pair


@rule(
    "NPD405",
    Severity.WARNING,
    "a host does not see the packages of a Nix environment",
    symptoms=(r"PyErr \{ type: <class 'ModuleNotFoundError'>, .*\(.No module named '(?P<module>[\w.]+)'",),
)
def nix_packages_not_seen_by_host(case: Case) -> Iterator[Finding]:
    """Of the same minor only: packages of another one are no use to it."""
    found = pair(case)
    if found is None:
        return
    inside, _, outside = found
    if inside.minor != outside.minor:
        return
    lacking = {name: dist for name, dist in case.only_beside.items() if in_store(dist.location)}
    if not lacking:
        return
    folder = next(iter(lacking.values())).location
    yield nix_packages_not_seen_by_host.finding(
        case.process.executable,
        f"the program does not see the Nix environment of this shell: {named(list(lacking))} cannot be imported in it",
        Place(folder, f"on the sys.path of {outside.command} only"),
        Place(inside.prefix, "the prefix that the Python inside of the program arrives at"),
        undecided=tuple(lacking),
        detail=folder,
    )
