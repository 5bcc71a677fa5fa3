"""NPD603: on macOS, a file of the Nix store takes a library of another package manager, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import leaf, store_path
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.dyld import FOREIGN, STORE


@rule(
    "NPD603",
    Severity.WARNING,
    "a library comes from another package manager",
    symptoms=(r"Library not loaded: '?(?P<soname>/(?:opt/homebrew|usr/local|opt/local)/[^\s']+)",),
)
def foreign_prefix(case: Case) -> Iterator[Finding]:
    """Works until the other package manager upgrades or removes it; one finding per pair of files."""
    if not case.dyld:
        return
    told: set[tuple[str, str]] = set()
    for path in case.extensions:
        for search in case.trace(path).resolutions if case.fate(path).loads else ():
            found, asker = search.found, search.requester
            if found is None or (asker, found.path) in told:
                continue
            if asker.startswith(STORE) and found.path.startswith(FOREIGN):
                lasts = "the next `brew upgrade` may remove it"
            elif asker.startswith(FOREIGN) and found.path.startswith(STORE):
                lasts = f"a garbage collection may remove {store_path(found.path) or found.path}"
            else:
                continue
            told.add((asker, found.path))
            yield foreign_prefix.finding(
                path,
                f"{leaf(asker)} takes {found.path} of another package manager: it works now, and {lasts}",
                Place(asker, f"needs {search.needed}"),
                dist=case.owner(path),
                detail=found.path,
            )
