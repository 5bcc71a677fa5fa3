"""Finds out what protects a store path from garbage collection: the roots that lead to it or to what refers to it.

The roots are read as Nix reads them (`LocalStore::findRoots` in gc.cc): links below `gcroots` and `profiles` of the
state folder, directly into the store or through one other link. `nix-store --query --roots` is not asked: on its way it
deletes links that it takes for stale, and nothing is to be changed here. Who refers to the path only Nix's database
knows, and `--referrers-closure` tells it without writing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from nixpydoctor.facts import FsPath, in_store, store_path
from nixpydoctor.files import HERE, Files
from nixpydoctor.probes.child import Child
from nixpydoctor.probes.store import nix_store

STATE = "/nix/var/nix"
MAX_LINKS = 20_000
_NAMED = 3
_MOST = 24
"""Store paths of one environment whose roots are looked for: Nix is asked about each."""
TIMEOUT = 2.0
"""Seconds that Nix has to name the referrers."""


class Roots:
    """What keeps one store path. Made early, collected late: Nix looks for the referrers while we read files."""

    def __init__(self, path: FsPath, environ: Mapping[str, str], *, may_run: bool, files: Files = HERE) -> None:
        self._files = files
        self.path = path
        self.hidden = 0
        """Roots in folders of other users: where they lead cannot be seen."""
        self._complete = True
        self._roots = self._read(environ.get("NIX_STATE_DIR") or STATE)
        self._child = None
        command = nix_store(environ) if may_run and path not in self._roots.values() else None
        if command is not None:
            self._child = Child((command, "--query", "--referrers-closure", path), environ, TIMEOUT)

    def collect(self) -> tuple[FsPath, ...] | None:
        """The first roots that keep the path, by name; None where that could not be found out."""
        wanted, known = {self.path}, False
        if self._child is not None:
            outcome = self._child.finish()
            known = outcome.code == 0 and not outcome.overflow
            wanted.update(FsPath(line) for line in outcome.stdout.decode("utf-8", "surrogateescape").splitlines())
        found = tuple(sorted(root for root, target in self._roots.items() if target in wanted))
        return found[:_NAMED] if found or (known and self._complete) else None

    def _read(self, state: str) -> dict[FsPath, FsPath]:
        """Every root and the store path that it leads to."""
        found: dict[FsPath, FsPath] = {}
        for number, path in enumerate(self._links([f"{state}/gcroots", f"{state}/profiles"])):
            if number >= MAX_LINKS:
                self._complete = False
                break
            said = self._link(path)
            if said is not None and not in_store(said):
                said = self._link(os.path.normpath(os.path.join(os.path.dirname(path), said)))
            target = store_path(said) if said is not None else None
            if target is not None:
                # By the name that Nix has for it: where a result link lies is its owner's own affair.
                found[FsPath(path)] = target
        return found

    def _links(self, folders: list[str]) -> Iterator[str]:
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(self._files.at(folder)) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(f"{folder}/{entry.name}")
                        elif entry.is_symlink():
                            yield f"{folder}/{entry.name}"
            except FileNotFoundError:
                continue
            except OSError:
                self._complete = False

    def _link(self, path: str) -> str | None:
        """Where a link leads, if it is one and can be looked at."""
        try:
            return self._files.readlink(path)
        except PermissionError:
            self.hidden += 1
        except (OSError, ValueError):
            pass
        return None


def unrooted(
    paths: Iterable[FsPath], environ: Mapping[str, str], *, may_run: bool, files: Files = HERE
) -> Mapping[FsPath, bool]:
    """Those of these store paths for which no root was found, and whether that is sure; the first ones by name."""
    asked = [Roots(path, environ, may_run=may_run, files=files) for path in sorted(paths)[:_MOST]]
    found = {one.path: one.collect() for one in asked}
    return {path: roots is not None for path, roots in found.items() if not roots}


def collected(environ: Mapping[str, str], files: Files = HERE) -> bool:
    """Whether there is a store that Nix manages, and so somebody who may collect garbage."""
    return files.isdir(f"{environ.get('NIX_STATE_DIR') or STATE}/db")
