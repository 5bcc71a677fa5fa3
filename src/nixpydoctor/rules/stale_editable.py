"""NPD212: the finder of an editable install points to what is gone."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.imports.sites import has_pth, site_folders


@rule(
    "NPD212",
    Severity.ERROR,
    "an editable install leads nowhere",
    symptoms=(r"Editable project location: (?P<path>/\S+)",),
)
def stale_editable(case: Case) -> Iterator[Finding]:
    """One finding for each install: its .pth file runs well, its finder answers, and the import fails."""
    python = case.facts.main.python
    if python is None or not any(has_pth(folder, case.disk) for folder in site_folders(python)):
        return
    hooks = case.winners.finder.hooks
    gone: dict[FsPath, list[tuple[str, FsPath]]] = {}
    for name, served in {**hooks.last, **hooks.first}.items() if hooks is not None else ():
        if served.path is not None and case.winners.winner(name) is None:
            gone.setdefault(served.by, []).append((name, served.path))
    for file, pairs in gone.items():
        yield stale_editable.finding(
            file,
            f"the editable install behind {leaf(file)} looks for {pairs[0][0]} at {pairs[0][1]}, which does not exist",
            *(Place(path, f"is where {name} should be") for name, path in pairs[:3]),
            breaks=tuple(sorted(name for name, _ in pairs)),
            detail=leaf(file),
        )
