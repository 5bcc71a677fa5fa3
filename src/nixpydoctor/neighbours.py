"""Other processes than the one that is examined: the environment's own programs, and those that stand by."""

from __future__ import annotations

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, Facts, FsPath, Loader, Process
from nixpydoctor.light import replace


def programs(facts: Facts) -> tuple[Process, ...]:
    """The environment's compiled console programs, each as the process it would be."""
    return tuple(
        Process(path, FsPath(obj.interp), _loader(facts, obj.interp), facts.main.process.env)
        for dist in facts.main.dists
        for path in dist.programs
        if (obj := _object(facts.disk, path)) is not None and obj.interp is not None
    )


def bystander(facts: Facts, name: str) -> Process | None:
    """Another program of the user's, as this process would start it; None where `name` calls no such program."""
    path = facts.disk.program(name)
    found = _object(facts.disk, path) if path is not None else None
    if path is None or found is None or found.interp is None:
        return None
    interp = FsPath(found.interp)
    return Process(path, interp, _loader(facts, interp) or facts.disk.loader(interp), facts.main.process.env)


def _object(disk: Disk, path: FsPath) -> Elf | None:
    found = disk.objects(path)
    return found[0] if isinstance(found, tuple) and found else None


def _loader(facts: Facts, interp: str) -> Loader | None:
    own = facts.main.process.loader
    if own is not None and own.shim is None and own.library_path is not None:
        own = replace(own, library_path=None)  # what its command line names is for that process alone
    for loader in (own, facts.fhs_loader):
        if loader is not None and interp == loader.path:
            return loader
    return None
