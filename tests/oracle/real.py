"""The real loader as a witness: what it says of itself, and what it does with a file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FHS_INTERPS, Elf, FsPath, Loader, Process
from nixpydoctor.formats.cache import parse_cache
from nixpydoctor.formats.hwcaps import legacy_subfolders
from nixpydoctor.probes.disk import DiskReader


def said(loader: str) -> dict[str, str]:
    """`--list-diagnostics`, its quotes undone."""
    out = subprocess.run([loader, "--list-diagnostics"], capture_output=True, text=True, check=True, env={}).stdout
    pairs = (line.partition("=") for line in out.splitlines())
    return {name: re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), value.strip('"')) for name, _, value in pairs}


@cache
def glibc(path: str) -> Loader:
    """A glibc loader, from its own words and its own cache; independent of the probes."""
    words = said(path)
    active = int(words.get("dl_hwcaps_subdirs_active", "0"), 16)
    levels = [name for name in words.get("dl_hwcaps_subdirs", "").split(":") if name]
    hwcaps = tuple(name for bit, name in enumerate(reversed(levels)) if active >> bit & 1)[::-1]
    version = words["version.version"]
    old = tuple(map(int, version.split(".")[:2])) < (2, 37)
    capabilities = int(words.get("dl_hwcap", "0"), 16) & int(words.get("dl_hwcap_important", "0"), 16)
    platform = words.get("dl_platform", "")
    file = Path(words["path.sysconfdir"], "ld.so.cache")
    real = FsPath(os.path.realpath(path))
    dirs = [value for name, value in words.items() if name.startswith("path.system_dirs[")]
    (obj,) = objects(DiskReader(), real)
    return Loader(
        path=FsPath(path),
        real=real,
        family="glibc",
        version=version,
        system_dirs=tuple(FsPath(folder.rstrip("/")) for folder in dirs),
        cache=parse_cache(file.read_bytes()) if file.exists() else (),
        hwcaps=hwcaps,
        platform=platform,
        lib=_lib(path),
        legacy=legacy_subfolders(platform, obj.arch.machine, capabilities) if old else (),
    )


def _lib(path: str) -> str:
    """The value of `$LIB`: what stands for it in a folder that the loader prints as searched."""
    out = subprocess.run(
        [path, "--library-path", "/probe/$LIB", "--list", os.path.realpath(sys.executable)],
        capture_output=True,
        text=True,
        check=False,
        env={"LD_DEBUG": "libs"},
    )
    found = re.search(r"search path=\S*/probe/(\S+)\s+\((?:LD_LIBRARY_PATH|--library-path)\)", out.stderr)
    assert found is not None, out.stderr[:2000]
    return found[1]


def objects(reader: DiskReader, path: str) -> tuple[Elf, ...]:
    """The objects at `path`, which must be one."""
    found = reader.objects(FsPath(path))
    assert isinstance(found, tuple), found
    return found


def default_loader() -> str:
    """The loader of this machine's own programs, by its psABI name."""
    for interp in FHS_INTERPS.values():
        if os.path.exists(interp):
            return interp
    raise AssertionError("this machine has no loader at any interp of FHS_INTERPS")


@dataclass(frozen=True)
class Listing:
    """What the loader traced for one file as the main program."""

    found: Mapping[str, str | None]
    """Needed name → path; None for `not found`."""
    lacking: frozenset[tuple[str, str]]
    """(version, the object that requires it), for every version that its provider lacks."""
    stopped: str = ""
    """The error, where the loader could not even list."""


def listed(file: str, loader: str) -> Listing:
    """Let the loader trace a file. `--list` is the same, but gives up at the first missing name."""
    out = subprocess.run(
        [loader, file], capture_output=True, env={"LD_TRACE_LOADED_OBJECTS": "1"}, check=False, timeout=60
    )
    said = out.stderr.decode("utf-8", "surrogateescape")
    found: dict[str, str | None] = {}
    for line in out.stdout.decode("utf-8", "surrogateescape").splitlines():
        name, arrow, target = line.strip().partition(" => ")
        if arrow:
            found[name] = None if target == "not found" else target.rpartition(" (0x")[0]
        elif name.startswith("/") and " (0x" in name:
            path = name.rpartition(" (0x")[0]
            found[path] = path
    lacking = frozenset(re.findall(r"version `(\S+)' not found \(required by (.+?)\)$", said, re.MULTILINE))
    stops = out.returncode != 0 and not found and not lacking
    return Listing(found, lacking, said.strip() or "statically linked" if stops else "")


def process_of(file: str, loader: Loader, env: Mapping[str, str] | None = None) -> Process:
    """`file` as the main program: what `--list` makes of it, an object being treated like a program."""
    return Process(FsPath(file), loader.path, loader, dict(env or {}))


def disk() -> Disk:
    """This machine's disk."""
    return Disk(DiskReader())
