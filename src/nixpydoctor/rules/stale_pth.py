"""NPD208: a line of a .pth file leads nowhere: a folder that is gone, a module that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Dist, FsPath, leaf, normalize
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.imports.sites import Line, has_pth, lines, site_folders


@rule(
    "NPD208",
    Severity.ERROR,
    "a .pth file leads nowhere",
    symptoms=(
        r"Error processing line \d+ of (?P<path>\S+\.pth)",
        r"Remainder of file ignored",
    ),
)
def stale_pth(case: Case) -> Iterator[Finding]:
    """One finding for each file: an error where an installed distribution can no longer be imported for it."""
    python = case.facts.main.python
    for folder in site_folders(python) if python is not None else ():
        if not has_pth(folder, case.disk):
            continue
        files: dict[FsPath, list[Line]] = {}
        for line in lines(folder, case.disk):
            files.setdefault(line.file, []).append(line)
        for file, held in files.items():
            stale = [line for line in held if _leads_nowhere(case, line)]
            names = _lost(case, folder, file) if len(stale) == len(held) else ()
            if stale:
                yield _finding(file, stale, names)


def _finding(file: FsPath, stale: list[Line], names: tuple[str, ...]) -> Finding:
    first = stale[0]
    what = f"names {first.adds}, which does not exist" if first.adds else f"imports {', '.join(first.imports)} in vain"
    others = len(stale) - 1
    more = f", and so do{'es' * (others == 1)} {others} more line{'s' * (others > 1)}" if others else ""
    return stale_pth.finding(
        file,
        f"line {first.number} of {leaf(file)} {what}{more}",
        *(Place(file, f"line {line.number} is {line.text[:120]}") for line in stale[:3]),
        severity=Severity.ERROR if names else Severity.NOTE,
        breaks=names,
        detail=leaf(file),
    )


def _leads_nowhere(case: Case, line: Line) -> bool:
    if line.adds is not None:
        return case.disk.kind(line.adds) is None
    if "try" in line.text or "has_mfs" in line.text:
        return False
    return any(case.winners.winner(name.partition(".")[0]) is None for name in line.imports)


def _lost(case: Case, folder: FsPath, file: FsPath) -> tuple[str, ...]:
    """The module of the installed distribution that the file belongs to, where nothing gives it any more."""
    stem = leaf(file).removesuffix(".pth").removeprefix("__editable__.").removeprefix("_editable_impl_").strip("_")
    for dist in case.facts.main.dists:
        if dist.location == folder and _called(stem, dist):
            names = dist.top_level or (dist.key.replace("-", "_"),)
            return tuple(name for name in names if case.winners.winner(name) is None)
    return ()


def _called(stem: str, dist: Dist) -> bool:
    return normalize(stem) in (dist.key, normalize(f"{dist.name}-{dist.version}"))
