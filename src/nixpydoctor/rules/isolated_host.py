"""NPD408: a host initialises Python isolated, so that neither PYTHONPATH nor the user site reaches it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.hosts import named, pair


@rule(
    "NPD408",
    Severity.WARNING,
    "a host starts its Python isolated",
    symptoms=(r"PyErr \{ type: <class 'ModuleNotFoundError'>, .*\(.No module named '(?P<module>[\w.]+)'",),
)
def isolated_host(case: Case) -> Iterator[Finding]:
    """Only where the shell's Python has something that isolation hides: a program may mean it well."""
    found, host = pair(case), case.facts.main.host
    if found is None or host is None or not host.isolated:
        return
    inside, _, outside = found
    hidden = {entry.path for entry in outside.path if entry.by == "PYTHONPATH" or entry.path == outside.user_site}
    lacking = {name: dist for name, dist in case.only_beside.items() if dist.location in hidden}
    if not lacking or inside.minor != outside.minor:
        return
    folder = next(iter(lacking.values())).location
    yield isolated_host.finding(
        case.process.executable,
        f"the program starts Python isolated, deaf to PYTHONPATH and without a user site: "
        f"{named(list(lacking))} cannot be imported in it",
        Place(case.process.executable, "takes PyConfig_InitIsolatedConfig from libpython"),
        Place(folder, f"on the sys.path of {outside.command} only"),
        undecided=tuple(lacking),
        detail="PyConfig_InitIsolatedConfig",
    )
