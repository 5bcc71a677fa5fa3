"""Store paths that are gone, told by who asked for them: a venv's base, a program's interp, search paths, scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, Facts, FsPath, Loader, Object, join, leaf, parent, store_path
from nixpydoctor.findings import Finding, Place
from nixpydoctor.light import replace
from nixpydoctor.loader.trace import Attempt, Resolution
from nixpydoctor.remedies.nix_ld import LIBC

_ASKED = frozenset({"NPD101", "NPD102", "NPD109", "NPD306", "NPD601"})
"""Rules whose evidence names files that somebody looked for."""


def lost(case: Case, findings: Sequence[Finding]) -> dict[FsPath, list[FsPath]]:
    """Each store path that is gone, and the files in it that these findings speak of."""
    found: dict[FsPath, list[FsPath]] = {}
    for file in _asked(case, findings):
        path = store_path(file)
        if path is not None and case.disk.names(path) is None and file not in found.setdefault(path, []):
            found[path].append(file)
    return found


def _asked(case: Case, findings: Iterable[Finding]) -> Iterator[FsPath]:
    venv, interp = case.facts.main.venv, case.process.interp
    if venv is not None and not venv.base_exists and (venv.base or venv.home):
        yield FsPath(venv.base or venv.home or "")
    if interp is not None and case.process.loader is None:
        yield interp
    for finding in findings:
        if finding.rule.id in _ASKED:
            for item in finding.evidence:
                if isinstance(item, Resolution):
                    yield from _candidates(item.needed, item.attempts)
                elif isinstance(item, Place) and " /nix/store/" in f" {item.says}".replace("#!", " "):
                    yield FsPath(item.says[item.says.index("/nix/store/") :].partition(" ")[0])


def _candidates(needed: str, attempts: Iterable[Attempt]) -> Iterator[FsPath]:
    for attempt in attempts:
        if "/glibc-hwcaps/" not in attempt.path:
            yield join(attempt.path, needed) if attempt.folder else attempt.path


def returned(case: Case, facts: Facts, paths: Mapping[FsPath, Sequence[FsPath]]) -> Facts:
    """The facts with these files there again; what else is in their store paths stays unknown."""
    if case.dyld:
        return _images_returned(facts, [file for files in paths.values() for file in files])
    arch = case.arch
    if arch is None:
        return facts
    changes: dict[FsPath, tuple[Object, ...]] = {}
    process = facts.main.process
    for file in [file for files in paths.values() for file in files]:
        kind = Elf(path=file, identity=(-1, hash(file)), arch=arch, kind=3, soname=leaf(file), verdef=None)
        changes[file] = (kind,)
        if file == process.interp and process.loader is None and "ld-linux" in leaf(file):
            folder = parent(file)
            loader = Loader(path=file, real=file, family="glibc", system_dirs=(folder,), basis="assumed")
            process = replace(process, loader=loader)
            for name in LIBC:
                path = join(folder, name)
                changes[path] = (replace(kind, path=path, identity=(-1, hash(path)), soname=name),)
    return replace(facts, main=replace(facts.main, process=process), disk=facts.disk.overlay(changes))


def _images_returned(facts: Facts, files: Sequence[FsPath]) -> Facts:
    """The same on macOS: each is taken for a library of this processor, signed and complete."""
    from nixpydoctor.loader.images import stand_in

    slices = {file: (stand_in(file, facts.main.process),) for file in files if ".dylib" in leaf(file)}
    return replace(facts, disk=facts.disk.overlay({}, slices=slices))
