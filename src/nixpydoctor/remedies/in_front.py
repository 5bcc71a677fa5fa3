"""The one file, or the few distributions, that stand in front of what an import should find: taken away alone."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, Facts, FsPath, in_store, join, leaf, parent
from nixpydoctor.findings import Finding
from nixpydoctor.imports.without import taken_away
from nixpydoctor.light import NamedTuple
from nixpydoctor.treatments import Reach


class Single(NamedTuple):
    """A way to take away just this."""

    reach: Reach
    command: str
    why: str
    """A sentence or two."""
    after: Facts


def strays(case: Case, loud: Sequence[Finding]) -> Iterator[Single]:
    """Files and source trees that hide a distribution: each gets another name."""
    blamed = {finding.subject for finding in loud if finding.rule.id == "NPD206"}
    for dist, winner in case.shadows:
        path = winner.module.places[0] if winner.module.places else winner.module.path
        if path not in blamed or in_store(path) or winner.entry is None or winner.entry.provider == "hook":
            continue
        new = join(parent(path), f"{winner.name}_aside{leaf(path).removeprefix(winner.name)}")
        yield Single(
            Reach.PROJECT,
            f"mv {shlex.quote(path)} {shlex.quote(new)}",
            f"Any other name will do; then `import {winner.name}` gets {dist.name} {dist.version}.",
            taken_away(case.facts, [path]),
        )


def uninstalls(case: Case, loud: Sequence[Finding]) -> Iterator[Single]:
    """Distributions of the user site that are broken here, and that another entry has as well."""
    python = case.facts.main.python
    users = next((entry for entry in python.path if entry.provider == "user"), None) if python is not None else None
    below = {dist.key for dist in case.facts.main.hidden}
    dists = [
        dist
        for dist in case.facts.main.dists
        if users is not None and dist.location == users.path and dist.key in below and _blamed(dist, loud)
    ]
    if python is None or not dists:
        return
    names = " ".join(shlex.quote(dist.name) for dist in dists)
    # An environment that Nix manages refuses pip everything, removing from the user site included.
    refused = " --break-system-packages" if in_store(case.process.executable) else ""
    yield Single(
        Reach.SYSTEM,
        f"{shlex.quote(python.command)} -m pip uninstall{refused} {names}",
        "They go from the user site of every Python of this version. What stands behind them is imported then.",
        taken_away(case.facts, [path for dist in dists for path in _files(dist, case)], dists),
    )


def _blamed(dist: Dist, loud: Sequence[Finding]) -> bool:
    return any(finding.dist == dist.key and finding.subject.startswith(f"{dist.location}/") for finding in loud)


def _files(dist: Dist, case: Case) -> Iterator[FsPath]:
    """What of a distribution an import would find: its top-level packages and modules."""
    names = case.disk.names(dist.location) or frozenset()
    for name in dist.top_level:
        for entry in names:
            if entry == name or entry.startswith(f"{name}."):
                yield join(dist.location, entry)
