"""NPD403: a host with a static Python keeps its symbols to itself, so no extension module can be loaded into it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.hosts import host


@rule(
    "NPD403",
    Severity.ERROR,
    "a host with a static Python does not export its symbols",
    symptoms=(r"\.so: undefined symbol: (?P<symbol>_?Py[A-Z]\w*)",),
)
def symbols_kept_inside(case: Case) -> Iterator[Finding]:
    """One finding for the program, whatever the number of extensions."""
    found = host(case)
    if found is None or found[0].exports:
        return
    extensions = case.extensions
    if not extensions:
        return
    names = {name for dist in case.facts.main.dists if dist.extensions for name in dist.top_level}
    yield symbols_kept_inside.finding(
        case.process.executable,
        f"the program keeps its Python to itself: none of {len(extensions)} extension modules can be loaded",
        Place(case.process.executable, "its dynamic symbols lack PyModule_Create2"),
        Place(extensions[0], "an extension module, which takes Python's functions from the program"),
        undecided=tuple(sorted(names)),
        detail="PyModule_Create2",
    )
