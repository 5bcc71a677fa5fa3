"""NPD202: a compiled module carries the tag of another Python, and there is none for this one beside it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.imports.sites import foreign
from nixpydoctor.rules.common import severity


@rule(
    "NPD202",
    Severity.ERROR,
    "an extension was built for another Python",
    symptoms=(
        r"No module named '(?P<module>numpy\.(?:_core|core)\._multiarray_umath)'",
        r"The following compiled module files exist, but seem incompatible",
    ),
)
def extension_of_another_python(case: Case) -> Iterator[Finding]:
    """One finding per module: this Python does not even see the file."""
    python = case.facts.main.python
    if python is None or not python.suffixes:
        return
    elsewhere = {entry.path for entry in python.path if foreign(python, entry)}  # NPD203 speaks of those
    for dist in case.facts.main.dists:
        for path in dist.foreign if dist.location not in elsewhere else ():
            tag = leaf(path).partition(".")[2]
            yield extension_of_another_python.finding(
                path,
                f"{case.title(path)}: {leaf(path)} is for another Python than this {python.version}",
                Place(path, f"its suffix is .{tag}; this Python takes {', '.join(python.suffixes)}"),
                dist=dist,
                severity=severity(case, path),
                breaks=case.breaks(path),
                undecided=case.undecided(path),
                detail=tag,
                loads=False,
            )
