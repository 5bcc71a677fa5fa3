"""This machine's own programs and libraries, and those of the Python that runs the tests: nothing may differ.

A sample by default; everything with NIXPYDOCTOR_ORACLE=full. `machine.py` and `readers.py` are the same as scripts.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Loader, Process
from nixpydoctor.loader import Closures, dlopen
from nixpydoctor.probes.disk import DiskReader
from oracle import machine, readers
from oracle.real import default_loader, glibc

SAMPLE = None if os.environ.get("NIXPYDOCTOR_ORACLE") == "full" else 60


def sampled(folders: list[str]) -> list[str]:
    """Every ELF file below the folders, or a fixed choice of those that look like one by their name and place."""
    if SAMPLE is None:
        return sorted(machine.candidates(folders))
    likely = sorted({path for path in machine.files(folders) if ".so" in path or "/bin/" in path or "/sbin/" in path})
    random.Random(1).shuffle(likely)
    return list(islice(filter(machine.is_elf, likely), SAMPLE))


@pytest.fixture(scope="module")
def loader() -> Loader:
    return glibc(default_loader())


@pytest.fixture(scope="module")
def system() -> list[str]:
    return sampled([folder for folder in machine.FOLDERS if os.path.isdir(folder)])


@pytest.fixture(scope="module")
def own() -> list[str]:
    """The standard library's extensions and whatever is installed beside them."""
    return sampled([folder for folder in sys.path if folder.startswith(sys.prefix) and os.path.isdir(folder)])


def test_every_needed_name_leads_where_the_real_loader_goes(system: list[str], loader: Loader) -> None:
    disk = Disk(DiskReader())
    objects = machine.loadable(disk, system, loader, machine.Tally())
    assert objects
    assert machine.compare_lists(objects, disk, loader).differences == []


def test_every_extension_maps_what_it_maps_in_this_python(own: list[str], loader: Loader) -> None:
    disk = Disk(DiskReader())
    objects = [o for o in machine.loadable(disk, own, loader, machine.Tally()) if o.interp is None]
    assert objects
    assert machine.compare_openings(sys.executable, objects, disk, loader).differences == []


def test_the_quick_way_and_the_way_with_its_working_agree(own: list[str], system: list[str], loader: Loader) -> None:
    disk = Disk(DiskReader())
    process = Process(FsPath(os.path.realpath(sys.executable)), loader.path, loader, {})
    closures = Closures(process, disk)
    before = len(closures.image.objects)
    for path in map(FsPath, [*own, *system, __file__, str(Path(__file__).parent), "/nowhere"]):
        fate = closures.fate(path)
        model = dlopen(closures.image, process, path, disk)
        assert model == closures.trace(path)
        assert fate.loads == model.loads
        assert fate.missing == tuple((step.needed, step.requester) for step in model.missing)
        assert fate.invalid == tuple((s.needed, s.invalid) for s in model.missing if s.invalid is not None)
        assert (fate.faults, fate.failure) == (model.faults, model.failure)
        assert real(fate.objects) == real(obj.path for obj in model.objects[before:])


def real(paths: Iterable[str]) -> list[str]:
    """The quick way names a folder `/a/c` that the working names `/a/b/../c`."""
    return [os.path.realpath(path) for path in paths]


def test_every_field_is_what_pyelftools_reads(system: list[str], own: list[str]) -> None:
    tally = readers.compare([*system, *own])
    assert tally.compared
    assert tally.differences == []
