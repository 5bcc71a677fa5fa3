"""NPD102: Python code opens a library by name, and the process cannot find it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Evidence, Finding, Severity, rule
from nixpydoctor.rules.common import hint, is_driver, unseen_by_find_library


@rule(
    "NPD102",
    Severity.ERROR,
    "a library that Python code opens by name cannot be found",
    symptoms=(
        r"cannot load library '(?P<soname>[^']+)'",
        r"[Nn]o library called [\"'](?P<soname>[^\"']+)[\"'] was found",
        (
            r"(?:failed to find|could not find|Could not find|Unable to find) (?P<soname>\w[\w+.-]*)"
            r"(?: shared library|\.  Check your installation| library)"
        ),
        r"(?P<soname>PortAudio|sndfile) library not found",
    ),
)
def unopenable_library(case: Case) -> Iterator[Finding]:
    """One finding per place in the code whose every candidate fails."""
    for site in case.reach.sites:
        opening = site.opening
        if not opening.names or all(name.startswith("/") for name in opening.names):
            continue  # a file beside the code: whatever keeps it from loading is that object's own finding
        if all(is_driver(name) for name in opening.names):
            continue  # NPD509 speaks of it
        if unseen_by_find_library(case, opening.names) is not None:
            continue  # NPD508 speaks of it
        wanted = [name for name in opening.names if not name.startswith("/")]
        soname = next((name for name in wanted if ".so" in name), wanted[0])
        searches: tuple[Evidence, ...] = case.by_name.search(soname).missing[:1] if ".so" in soname else ()
        owner = f"{site.dist.name} {site.dist.version}" if site.dist is not None else opening.site
        others = f" (or {', '.join(name for name in wanted if name != soname)})" if len(wanted) > 1 else ""
        yield unopenable_library.finding(
            opening.site,
            f"{owner} opens {soname}{others} by name, and this process cannot find it",
            opening,
            *searches,
            dist=site.dist,
            severity=Severity.ERROR if site.breaks else Severity.NOTE,
            breaks=site.breaks,
            undecided=site.undecided,
            detail=soname,
            hint=next((known for name in wanted if (known := hint(name))), ""),
        )
