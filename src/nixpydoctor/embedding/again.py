"""The world of a host as it would be with other variables: its paths predicted again, its distributions sorted anew.

Folders that neither of the two known worlds has on its path are empty here: what lies in them was not surveyed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nixpydoctor.embedding.getpath import Build, Start, Surroundings
from nixpydoctor.embedding.site import SITES, predict
from nixpydoctor.facts import Dist, Facts, FsPath, Host, PathEntry, Python, World
from nixpydoctor.light import replace


def build_of(host: Host, python: Python) -> Build | None:
    """What is compiled into the host's Python; None where its version or prefix is unknown."""
    if python.minor is None or host.prefix is None:
        return None
    return Build(python.minor, host.prefix, "", host.platlibdir, host.threads, host.debian)


def start_of(host: Host) -> Start:
    """How the host initialises Python, as far as what it calls tells."""
    return Start(isolated=host.isolated, program_name=host.named, adds=host.adds)


def with_env(facts: Facts, env: Mapping[str, str], start: Start | None = None) -> Facts | None:
    """The facts when the host starts with these variables, and so; None where that cannot be predicted.

    Without `start` it initialises Python as it does now.
    """
    main = facts.main
    if main.host is None or main.python is None:
        return None
    build = build_of(main.host, main.python)
    if build is None:
        return None
    how = start or start_of(main.host)
    outlook = predict(build, how, Surroundings(env, "/", facts.home or ""), facts.disk)
    user = next((entry.path for entry in outlook.path if entry.why == "user site"), None)
    known = {entry.path: entry for world in _worlds(facts) for entry in (world.python.path if world.python else ())}
    path = tuple(
        known.get(FsPath(entry.path), PathEntry(FsPath(entry.path), "venv" if entry.why == "venv" else "project"))
        for entry in outlook.path
    )
    python = replace(
        main.python,
        prefix=FsPath(outlook.prefix),
        base_prefix=FsPath(outlook.base_prefix),
        path=path,
        user_site=FsPath(user) if user is not None else None,
        site_folders=tuple(FsPath(entry.path) for entry in outlook.path if entry.why in SITES),
    )
    host = replace(
        main.host, isolated=how.isolated, executable=outlook.executable, stdlib=outlook.stdlib, runs=outlook.runs
    )
    dists, hidden = _sorted(facts, path)
    process = replace(main.process, env=env)
    return replace(facts, main=replace(main, process=process, python=python, host=host, dists=dists, hidden=hidden))


def _worlds(facts: Facts) -> Iterator[World]:
    yield facts.main
    if facts.beside is not None:
        yield facts.beside


def _same_suffixes(main: World, beside: World) -> bool:
    """Whether the shell's Python takes the files that the one inside takes: which of a distribution's are modules."""
    if main.python is None or beside.python is None:
        return False
    return main.python.suffixes == beside.python.suffixes


def _sorted(facts: Facts, path: tuple[PathEntry, ...]) -> tuple[tuple[Dist, ...], tuple[Dist, ...]]:
    """The distributions along a path, and those that an earlier folder hides."""
    below: dict[FsPath, list[Dist]] = {}
    worlds = list(_worlds(facts))
    if facts.beside is None or not _same_suffixes(facts.main, facts.beside):
        worlds.reverse()  # the later one counts: of two views of a folder, the one with this Python's suffixes
    for world in worlds:
        found: dict[FsPath, list[Dist]] = {}
        for dist in (*world.dists, *world.hidden):
            found.setdefault(dist.location, []).append(dist)
        below |= found
    dists: list[Dist] = []
    hidden: list[Dist] = []
    seen: set[str] = set()
    for entry in path:
        here = below.pop(entry.path, [])
        for dist in here:
            (hidden if dist.key in seen and dist.version else dists).append(dist)
        seen.update(dist.key for dist in here)
    return tuple(dists), tuple(hidden)
