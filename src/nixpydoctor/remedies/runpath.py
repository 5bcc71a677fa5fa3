"""runpath: the store folder of a missing library, put on the search path of exactly the objects that lack it."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath, in_store
from nixpydoctor.findings import Finding
from nixpydoctor.loader.trace import Resolution
from nixpydoctor.remedies.candidates import Candidates, Supply
from nixpydoctor.remedies.common import matters, template
from nixpydoctor.treatments import NotHere, Reach, SetSearchPath, Treatment, edited, ground, remedy


@remedy("name the store folders in the objects that need them")
def runpath(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """RPATH stays RPATH, RUNPATH stays RUNPATH, what was there stays in front."""
    loader, base = case.process.loader, ground(case.facts)
    if loader is None or loader.family == "stub" or not in_store(loader.real):
        yield NotHere("this Python's loader is not the Nix store's: libraries of the store want the one that they know")
        return
    if base is None or in_store(base):
        yield NotHere("there is no venv and no project folder in which objects may be changed")
        return
    wanted = {place: lacks for place, lacks in _wanted(case, findings).items() if place.startswith(f"{base}/")}
    if not wanted:
        yield NotHere(f"no object below {base} lacks a library")
        return
    candidates = Candidates(case)
    edits: list[SetSearchPath] = []
    unmet: dict[str, Supply] = {}
    for place, lacks in wanted.items():
        obj = case.object(place)
        if obj is None:
            continue
        supplies = {soname: candidates.supply(soname, _versions(obj, soname)) for soname in lacks}
        folders = _shared([supply for supply in supplies.values() if supply.folder is not None])
        unmet.update({soname: supply for soname, supply in supplies.items() if supply.folder is None})
        if folders:
            edits.append(_edit(case, obj, folders, alone=lacks[next(iter(lacks))]))
    if not edits:
        soname, supply = next(iter(unmet.items()))
        yield NotHere(f"{soname} {supply.why}{_choice(supply)}")
        return
    yield Treatment(
        remedy=runpath,
        reach=Reach.VENV,
        instructions=template(
            "runpath.md",
            target=shlex.quote(case.facts.choice.target),
            objects=f"{len(edits)} object{'s' if len(edits) > 1 else ''}",
            folders="\n".join(_added(case, edits)),
            unmet="".join(f"- {soname} {supply.why}{_choice(supply)}.\n" for soname, supply in unmet.items()),
        ),
        after=edited(case.facts, edits),
        edits=tuple(edits),
        scope="reaches only objects that can be edited and libraries that are in the store",
    )


def _wanted(case: Case, findings: Sequence[Finding]) -> Mapping[FsPath, Mapping[str, bool]]:
    """Object → what it lacks → whether it is the one that Python opens, not one that another object draws in."""
    found: dict[FsPath, dict[str, bool]] = {}
    for finding in findings:
        search = next((item for item in finding.evidence if isinstance(item, Resolution)), None)
        if finding.rule.id not in ("NPD101", "NPD509") or search is None or not matters(case, finding):
            continue
        place = FsPath(posixpath.normpath(search.requester))
        if place != search.requester and not _same(case, place, search.requester):
            place = search.requester
        found.setdefault(place, {}).setdefault(search.needed, place == finding.subject)
    return found


def _same(case: Case, one: FsPath, other: FsPath) -> bool:
    first, second = case.object(one), case.object(other)
    return first is not None and second is not None and first.identity == second.identity


def _versions(obj: Elf, soname: str) -> frozenset[str]:
    return frozenset(need.version for need in obj.verneed if need.soname == soname and not need.weak)


def _shared(supplies: Sequence[Supply]) -> Sequence[FsPath]:
    """A folder for each, as few as possible: one that serves several is taken for all of them."""
    options = [(*([supply.folder] if supply.folder is not None else []), *supply.equals) for supply in supplies]
    serves = {folder: sum(folder in other for other in options) for option in options for folder in option}
    return list(dict.fromkeys(max(option, key=lambda folder: serves[folder]) for option in options))


def _edit(case: Case, obj: Elf, folders: Sequence[FsPath], *, alone: bool) -> SetSearchPath:
    """A RUNPATH would void every RPATH that the object inherits: where there may be one, it gets an RPATH."""
    tag: Literal["rpath", "runpath"] = "rpath"
    inherits = not alone or (case.executable is not None and case.executable.rpath is not None)
    if obj.runpath is not None or (obj.rpath is None and not inherits):
        tag = "runpath"
    before = obj.runpath if tag == "runpath" else obj.rpath
    return SetSearchPath(obj.path, tag, tuple(dict.fromkeys([*(before.split(":") if before else ()), *folders])))


def _added(case: Case, edits: Sequence[SetSearchPath]) -> Sequence[str]:
    """The folders that these edits bring, each once."""
    found: dict[str, None] = {}
    for edit in edits:
        obj = case.object(edit.path)
        old = (obj.runpath if obj.runpath is not None else obj.rpath or "").split(":") if obj is not None else []
        found.update(dict.fromkeys(folder for folder in edit.dirs if folder not in old))
    return tuple(found)


def _choice(supply: Supply) -> str:
    if not supply.rivals:
        return ""
    return f" ({', '.join(supply.rivals)}): say which with fix --library-from"
