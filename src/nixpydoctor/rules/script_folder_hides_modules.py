"""NPD211: files in the project's folder hide modules from every script that is started there."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.imports.winners import SCRIPT, Winner, hidden_library
from nixpydoctor.rules.common import instead, shadowing, where

_USUAL = frozenset(
    ("build", "conftest", "dist", "docs", "examples", "scripts", "setup", "test", "tests", "tools", "versioneer")
)
"""Names of a project's own folders and files that some distribution installs as well: nobody means that one."""


@rule(
    "NPD211",
    Severity.NOTE,
    "the project's folder hides a module from scripts that start there",
    symptoms=(
        r"consider renaming '(?P<path>[^']+)' since it has the same name as",
        r"partially initialized module '(?P<module>\w+)'.*most likely due to a circular import",
    ),
)
def script_folder_hides_modules(case: Case) -> Iterator[Finding]:
    """One finding for each name. Notes: which script will be started, and where, nobody knows."""
    project = case.facts.project
    if project is None or case.facts.main.python is None or not _suspicious(case, project.root):
        return
    winners = case.winners_of_script(project.root)
    for winner in (*hidden_library(winners), *_hidden_dists(case, winners.contested())):
        if winner.entry is not None and winner.entry.by == SCRIPT and winner.name not in _USUAL:
            yield script_folder_hides_modules.finding(
                where(winner),
                f"a script in {project.root} gets {leaf(where(winner))} from there for `import {winner.name}`"
                f" {instead(winner)}",
                shadowing(winner),
                detail="the script's folder",
            )


def _suspicious(case: Case, root: FsPath) -> bool:
    """Whether the folder holds anything whose name an import may mean: one listing, and nothing more in most cases."""
    names = {entry.removesuffix(".py") for entry in case.disk.names(root) or ()} - _USUAL
    tops = {name for dist in case.facts.main.dists for name in dist.top_level}
    return bool(names & tops) or not names.isdisjoint(case.winners.library)


def _hidden_dists(case: Case, contested: tuple[Winner, ...]) -> Iterator[Winner]:
    owned = {(dist.location, name) for dist in case.facts.main.dists for name in dist.top_level}
    for winner in contested:
        for offer in winner.shadowed:
            other = offer.module.path != winner.module.path and not offer.module.stdlib
            if other and (offer.entry.path, winner.name) in owned:
                yield winner
                break
