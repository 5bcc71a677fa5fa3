"""NPD509: a library of the GPU driver is not found."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, join
from nixpydoctor.findings import Evidence, Finding, Place, Severity, rule
from nixpydoctor.knowledge.drivers import OF_DISTRIBUTIONS, OPENGL_DRIVER, WSL
from nixpydoctor.rules.common import is_driver, severity

_DRIVER = "the GPU driver"


@rule(
    "NPD509",
    Severity.ERROR,
    "a library of the GPU driver cannot be found",
    symptoms=(
        r"(?P<soname>libcuda\.so(?:\.1)?|libnvidia-[\w-]+\.so\.\d+): cannot open shared object file",
        r"Could not load dynamic library '(?P<soname>libcuda\.so\.1)'",
        r"Found no NVIDIA driver on your system",
    ),
)
def driver_library(case: Case) -> Iterator[Finding]:
    """One finding per object or place in the code and soname; where the driver is, the message says so."""
    for path in case.unloadable:
        for search in case.missing(path):
            if not is_driver(search.needed):
                continue
            where, place = _where(case, search.needed)
            yield driver_library.finding(
                path,
                f"{case.title(path)} needs {search.needed} of {_DRIVER}, which {where}",
                *place,
                search,
                dist=case.owner(path),
                severity=severity(case, path),
                breaks=case.breaks(path),
                undecided=case.undecided(path),
                detail=search.needed,
                loads=False,
                hint=_DRIVER,
            )
    for site in case.reach.sites:
        names = site.opening.names
        if not names or not all(is_driver(name) for name in names):
            continue
        where, place = _where(case, names[0])
        owner = f"{site.dist.name} {site.dist.version}" if site.dist is not None else site.opening.site
        yield driver_library.finding(
            site.opening.site,
            f"{owner} opens {names[0]} of {_DRIVER} by name, which {where}",
            site.opening,
            *place,
            dist=site.dist,
            severity=Severity.ERROR if site.breaks else Severity.NOTE,
            breaks=site.breaks,
            undecided=site.undecided,
            detail=names[0],
            hint=_DRIVER,
        )


def _where(case: Case, soname: str) -> tuple[str, tuple[Evidence, ...]]:
    for folder in (OPENGL_DRIVER, WSL, *OF_DISTRIBUTIONS):
        path = join(FsPath(folder), soname)
        if case.there(path):
            return f"lies in {folder}, where this process does not look", (Place(path, "is the driver's"),)
    return "is nowhere on this machine where a driver would be", ()
