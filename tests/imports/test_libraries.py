"""`find_library` as the target's own Python answers it, here and where the tools that it asks are missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from importing import STDLIB, a_world

from build import an_object, fhs_loader
from nixpydoctor import target
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import CacheEntry, FsPath, join
from nixpydoctor.imports.libraries import Libraries
from nixpydoctor.probes.surveying import survey

NAMES = ("c", "m", "z", "ssl", "crypto", "stdc++", "ours", "bare", "gone", "python3")
ASK = "import ctypes.util, json, sys; print(json.dumps([ctypes.util.find_library(n) for n in sys.argv[1:]]))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a library that has a soname, and one without."""
    if shutil.which("gcc") is None or shutil.which("objdump") is None:
        pytest.skip("needs gcc and objdump: they are what is asked")
    folder = tmp_path_factory.mktemp("libraries")
    for name, options in {"ours": ["-Wl,-soname,libours.so.7"], "bare": []}.items():
        made = ["gcc", "-shared", "-x", "c", "/dev/null", "-o", str(folder / f"lib{name}.so"), *options]
        subprocess.run(made, check=True)
    return folder


@pytest.mark.parametrize("path", ["gcc ld objdump", "ld objdump", "gcc ld", "objdump", ""])
@pytest.mark.parametrize("given", [True, False], ids=["LD_LIBRARY_PATH", "none"])
def test_a_real_python_finds_the_same(folder: Path, tmp_path: Path, path: str, given: bool) -> None:
    for name in path.split():
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path), **({"LD_LIBRARY_PATH": str(folder)} if given else {})}
    answer = subprocess.run([sys.executable, "-c", ASK, *NAMES], env=env, capture_output=True, text=True, check=True)
    found = predicted(env)
    assert {name: found[name] for name in NAMES} == dict(zip(NAMES, json.loads(answer.stdout), strict=True))


def predicted(env: Mapping[str, str]) -> dict[str, str | None]:
    chosen = target.find(None, env, os.sep, sys.executable)
    case = Case(survey(chosen, env, may_run=True))
    return {name: case.by_name.finds(name) for name in NAMES}


CACHE = (CacheEntry("libz.so.1", FsPath("/usr/lib/libz.so.1"), 0x303, None),)
UTIL = "def find_library(name):\n    return _get_soname(_findLib_gcc(name)) or _get_soname(_findLib_ld(name))\n"


@pytest.mark.parametrize(
    ("programs", "expected"),
    [
        ({}, None),
        ({"gcc": "/usr/bin/gcc"}, None),
        ({"gcc": "/usr/bin/gcc", "objdump": "/usr/bin/objdump"}, "libz.so.1"),
        ({"cc": "/usr/bin/cc", "objdump": "/usr/bin/objdump"}, "libz.so.1"),
        ({"gcc": "/nix/store/0-gcc-wrapper/bin/gcc", "objdump": "/nix/store/0-binutils/bin/objdump"}, ""),
    ],
    ids=["no-compiler", "no-objdump", "gcc", "cc", "a-wrapper-of-nixpkgs"],
)
def test_a_python_of_nixpkgs_asks_no_cache(programs: Mapping[str, str], expected: str | None) -> None:
    """Its text has no first step; a compiler in the store is a wrapper, and nobody knows its folders."""
    world, _ = a_world({})
    disk = Disk.closed(
        [an_object("/usr/lib/libz.so", soname="libz.so.1")],
        texts={join(STDLIB, "ctypes/util.py"): UTIL},
        programs={name: FsPath(path) for name, path in programs.items()},
    )
    assert Libraries(world, fhs_loader(cache=CACHE), disk).find("z") == expected


LDCONFIG = "            proc = Popen(['/sbin/ldconfig', '-p'])\n"


@pytest.mark.parametrize(("first", "expected"), [("", "libz.so.1"), ("            return None\n", None)])
def test_what_stands_behind_a_return_is_never_asked(first: str, expected: str | None) -> None:
    """A Python whose first step was taken out may still have its text."""
    world, _ = a_world({})
    text = f"        def _findSoname_ldconfig(name):\n{first}{LDCONFIG}{UTIL}"
    disk = Disk.closed([], texts={join(STDLIB, "ctypes/util.py"): text}, programs={})
    assert Libraries(world, fhs_loader(cache=CACHE), disk).find("z") == expected
