"""A literal world to import things in: a package `pkg`, a small standard library, and what `import pkg` comes to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from build import SITE, STORE_PYTHON, SUFFIXES, a_dist, a_source, an_object, store_loader
from nixpydoctor.disk import Disk
from nixpydoctor.edges import Source
from nixpydoctor.facts import Dist, Elf, FsPath, PathEntry, Process, Python, Unread, World, join
from nixpydoctor.formats.source import parse
from nixpydoctor.imports import Broken, Reach, reach
from nixpydoctor.reader import Nothing

STDLIB = FsPath("/python/lib/python3.12")
EXT = join(SITE, "pkg/_ext.abi3.so")
OTHER = join(SITE, "pkg/_other.abi3.so")
GOOD = join(SITE, "pkg/_good.abi3.so")
CXX = "libstdc++.so.6"

_STDLIB_FILES = (
    "contextlib.py", "ctypes/__init__.py", "ctypes/util.py", "glob.py", "importlib/__init__.py",
    "importlib/resources.py", "importlib/util.py",
    "os.py", "pathlib.py", "platform.py", "site.py", "typing.py", "warnings.py",
)  # fmt: skip

Files = Mapping[str, str | Source | Unread]


class Texts(Nothing):
    """The reader of a disk on which nothing but these sources exists, read loosely where that will do."""

    def __init__(self, texts: Mapping[FsPath, str]) -> None:
        self.texts = texts

    def imports(self, path: FsPath, *, exact: bool) -> Source | None:  # type: ignore[override]
        return parse(self.texts[path].encode(), exact) if path in self.texts else None


def a_world(
    files: Files,
    objects: Iterable[Elf] = (),
    dists: Iterable[Dist] = (),
    python: Mapping[str, object] | None = None,
    env: Mapping[str, str] | None = None,
    loose: bool = False,
    texts: Mapping[FsPath, str] | None = None,
) -> tuple[World, Disk]:
    """A Python with `files` below its site-packages: texts of sources, or what a compiled module is known to import.

    Each top-level name is a distribution that requires all others, unless `dists` says otherwise.
    """
    sources = {_place(name): a_source(one) if isinstance(one, str) else one for name, one in files.items()}
    held = [an_object(path, CXX, "libc.so.6") for path in (EXT, OTHER)] + [an_object(GOOD, "libc.so.6"), *objects]
    known = {**{join(STDLIB, name): Source() for name in _STDLIB_FILES}, **sources}
    disk = Disk.closed(held, sources=known, texts=texts)
    if loose:
        read = {_place(name): one for name, one in files.items() if isinstance(one, str)}
        for path in read:
            del disk._held.imports[path]
        disk._reader = Texts(read)
    told = Python(
        command=STORE_PYTHON,
        version="3.12.1",
        suffixes=SUFFIXES,
        path=(PathEntry(STDLIB, "nix"), PathEntry(SITE, "venv")),
        builtins=frozenset({"sys", "builtins", "posix"}),
        machine="x86_64",
    )
    tops = sorted({name.partition("/")[0].removesuffix(".py") for name in files if name[0] != "/"})
    extensions = [obj.path for obj in held if obj.path.endswith(".abi3.so")]
    named = {dist.name for dist in dists}
    made = [
        a_dist(
            top,
            "1.0",
            extensions=[path for path in extensions if path.startswith(f"{SITE}/{top}")],
            requires=tuple(other for other in tops if other != top),
        )
        for top in tops
        if top not in named
    ]
    process = Process(STORE_PYTHON, None, store_loader(), env or {})
    return World(process, replace(told, **(python or {})), None, (*dists, *made)), disk  # type: ignore[arg-type]


def _place(name: str) -> FsPath:
    return FsPath(name) if name[0] == "/" else join(SITE, name)


def imported(
    files: Files,
    *,
    objects: Iterable[Elf] = (),
    dists: Iterable[Dist] = (),
    python: Mapping[str, object] | None = None,
    env: Mapping[str, str] | None = None,
    broken: Mapping[FsPath, Broken] | None = None,
    opens: Collection[str] = (),
    finds: Mapping[str, str] | None = None,
    loose: bool = True,
    texts: Mapping[FsPath, str] | None = None,
) -> Reach:
    """What the plain imports of this world reach. Two extensions lack the C++ library; only `opens` opens."""
    world, disk = a_world(files, objects, dists, python, env, loose, texts)
    if broken is None:
        broken = dict.fromkeys((EXT, OTHER), Broken(frozenset({CXX})))
    return reach(world, disk, broken, lambda name: name in opens, (finds or {}).get)


def fate(found: Reach, path: FsPath = EXT, module: str = "pkg") -> str:
    """What becomes of `import module` because of the broken object."""
    if module in found.breaks.get(path, ()):
        return "breaks"
    return "undecided" if module in found.undecided.get(path, ()) else "survives"


def a_table(name: str) -> list[ParameterSet]:
    """The rows of `fates/<name>.txt`: `== fate: what is tried`, then the text of `pkg/__init__.py`."""
    rows = []
    for row in (Path(__file__).parent / f"fates/{name}.txt").read_text().removeprefix("== ").split("\n== "):
        head, _, text = row.partition("\n")
        expected, _, what = head.partition(": ")
        rows.append(pytest.param(expected, text, id=f"{name}-{expected}-{what}".replace(" ", "-")))
    return rows
