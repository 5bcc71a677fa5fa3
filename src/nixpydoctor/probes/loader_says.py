"""Asks a glibc loader for its own configuration (`ld.so --list-diagnostics`, glibc 2.33 and later).

Starting it means running it, so only a loader that nobody but root or the store's owner could have put there is asked,
and never with the user's variables.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping

from nixpydoctor.facts import STORE, FsPath, in_store
from nixpydoctor.light import dataclass
from nixpydoctor.probes.child import Child

TIMEOUT = 5.0
_STANDARD = ("/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32")
_LINE = re.compile(r'([\w.]+(?:\[0x[0-9a-f]+\])?)=(?:"((?:[^"\\]|\\.)*)"|(0x[0-9a-f]+))')
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a loader is configured to do on this CPU."""

    version: str | None
    system_dirs: tuple[FsPath, ...]
    """Without trailing slashes."""
    hwcaps: tuple[str, ...]
    platform: str
    lib: str
    legacy_bits: int


class Diagnosing:
    """A loader that is being asked."""

    def __init__(self, path: str) -> None:
        self._child = Child((path, "--list-diagnostics"), {"LC_ALL": "C"}, TIMEOUT)

    def collect(self) -> Configuration | None:
        """Its answer, or None where it knows no such question."""
        outcome = self._child.finish()
        if outcome.code != 0:
            return None
        return understand(outcome.stdout.decode("utf-8", "surrogateescape"))


def understand(text: str) -> Configuration | None:
    """The configuration in the output of `--list-diagnostics`; None where it holds no search path."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is not None:
            said[match[1]] = match[3] if match[3] is not None else _ESCAPE.sub(_unescape, match[2])
    folders = [said[key] for key in sorted(_indexed(said, "path.system_dirs"), key=_index)]
    if not folders:
        return None
    return Configuration(
        version=said.get("version.version"),
        system_dirs=tuple(FsPath(folder.rstrip("/") or "/") for folder in folders),
        hwcaps=_active(said),
        platform=said.get("dl_platform", ""),
        lib=said.get("dl_dst_lib", "lib"),
        legacy_bits=int(said.get("dl_hwcap", "0"), 16) & int(said.get("dl_hwcap_important", "0"), 16),
    )


def _active(said: Mapping[str, str]) -> tuple[str, ...]:
    """The glibc-hwcaps folders whose bit is set in the mask beside them, first folder lowest bit."""
    mask = int(said.get("dl_hwcaps_subdirs_active", "0"), 16)
    folders = said.get("dl_hwcaps_subdirs", "").split(":")
    return tuple(folder for bit, folder in enumerate(folders) if folder and mask >> bit & 1)


def _indexed(said: Mapping[str, str], name: str) -> list[str]:
    return [key for key in said if key.startswith(f"{name}[")]


def _index(key: str) -> int:
    return int(key.partition("[")[2].rstrip("]"), 16)


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return bytes([int(code, 8) & 0xFF]).decode("utf-8", "surrogateescape") if len(code) == 3 else code


def trusted(path: str) -> bool:
    """Whether only root, or for the store its owner, could have put or changed the file with this resolved path.

    A sticky folder (the store of a multi-user Nix is one) lets its group add files, but not replace others'.
    """
    owners = {0}
    if in_store(path):
        owners.add(_owner(STORE))
    elif not any(path.startswith(f"{folder}/") for folder in _STANDARD):
        return False
    while True:
        try:
            status = os.lstat(path)
        except OSError:
            return False
        loose = status.st_mode & 0o022 and not (stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX)
        if status.st_uid not in owners or loose or stat.S_ISLNK(status.st_mode):
            return False
        above = os.path.dirname(path)
        if above == path:
            return True
        path = above


def _owner(path: str) -> int:
    try:
        return os.stat(path).st_uid
    except OSError:
        return 0
