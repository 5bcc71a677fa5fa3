"""Compares the Python inside of a host with the one that its shell starts: paths, order, and who wins each name."""

from __future__ import annotations

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, PathEntry, World
from nixpydoctor.imports.winners import Winners
from nixpydoctor.light import NamedTuple


class Pick(NamedTuple):
    """One top-level name, and what an import of it gets in each world."""

    name: str
    inside: FsPath | None
    """None where it is not found."""
    shell: FsPath | None


class Worlds(NamedTuple):
    """Two Pythons side by side."""

    inside: World
    shell: World
    only_inside: tuple[PathEntry, ...]
    """Entries of sys.path that the shell's Python does not have."""
    only_shell: tuple[PathEntry, ...]
    reordered: bool
    """Whether the entries that both have stand in another order."""
    picks: tuple[Pick, ...]
    """Names of distributions that the two do not take from the same place, those that only the shell has first."""


def compare(inside: World, shell: World, disk: Disk) -> Worlds | None:
    """The two worlds; None where one of them has no Python that is known."""
    if inside.python is None or shell.python is None:
        return None
    ours, theirs = inside.python.path, shell.python.path
    here, there = {entry.path for entry in ours}, {entry.path for entry in theirs}
    both = [entry.path for entry in ours if entry.path in there]
    return Worlds(
        inside,
        shell,
        tuple(entry for entry in ours if entry.path not in there),
        tuple(entry for entry in theirs if entry.path not in here),
        both != [entry.path for entry in theirs if entry.path in here],
        _picks(inside, shell, disk),
    )


def _picks(inside: World, shell: World, disk: Disk) -> tuple[Pick, ...]:
    names = {
        name
        for world in (inside, shell)
        for dist in world.dists
        if dist.key != "python"
        for name in dist.top_level
        if not name.startswith("_")
    }
    finders = Winners(inside, disk).finder, Winners(shell, disk).finder
    found = []
    for name in sorted(names):
        ours, theirs = (finder.find(name) for finder in finders)
        pick = Pick(
            name, *(module.path or (module.places or (None,))[0] if module else None for module in (ours, theirs))
        )
        if pick.inside != pick.shell:
            found.append(pick)
    return tuple(sorted(found, key=lambda pick: (pick.inside is not None, pick.shell is None)))
