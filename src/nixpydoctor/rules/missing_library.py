"""NPD101: an object needs a library that its process cannot find."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.common import bundled, hint, is_driver, is_other_libc, severity, starter
from nixpydoctor.rules.dyld import is_elsewhere
from nixpydoctor.rules.nix_ld_list import nix_ld_target_is_gone


@rule(
    "NPD101",
    Severity.ERROR,
    "a needed shared library cannot be found",
    symptoms=(
        r"(?P<soname>[^\s:/']+\.so[\w.]*): cannot open shared object file: No such file or directory",
        r"Error loading shared library (?P<soname>\S+): No such file or directory",
        r"Library not loaded: '?(?P<soname>@(?:rpath|loader_path|executable_path)/[^\s']+)",
    ),
)
def missing_library(case: Case) -> Iterator[Finding]:
    """One finding per object and missing soname, in load order."""
    host = case.facts.main.host
    for search in () if nix_ld_target_is_gone(case) else case.image.missing:
        if host is not None and host.library is None and search.needed == host.needed:
            continue  # NPD401 speaks of it
        if is_elsewhere(case, search):
            continue
        yield missing_library.finding(
            case.process.executable,
            f"{starter(case)} cannot start: {search.requester} needs {search.needed}, which its process cannot find",
            search,
            detail=search.needed,
            loads=False,
            hint=hint(search.needed),
        )
    for path in case.unloadable:
        dist = case.owner(path)
        for search in case.missing(path):
            if search.invalid is not None or bundled(case, search.needed) or is_other_libc(case, search.needed):
                continue
            if is_driver(search.needed):
                continue  # NPD509 speaks of it: no package may supply it
            if is_elsewhere(case, search):
                continue
            yield missing_library.finding(
                path,
                f"{case.title(path)} needs {search.needed}, which this process cannot find",
                search,
                dist=dist,
                severity=severity(case, path),
                breaks=case.breaks(path),
                undecided=case.undecided(path),
                detail=search.needed,
                loads=False,
                hint=hint(search.needed),
            )
    for program in case.programs:
        if program.loader is None or program.loader.family == "stub":
            continue
        for search in case.trace_program(program).missing:
            yield missing_library.finding(
                program.executable,
                f"{case.title(program.executable)}: the program needs {search.needed}, which it cannot find",
                search,
                dist=case.owner(program.executable),
                detail=search.needed,
                loads=False,
                hint=hint(search.needed),
            )
