"""NPD409: a running process has mapped one library twice, from two files."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.second_libpython import LIBPYTHON


@rule(
    "NPD409",
    Severity.WARNING,
    "a running process has mapped a library twice",
    symptoms=(r"File already exists in database: (?P<file>\S+)",),
)
def mapped_twice(case: Case) -> Iterator[Finding]:
    """Of libpython a warning; of others it is mostly two that do not know of each other, which is worth knowing."""
    running = case.facts.main.running
    if running is None:
        return
    found: dict[str, dict[tuple[int, int], FsPath]] = {}
    for path in running.mapped:
        obj = case.object(path)
        if obj is None or (obj.soname is None and ".so" not in leaf(path)):
            continue
        found.setdefault(_name(obj), {}).setdefault(obj.identity, path)
    for name, files in sorted(found.items()):
        if len(files) < 2 or name == "libpython3.so":
            continue
        paths = list(files.values())
        yield mapped_twice.finding(
            case.process.executable,
            f"process {running.pid} has mapped {name} {len(paths)} times: {', '.join(paths)}",
            *(Place(path, "is mapped") for path in paths),
            severity=Severity.WARNING if name == "libpython" else Severity.NOTE,
            detail=name,
        )


def _name(obj: Elf) -> str:
    """What two files are the same library by: any two libpythons are, whatever their versions."""
    name = obj.soname or leaf(obj.path)
    return "libpython" if LIBPYTHON.fullmatch(name) else name
