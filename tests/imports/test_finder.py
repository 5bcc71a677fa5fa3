"""Which file a dotted name means: the rules of `sys.path`, and agreement with the import system of this very Python."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from build import SITE, STORE_PYTHON, SUFFIXES, an_object, store_loader
from nixpydoctor.disk import Disk
from nixpydoctor.edges import Source
from nixpydoctor.facts import FsPath, PathEntry, Process, Python, World
from nixpydoctor.imports import Finder, Module, finder
from nixpydoctor.probes.disk import DiskReader

FIRST, SECOND = FsPath("/first"), FsPath("/second")
STDLIB = FsPath("/python/lib/python3.12")
TAG = SUFFIXES[0]


def a_finder(*files: str, builtins: frozenset[str] = frozenset()) -> Finder:
    """A Python that looks into /first, /second, its standard library and a site-packages below that."""
    roots = (FIRST, SECOND, STDLIB, FsPath(f"{STDLIB}/site-packages"), SITE)
    python = Python(STORE_PYTHON, "3.12.1", suffixes=SUFFIXES, builtins=builtins)
    python = replace(python, path=tuple(PathEntry(root, "venv") for root in roots))
    library = [f"{STDLIB}/os.py", f"{STDLIB}/site.py"]
    disk = Disk.closed(
        [an_object(path) for path in files if path.endswith(".so")],
        sources={FsPath(path): Source() for path in (*files, *library) if not path.endswith(".so")},
    )
    return finder(World(Process(STORE_PYTHON, None, store_loader(), {}), python), disk)


ROWS = {
    "a source": (["/first/x.py"], "x", "/first/x.py"),
    "a compiled module": (["/first/x.so"], "x", "/first/x.so"),
    "the suffix with the Python's tag comes first": (["/first/x.so", f"/first/x{TAG}"], "x", f"/first/x{TAG}"),
    "then the stable one": (["/first/x.so", "/first/x.abi3.so"], "x", "/first/x.abi3.so"),
    "a compiled module before a source": (["/first/x.py", "/first/x.abi3.so"], "x", "/first/x.abi3.so"),
    "a source before bytecode": (["/first/x.pyc", "/first/x.py"], "x", "/first/x.py"),
    "bytecode alone": (["/first/x.pyc"], "x", "/first/x.pyc"),
    "another Python's suffix is none": (["/first/x.cpython-311-x86_64-linux-gnu.so"], "x", None),
    "a longer name is another name": (["/first/xy.py"], "x", None),
    "an earlier entry hides a later one": (["/second/x.py", "/first/x.py"], "x", "/first/x.py"),
    "a source in an earlier entry hides a compiled one": (["/second/x.so", "/first/x.py"], "x", "/first/x.py"),
    "a package before a module of its name": (["/first/x.so", "/first/x/__init__.py"], "x", "/first/x/__init__.py"),
    "a package that is compiled": (["/first/x/__init__.abi3.so"], "x", "/first/x/__init__.abi3.so"),
    "a module before a folder without __init__": (["/first/x/y.py", "/first/x.py"], "x", "/first/x.py"),
    "a later module before an earlier such folder": (["/first/x/y.py", "/second/x.py"], "x", "/second/x.py"),
    "a submodule": (["/first/x/__init__.py", "/first/x/y.py"], "x.y", "/first/x/y.py"),
    "a submodule of what is hidden": (["/first/x.py", "/second/x/__init__.py", "/second/x/y.py"], "x.y", None),
    "a submodule of a plain module": (["/first/x.py", "/second/x/y.py"], "x.y", None),
    "a submodule of what is absent": (["/first/y.py"], "x.y", None),
    "a module in a folder without __init__": (["/second/x/y.py"], "x.y", "/second/x/y.py"),
    "in the second of two such folders": (["/first/x/z.py", "/second/x/y.py"], "x.y", "/second/x/y.py"),
    "three levels down": (["/second/x/y/z.abi3.so"], "x.y.z", "/second/x/y/z.abi3.so"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "name", "path"), ROWS.values(), ids=[name.replace(" ", "-") for name in ROWS])
def test_the_file_of(files: list[str], name: str, path: str | None) -> None:
    found = a_finder(*files).find(name)
    assert (found.path if found else None) == path


def test_a_folder_without_init_is_a_package_of_every_portion_in_order() -> None:
    """PEP 420: the portions of a namespace package are those folders, in the order of sys.path."""
    found = a_finder("/second/x/a.py", "/first/x/b.py").find("x")
    assert found == Module("x", "namespace", FsPath(""), (FsPath("/first/x"), FsPath("/second/x")))


def test_a_builtin_needs_no_file_and_hides_one() -> None:
    found = a_finder("/first/posix.py", builtins=frozenset({"posix"})).find("posix")
    assert found is not None
    assert (found.kind, found.path, found.places) == ("builtin", "", None)


def test_the_standard_library_is_told_from_what_is_installed_below_it() -> None:
    made = a_finder(f"{STDLIB}/json.py", f"{STDLIB}/site-packages/x.py", f"{SITE}/y.py", "/first/z.py")
    found = {name: made.find(name) for name in ("json", "x", "y", "z")}
    assert [name for name, module in found.items() if module is not None and module.stdlib] == ["json"]


@pytest.mark.parametrize(("files", "package"), [(["/first/x/y.py"], "x"), (["/first/x/y/__init__.py"], "x.y")])
def test_what_a_leading_dot_means(files: list[str], package: str) -> None:
    found = a_finder("/first/x/__init__.py", *files).find("x.y")
    assert found is not None
    assert found.package == package


# ── the import system of this Python as judge ────────────────────────────────────────────────────────────────────────


def own_finder() -> Finder:
    """The finder of the Python that runs this test, on its real disk."""
    roots = [FsPath(path) for path in sys.path if os.path.isdir(path)]
    python = Python(
        FsPath(sys.executable),
        "{}.{}.{}".format(*sys.version_info),
        suffixes=tuple(importlib.machinery.EXTENSION_SUFFIXES),
        path=tuple(PathEntry(root, "venv") for root in roots),
        builtins=frozenset(sys.builtin_module_names),
    )
    return finder(World(Process(FsPath(sys.executable), None, None, {}), python), Disk(DiskReader()))


def names(limit: int) -> Iterator[str]:
    """Every top-level name of sys.path, and submodules of the packages among them, evenly thinned out to `limit`."""
    roots = [path for path in sys.path if os.path.isdir(path)]
    tops = sorted({module.name for module in pkgutil.iter_modules(roots)} | set(sys.builtin_module_names))
    folders = {entry for root in roots for entry in os.listdir(root) if os.path.isdir(f"{root}/{entry}")}
    yield from sorted({*tops, *[name for name in folders if name.isidentifier()]})
    inner = [f"{top}.{module.name}" for top in tops for module in pkgutil.iter_modules(_folders(top))]
    yield from inner[:: max(1, len(inner) // limit)]


def _folders(top: str) -> list[str]:
    spec = importlib.machinery.PathFinder.find_spec(top)
    return list(spec.submodule_search_locations or ()) if spec is not None else []


def real(name: str) -> tuple[str, list[str]]:
    """The file and the folders that this Python's own finder gives, without executing any package."""
    above, _, _ = name.rpartition(".")
    if name in sys.builtin_module_names:
        return "", []
    spec = importlib.machinery.PathFinder.find_spec(name, _folders(above) if above else None)
    file = spec.origin if spec is not None and spec.has_location and spec.origin else ""
    return file, list(spec.submodule_search_locations or ()) if spec is not None else []


def test_every_name_means_what_it_means_to_this_python() -> None:
    mine = own_finder()
    asked = list(names(600))
    assert len(asked) > 500
    wrong = []
    for name in asked:
        found = mine.find(name)
        answer = (str(found.path), [str(place) for place in found.places or ()]) if found else ("", [])
        if answer != real(name):
            wrong.append((name, answer, real(name)))
    assert not wrong
