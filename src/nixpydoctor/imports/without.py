"""The facts without some entries of sys.path: the path as `site` would build it then, and what lies along it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Dist, Facts, FsPath, PathEntry, Process, Python
from nixpydoctor.imports.sites import lines
from nixpydoctor.light import replace


def without(facts: Facts, dropped: frozenset[FsPath], env: Mapping[str, str | None]) -> Facts:
    """The facts as they would be if these entries were not put there, by the variables that `env` changes.

    An entry that `site` adds as well gets the place that `site` gives it: taking a folder from PYTHONPATH does not
    take it from a venv. `None` in `env` unsets a variable.
    """
    main = facts.main
    python = main.python
    if python is None:
        return facts
    users = env.get("PYTHONNOUSERSITE") is not None
    path = _path(python, dropped, facts.disk, users=users)
    folders = tuple(folder for folder in python.site_folders if not (users and folder == python.user_site))
    python = replace(python, path=path, site_folders=folders, user_site=None if users else python.user_site)
    dists, hidden = sorted_along(path, (*main.dists, *main.hidden))
    process = _process(main.process, env)
    return replace(facts, main=replace(main, process=process, python=python, dists=dists, hidden=hidden))


def taken_away(facts: Facts, paths: Iterable[FsPath], dists: Iterable[Dist] = ()) -> Facts:
    """The facts after these files and folders were removed or renamed, and these distributions uninstalled."""
    main, gone = facts.main, list(dists)
    path = main.python.path if main.python is not None else ()
    every = [dist for dist in (*main.dists, *main.hidden) if dist not in gone]
    left, hidden = sorted_along(path, every)
    disk = facts.disk.overlay({}, gone=paths)
    return replace(facts, main=replace(main, dists=left, hidden=hidden), disk=disk)


def _process(process: Process, env: Mapping[str, str | None]) -> Process:
    for name, value in env.items():
        process = process.setenv(name, value)
    return process


def _path(python: Python, dropped: frozenset[FsPath], disk: Disk, *, users: bool) -> tuple[PathEntry, ...]:
    known = {entry.path: entry for entry in python.path}
    path = [entry for entry in python.path if entry.path not in dropped]
    folders = [folder for folder in python.site_folders if not (users and folder == python.user_site)]
    added = {folder: {line.adds for line in lines(folder, disk)} for folder in folders}
    for index, folder in enumerate(folders):
        if folder in dropped:
            behind = {*folders[index + 1 :], *(path for later in folders[index:] for path in added[later])}
            place = next((at for at, entry in enumerate(path) if entry.path in behind), len(path))
            path.insert(place, replace(known[folder], by=""))
        _from_pth(folder, dropped, disk, path, known)
    return tuple(path)


def _from_pth(
    folder: FsPath, dropped: frozenset[FsPath], disk: Disk, path: list[PathEntry], known: Mapping[FsPath, PathEntry]
) -> None:
    """Put back what a .pth file of the folder adds as well, behind the folder and what its lines before add."""
    at = next((index for index, entry in enumerate(path) if entry.path == folder), None)
    for line in lines(folder, disk) if at is not None else ():
        if line.adds is None or at is None:
            continue
        have = next((index for index, entry in enumerate(path) if entry.path == line.adds), None)
        if have is not None:
            at = max(at, have)
        elif line.adds in dropped:
            at += 1
            path.insert(at, replace(known[line.adds], by=""))


def sorted_along(path: Iterable[PathEntry], dists: Iterable[Dist]) -> tuple[tuple[Dist, ...], tuple[Dist, ...]]:
    """Distributions that are imported from, in the order of the path, and those that an earlier entry hides."""
    held: dict[FsPath, list[Dist]] = {}
    for dist in dists:
        held.setdefault(dist.location, []).append(dist)
    out: list[Dist] = []
    hidden: list[Dist] = []
    seen: set[str] = set()
    for entry in path:
        for dist in held.pop(entry.path, ()):
            (out if dist.key not in seen or not dist.version else hidden).append(dist)
        seen.update(dist.key for dist in out)
    return tuple(out), tuple(hidden)
