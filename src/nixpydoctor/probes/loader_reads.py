"""Reads a loader's configuration out of the constants in its own file.

glibc's loader holds its default folders as one run of NUL-ended texts (`system_dirs` in elf/dl-load.c), and the paths
of the cache and the preload file as texts of their own; musl's derives its path file from the place it lies in
(`path_open` and `load_library` in ldso/dynlink.c).
"""

from __future__ import annotations

import os
import re

from nixpydoctor.facts import FsPath
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import dataclass
from nixpydoctor.probes import cpu
from nixpydoctor.probes.loader_says import Configuration

_FOLDERS = rb"/[!-~]+/\0(?:/[!-~]+/\0)*"
_LIBRARY_FOLDER = rb"/(?:[^\0]*/)?lib[^/\0]*/"
_RELEASE = re.compile(rb"release version (\d+(?:\.\d+)+)")
_CACHE = re.compile(rb"\0(/[^\0\s]*/ld\.so\.cache)\0")
_PRELOAD = re.compile(rb"\0(/[^\0\s]*/ld[^/\0\s]*\.so\.preload)\0")
_MUSL_VERSION = rb"\0(1\.\d+\.\d+)\0"
_MUSL_DEFAULT = "/lib:/usr/local/lib:/usr/lib"


@dataclass(frozen=True, slots=True)
class Used:
    """Files that a glibc loader reads at every start."""

    cache: FsPath | None
    preload: FsPath | None


def used(data: bytes) -> Used:
    """The cache and the preload file that the loader with these bytes reads."""
    return Used(_path(_CACHE, data), _path(_PRELOAD, data))


def release(data: bytes) -> str | None:
    """The glibc version of the loader with these bytes, for example `2.40`."""
    match = _RELEASE.search(data)
    return match[1].decode() if match is not None else None


def configuration(data: bytes, machine: int) -> Configuration:
    """What the glibc loader with these bytes is configured to do on this CPU."""
    folders = _system_dirs(data)
    processor = cpu.read_cpu()
    return Configuration(
        version=release(data),
        system_dirs=folders,
        hwcaps=cpu.hwcaps(processor, machine),
        platform=cpu.platform(processor, machine),
        lib=folders[0].lstrip("/") if folders else "lib",  # the first is the library folder it was configured with
        legacy_bits=cpu.legacy_bits(processor, machine),
    )


def _system_dirs(data: bytes) -> tuple[FsPath, ...]:
    """The longest run of library folders: the same run may stand there twice, and other texts may end in a slash."""
    whole = (match for match in re.finditer(_FOLDERS, data) if data[match.start() - 1] == 0)
    runs = [match[0].rstrip(b"\0").split(b"\0") for match in whole]
    alike = [run for run in runs if any(re.fullmatch(_LIBRARY_FOLDER, folder) for folder in run)]
    longest = max(alike, key=len, default=[])
    return tuple(FsPath(os.fsdecode(folder).rstrip("/")) for folder in longest)


def _path(pattern: re.Pattern[bytes], data: bytes) -> FsPath | None:
    match = pattern.search(data)
    return FsPath(os.fsdecode(match[1])) if match is not None else None


def musl_version(data: bytes) -> str | None:
    """For example `1.2.5`."""
    match = re.search(_MUSL_VERSION, data)
    return match[1].decode() if match is not None else None


def musl_dirs(interp: str, files: Files = HERE) -> tuple[FsPath, ...]:
    """Default folders of the musl loader at `interp`: its path file's, else the built-in ones."""
    prefix, _, name = interp.rpartition("/lib/")
    arch = os.path.basename(name).removeprefix("ld-musl-").partition(".")[0]
    text = files.text(f"{prefix}/etc/ld-musl-{arch}.path", 1 << 16)
    if text is None:
        text = _MUSL_DEFAULT
    return tuple(FsPath(folder.rstrip("/") or "/") for folder in re.split(r"[:\n]", text) if folder)
