"""NPD507: a variable for the loader reaches other programs, and one of them fails of it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Process, leaf
from nixpydoctor.findings import Evidence, Finding, Place, Severity, rule
from nixpydoctor.loader import start
from nixpydoctor.loader.trace import LinkMap
from nixpydoctor.rules.common import foreign_members, own_c_library, same_release

_VARIABLES = ("LD_LIBRARY_PATH", "LD_PRELOAD")
_PROGRAMS = ("sh", "bash", "ls", "git", "ssh", "curl", "nix", "perl", "gcc", "make", "node", "uv")
"""What a person calls from the same shell, and what Python code starts."""


@rule(
    "NPD507",
    Severity.WARNING,
    "a variable for the loader makes another program fail",
    symptoms=(
        r"(?P<program>/usr/bin/\S+): (?P<provider>/nix/store/\S+): version [`'][^']+' not found",
        r"(?P<program>/(?:usr/)?bin/\S+): symbol lookup error: (?P<provider>/nix/store/\S+): undefined symbol",
        r"(?P<program>/(?:usr/)?bin/\S+): relocation error: (?P<provider>/nix/store/\S+): symbol \S+",
        r"OpenSSL version mismatch",
    ),
)
def library_path_hurts_children(case: Case) -> Iterator[Finding]:
    """Each program that starts without the variable and does not with it, by name."""
    env = case.process.env
    given = [name for name in _VARIABLES if env.get(name)]
    if not given:
        return
    for name in _PROGRAMS:
        process = case.bystander(name)
        if process is None or process.executable == case.process.executable:
            continue
        told = _trouble(case, process)
        if told is None:
            continue
        for variable in given:
            if _trouble(case, process.setenv(variable, None)) is None:
                yield library_path_hurts_children.finding(
                    process.executable,
                    f"{variable} keeps {name} from starting: {told[0]}",
                    *told[1],
                    detail=name,
                )
                break


def _trouble(case: Case, process: Process) -> tuple[str, tuple[Evidence, ...]] | None:
    """Why the program does not start, as a sentence, and what proves it; None where it does."""
    image = start(process, case.disk)
    if image.failure is not None:
        return f"{image.failure.path}: {image.failure.reason}", (image.failure,)
    for search in image.missing:
        what = search.invalid.reason if search.invalid is not None else "is not found"
        return f"{search.needed}, which {leaf(search.requester)} needs, {what}", (search,)
    for fault in image.faults:
        if not fault.weak:
            return f"{fault.provider} does not provide {fault.version}", (fault,)
    return _mixed(case, process, image)


def _mixed(case: Case, process: Process, image: LinkMap) -> tuple[str, tuple[Evidence, ...]] | None:
    loader = process.loader
    own = own_c_library(loader, case.disk)
    if loader is None or own is None:
        return None
    for found in foreign_members(image.objects, own):
        if not same_release(loader, found, case.disk):
            place = Place(loader.real, f"its loader, of glibc {loader.version or 'of unknown release'}")
            return f"it gets {found.path}, a part of another C library", (place,)
    return None
