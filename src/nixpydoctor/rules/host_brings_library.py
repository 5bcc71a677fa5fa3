"""NPD410: a host starts with a library of its own, and extensions get that one instead of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.loader import dlopen, start
from nixpydoctor.loader.trace import How, Resolution
from nixpydoctor.rules.c_libraries import C_MEMBERS
from nixpydoctor.rules.hosts import named
from nixpydoctor.rules.second_libpython import LIBPYTHON


@rule(
    "NPD410",
    Severity.NOTE,
    "extensions get a library that the host brings",
    symptoms=(r"(?P<path>\S*libstdc\+\+\.so\.6): version `(?P<version>\w+_[\d.]+)' not found \(required by",),
)
def host_brings_library(case: Case) -> Iterator[Finding]:
    """A note: where the library lacks what an extension wants, NPD105 names that extension."""
    brought, beside = _brought(case), case.facts.beside
    if not brought or beside is None:
        return
    image = start(beside.process, case.disk)
    meet: dict[str, list[FsPath]] = {}
    instead: dict[str, Resolution] = {}
    for path in case.extensions:
        obj = case.object(path)
        if obj is None or brought.keys().isdisjoint(obj.needed):
            continue
        for search in dlopen(image, beside.process, path, case.disk).resolutions:
            mine = brought.get(search.needed)
            if search.requester == path and mine is not None and _is_another(search, mine):
                meet.setdefault(search.needed, []).append(path)
                instead.setdefault(search.needed, search)
    for soname, paths in meet.items():
        owners = list(dict.fromkeys(case.title(path) for path in paths))
        yield host_brings_library.finding(
            case.process.executable,
            f"the program brings its own {soname}, and {named(owners)} get that one inside of it",
            brought[soname],
            instead[soname],
            detail=soname,
        )


def _brought(case: Case) -> Mapping[str, Resolution]:
    """What the program itself or a library of it names a folder for; libpython and the C library have other rules."""
    if case.facts.main.host is None:
        return {}
    return {
        search.needed: search
        for search in case.image.resolutions
        if isinstance(search.found, Elf)
        and search.attempts
        and search.attempts[-1].how in (How.RPATH, How.RUNPATH, How.DIRECT)
        and search.needed not in C_MEMBERS
        and not LIBPYTHON.fullmatch(search.needed)
    }


def _is_another(search: Resolution, mine: Resolution) -> bool:
    found, own = search.found, mine.found
    return isinstance(found, Elf) and isinstance(own, Elf) and found.identity != own.identity
