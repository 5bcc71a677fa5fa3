"""Sources of real distributions: what a glance at each leaves out changes nothing that the walk finds."""

from __future__ import annotations

import random
import sys
import sysconfig
import zlib
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from build import a_dist, store_loader
from nixpydoctor.disk import Disk
from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, PathEntry, Process, Python, Unread, World
from nixpydoctor.imports import Broken, Imports
from nixpydoctor.probes.disk import DiskReader

PATHS = tuple(FsPath(sysconfig.get_path(name)) for name in ("stdlib", "purelib"))
SUFFIXES = (f".{sysconfig.get_config_var('SOABI')}.so", ".abi3.so", ".so")
LACKED = ("libstdc++.so.6", "libgcc_s.so.1", "libz.so.1")


class Exactly(DiskReader):
    """Reads every source as if something in it failed."""

    def imports(self, path: FsPath, *, exact: bool = True) -> Source | Unread | None:
        return super().imports(path)


def compiled() -> dict[str, list[FsPath]]:
    """Top-level names of what is installed beside the tests, each with its extension modules."""
    found: dict[str, list[FsPath]] = defaultdict(list)
    for path in sorted(Path(PATHS[1]).rglob("*.so")):
        found[path.relative_to(PATHS[1]).parts[0].partition(".")[0]].append(FsPath(str(path)))
    return {name: paths for name, paths in found.items() if name.isidentifier()}


def a_world(tops: dict[str, list[FsPath]]) -> World:
    told = Python(
        command=FsPath(sys.executable),
        version=f"3.{sys.version_info[1]}.1",
        suffixes=SUFFIXES,
        path=tuple(PathEntry(path, "venv") for path in PATHS),
        builtins=frozenset(sys.builtin_module_names),
        machine="x86_64",
    )
    dists = tuple(
        replace(a_dist(name, requires=tuple(tops)), location=PATHS[1], extensions=tuple(paths), opens=True)
        for name, paths in tops.items()
    )
    return World(Process(FsPath(sys.executable), None, store_loader(), {}), told, None, dists)


def test_a_walk_by_glances_finds_what_an_exact_one_finds() -> None:
    tops = compiled()
    world = a_world(tops)
    disks = [Disk(DiskReader()), Disk(Exactly())]
    reached = 0
    for seed in range(12):
        chance = random.Random(seed)
        broken = {
            path: Broken(frozenset(chance.sample(LACKED, chance.randint(0, 2))))
            for name in chance.sample(sorted(tops), 3)
            for path in chance.sample(tops[name], min(len(tops[name]), 3))
        }
        share = chance.random()

        def opens(name: str, share: float = share) -> bool:
            return zlib.crc32(name.encode()) % 997 / 997 >= share

        def finds(name: str, share: float = share) -> str | None:
            return f"lib{name}.so.1" if opens(name, share) else None

        by_glances, exact = (Imports(world, disk).reach(broken, opens, finds) for disk in disks)
        assert by_glances == exact, seed
        reached += bool(exact.breaks)
    assert reached > 3
