"""NPD406: the Python inside of a host finds no standard library, so it dies while it starts."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import no_home
from nixpydoctor.rules.hosts import host


@rule(
    "NPD406",
    Severity.ERROR,
    "a host finds no standard library",
    symptoms=(
        r"Could not find platform independent libraries <prefix>",
        r"init_fs_encoding: failed to get the Python codec of the filesystem encoding",
    ),
)
def no_standard_library(case: Case) -> Iterator[Finding]:
    """A PYTHONHOME that leads astray is a finding of its own (NPD503)."""
    found = host(case)
    if found is None or found[0].stdlib or no_home(case) is not None:
        return
    inside, python = found
    built = inside.prefix or "a folder that its texts do not tell"
    yield no_standard_library.finding(
        case.process.executable,
        f"the Python inside of the program cannot start: no standard library of {python.version} below {python.prefix}",
        Place(python.base_prefix, f"where it looks; compiled in is {built}"),
        Place(inside.library or case.process.executable, f"Python {python.version}"),
        detail=python.version,
        loads=False,
    )
