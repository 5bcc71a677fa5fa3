"""Finds out what stands at an interp and how it behaves on this machine: a glibc or musl loader, nix-ld, or stub-ld.

What it is shows in the file itself, never in the folder that it lies in. Its configuration is asked of it where that is
safe (`loader_says`) and read out of it otherwise (`loader_reads`).
"""

from __future__ import annotations

import os
import re
import stat
import struct
from collections.abc import Callable, Mapping

from nixpydoctor.facts import Arch, CacheEntry, FsPath, Loader, Unread
from nixpydoctor.files import HERE, Files
from nixpydoctor.formats.cache import parse_cache, usable
from nixpydoctor.formats.hwcaps import legacy_subfolders
from nixpydoctor.light import dataclass, replace
from nixpydoctor.probes import loader_reads
from nixpydoctor.probes.loader_says import Configuration, Diagnosing, trusted

NIX_LD_LOADER = "/run/current-system/sw/share/nix-ld/lib/ld.so"
NIX_LD_LIBRARIES = "/run/current-system/sw/share/nix-ld/lib"
"""nix-ld's built-in defaults: where the NixOS module puts a loader and the libraries (its src/main.rs)."""

_LARGEST = 1 << 23
_CACHE_LARGEST = 1 << 26
_STUB = b"Could not start dynamically linked executable"
_DIAGNOSTICS_SINCE = _HWCAPS_SINCE = (2, 33)
_LEGACY_UNTIL = (2, 37)


class LoaderProbe:
    """A loader that is being looked at. Made early, collected late: the asking goes on meanwhile."""

    def __init__(
        self,
        interp: FsPath,
        environ: Mapping[str, str],
        *,
        may_run: bool,
        note: Callable[[Unread], None],
        files: Files = HERE,
    ) -> None:
        self._interp = interp
        self._note = note
        self._found: Loader | None = None
        self._glibc: _Glibc | None = None
        file = _read(interp, note, files)
        if file is None:
            return
        if _is_stub(file):
            self._found = Loader(interp, file.real, "stub", basis="read")
        elif _is_nix_ld(file):
            self._found = _nix_ld(file, interp, environ, may_run, note, files)
        elif _is_musl(file, interp):
            version, folders = loader_reads.musl_version(file.data), loader_reads.musl_dirs(interp, files)
            self._found = Loader(interp, file.real, "musl", version=version, system_dirs=folders, basis="read")
        else:
            self._glibc = _Glibc(interp, file, may_run=may_run, note=note, files=files)

    def collect(self) -> Loader | None:
        """The loader; None where nothing is at the interp, or nothing that a kernel would start."""
        if self._found is None and self._glibc is not None:
            self._found = self._glibc.collect()
        return self._found


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _File:
    real: FsPath
    data: bytes
    arch: Arch


def _read(interp: FsPath, note: Callable[[Unread], None], files: Files) -> _File | None:
    real = FsPath(files.realpath(interp))
    data = _bytes(real, _LARGEST, note, files)
    if data is None:
        return None
    if len(data) < 64 or not data.startswith(b"\x7fELF") or data[4] not in (1, 2) or data[5] not in (1, 2):
        note(Unread(interp, "it should be a loader and is no ELF file", True))
        return None
    little = data[5] == 1
    machine: int = struct.unpack_from("<H" if little else ">H", data, 18)[0]
    return _File(real, data, Arch(machine, 64 if data[4] == 2 else 32, little))


def _bytes(path: FsPath, limit: int, note: Callable[[Unread], None], files: Files) -> bytes | None:
    """The bytes of a regular file; None where there is none, or where it cannot be read, which is noted."""
    try:
        here = files.at(path)
        if not stat.S_ISREG(os.stat(here).st_mode):
            return None
        with open(here, "rb") as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        note(Unread(path, error.strerror or "cannot be read", False))
        return None
    if len(data) > limit:
        note(Unread(path, f"larger than {limit >> 20} MiB", False))
        return None
    return data


def _is_stub(file: _File) -> bool:
    return _STUB in file.data or "stub-ld" in file.real.rpartition("/")[2]


def _is_nix_ld(file: _File) -> bool:
    return b"NIX_LD_LIBRARY_PATH" in file.data and b"glibc-ld.so.cache" not in file.data


def _is_musl(file: _File, interp: FsPath) -> bool:
    return os.path.basename(interp).startswith("ld-musl-") or b"musl libc" in file.data


# ── nix-ld ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _nix_ld(
    file: _File,
    interp: FsPath,
    environ: Mapping[str, str],
    may_run: bool,
    note: Callable[[Unread], None],
    files: Files,
) -> Loader:
    """nix-ld and the loader that it starts; its variables for this system win over the general ones."""
    real = FsPath(_variable(environ, "NIX_LD") or NIX_LD_LOADER)
    libraries = _variable(environ, "NIX_LD_LIBRARY_PATH") or NIX_LD_LIBRARIES
    behind = _read(real, note, files)
    if behind is None or _is_nix_ld(behind) or _is_stub(behind):
        note(Unread(real, "nix-ld is told to start it, and it is no loader", True))
        return Loader(interp, real, "glibc", shim="nix-ld", library_path=libraries, basis="read")
    found = _Glibc(real, behind, may_run=may_run, note=note, files=files).collect()
    return replace(found, path=interp, shim="nix-ld", library_path=libraries)


def _variable(environ: Mapping[str, str], name: str) -> str:
    machine = os.uname().machine
    for variable in (f"{name}_{machine}_linux", f"{name}_{machine}-linux", name):
        value = environ.get(variable, "").rstrip("\n")
        if value:
            return value
    return ""


# ── glibc ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Glibc:
    """A glibc loader, asked where it may be."""

    def __init__(
        self, interp: FsPath, file: _File, *, may_run: bool, note: Callable[[Unread], None], files: Files
    ) -> None:
        self._interp, self._file, self._note, self._files = interp, file, note, files
        asks = may_run and _since(loader_reads.release(file.data), _DIAGNOSTICS_SINCE) and trusted(file.real)
        self._asking = Diagnosing(file.real) if asks else None

    def collect(self) -> Loader:
        """The loader with what it reads at every start: its cache and its preload file."""
        said = self._asking.collect() if self._asking is not None else None
        known = said if said is not None else loader_reads.configuration(self._file.data, self._file.arch.machine)
        used = loader_reads.used(self._file.data)
        return Loader(
            path=self._interp,
            real=self._file.real,
            family="glibc",
            version=known.version,
            system_dirs=known.system_dirs,
            cache_path=used.cache,
            cache=self._cache(used.cache),
            hwcaps=known.hwcaps if _since(known.version, _HWCAPS_SINCE) else (),
            platform=known.platform,
            lib=known.lib,
            basis="asked" if said is not None else "read",
            preload=self._preload(used.preload),
            preload_path=used.preload,
            legacy=self._legacy(known),
        )

    def _legacy(self, known: Configuration) -> tuple[str, ...]:
        if _since(known.version, _LEGACY_UNTIL):
            return ()
        return legacy_subfolders(known.platform, self._file.arch.machine, known.legacy_bits)

    def _cache(self, path: FsPath | None) -> tuple[CacheEntry, ...]:
        """The entries that this loader takes, in the file's order."""
        data = _bytes(path, _CACHE_LARGEST, self._note, self._files) if path is not None else None
        if path is None or data is None:
            return ()
        try:
            return tuple(entry for entry in parse_cache(data) if usable(entry.flags, self._file.arch))
        except ValueError as corrupt:
            self._note(Unread(path, str(corrupt), False))
            return ()

    def _preload(self, path: FsPath | None) -> tuple[str, ...]:
        """Names in the preload file, which separates them by blanks and colons and knows comments (ld.so(8))."""
        data = _bytes(path, 1 << 16, self._note, self._files) if path is not None else None
        if not data:
            return ()
        text = re.sub(r"#[^\n]*", "", data.decode("utf-8", "surrogateescape"))
        return tuple(name for name in re.split(r"[\s:]+", text) if name)


def _since(version: str | None, since: tuple[int, int]) -> bool:
    """Whether a glibc is at least that new; one without a version is taken for a new one."""
    return version is None or tuple(int(part) for part in version.split(".") if part.isdigit()) >= since
