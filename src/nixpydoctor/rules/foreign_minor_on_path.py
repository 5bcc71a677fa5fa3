"""NPD203: site-packages of another minor version stand on sys.path."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.imports.sites import foreign, minor_of


@rule(
    "NPD203",
    Severity.ERROR,
    "packages of another Python version are on sys.path",
    symptoms=(
        r"No module named '(?P<module>[\w.]+\.(?:_\w+|etree))'",
        r"cannot import name '(?P<module>_\w+)' from '\w+' \((?P<path>\S*/python3\.\d+/site-packages/\S*)\)",
    ),
)
def foreign_minor_on_path(case: Case) -> Iterator[Finding]:
    """One finding for each entry: pure Python works by luck, compiled parts are not even seen."""
    python = case.facts.main.python
    for entry in python.path if python is not None else ():
        minor = minor_of(entry.path)
        if python is None or minor is None or not foreign(python, entry):
            continue
        dists = [dist for dist in case.facts.main.dists if dist.location == entry.path]
        if not dists:
            continue
        compiled = [path for dist in dists for path in dist.foreign]
        breaks = tuple(sorted({name for path in compiled for name in case.breaks(path)}))
        undecided = tuple(sorted({name for path in compiled for name in case.undecided(path)} - set(breaks)))
        version = f"{minor[0]}.{minor[1]}"
        first = [Place(compiled[0], f"this Python takes {', '.join(python.suffixes)}")] if compiled else []
        yield foreign_minor_on_path.finding(
            entry.path,
            f"{_names([dist.name for dist in dists])} made for Python {version} on the path of this {python.version}"
            + (f", from {entry.by}" if entry.by else ""),
            entry,
            *first,
            severity=Severity.ERROR if breaks else Severity.NOTE,
            breaks=breaks,
            undecided=undecided,
            detail=f"{leaf(entry.path)} of Python {version}",
        )


def _names(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} distributions"
