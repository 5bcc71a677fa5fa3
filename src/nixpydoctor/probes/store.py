"""Asks the Nix store what it holds by name, and what a store path needs: only when something is missing.

Names are `<32 characters>-<package>[-<version>][-<output>]` (nix.dev, "Store path"); a version begins with a digit. The
requisites come from Nix itself, where it is installed and may be started.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping

from nixpydoctor.facts import STORE, FsPath
from nixpydoctor.files import HERE, Files

TIMEOUT = 10.0
"""Seconds for `nix-store` to answer."""

_HASH = 32
_VERSION = re.compile(r"-\d")
_OUTPUT = re.compile(r"-(?:lib|out|bin|libgcc|data|all|static)\Z")
_NEVER = (".drv", "-dev", "-doc", "-man", "-info", "-devdoc", "-debug", ".lock", ".chroot", ".check")
_PLACES = ("/run/current-system/sw/bin", "/nix/var/nix/profiles/default/bin")
"""Where nix-store stands on NixOS and after the installer of Nix, whatever PATH says."""


class StoreReader:
    """The store of this machine, listed at most once."""

    def __init__(self, environ: Mapping[str, str] | None = None, *, may_run: bool = False, files: Files = HERE) -> None:
        self._files = files
        self._environ = environ or {}
        self._may_run = may_run
        self._by_name: dict[str, list[FsPath]] | None = None

    def stored(self, name: str) -> tuple[FsPath, ...]:
        """Store paths of this package, capitals aside, in any version and output that may hold libraries; sorted."""
        if self._by_name is None:
            self._by_name = _listed(self._files)
        return tuple(sorted(self._by_name.get(name.lower(), ())))

    def requisites(self, path: FsPath) -> tuple[FsPath, ...]:
        """What `nix-store --query --requisites` says; nothing where it is absent, must not run or does not know."""
        program = nix_store(self._environ) if self._may_run else None
        if program is None:
            return ()
        command = [program, "--query", "--requisites", path]
        try:
            told = subprocess.run(  # noqa: S603 - a program of Nix, and a path out of the store
                command, capture_output=True, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired):
            return ()
        lines = told.stdout.decode("utf-8", "surrogateescape").splitlines() if told.returncode == 0 else []
        return tuple(FsPath(line) for line in lines if line.startswith(STORE))


def nix_store(environ: Mapping[str, str]) -> str | None:
    """The program nix-store, where there is one."""
    for folder in (*environ.get("PATH", "").split(os.pathsep), *_PLACES):
        path = os.path.join(folder, "nix-store")
        if folder.startswith("/") and os.access(path, os.X_OK):
            return path
    return None


def package(entry: str) -> str | None:
    """The package's name in a store path's last component, in lower case; None for what holds no library."""
    if len(entry) < _HASH + 2 or entry[_HASH] != "-" or entry.endswith(_NEVER):
        return None
    name = entry[_HASH + 1 :]
    version = _VERSION.search(name)
    return (name[: version.start()] if version is not None else _OUTPUT.sub("", name)).lower()


def _listed(files: Files) -> dict[str, list[FsPath]]:
    found: dict[str, list[FsPath]] = {}
    try:
        entries = os.listdir(files.at(STORE))
    except OSError:
        return found
    for entry in entries:
        name = package(entry)
        if name is not None:
            found.setdefault(name, []).append(FsPath(STORE + entry))
    return found
