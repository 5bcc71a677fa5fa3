"""Keeps store paths from the garbage collector for as long as the edits that need them stand.

A root is a link in the journal's folder that Nix knows of (`nix-store --add-root`, "indirect roots"). Where the link is
gone, Nix forgets the root by itself.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterable, Mapping

from nixpydoctor.edits.journal import place
from nixpydoctor.facts import STORE, in_store
from nixpydoctor.probes.store import nix_store
from nixpydoctor.treatments import Edit, SetSearchPath

TIMEOUT = 60.0
"""Seconds for `nix-store` to register one root."""


def needed(edits: Iterable[Edit]) -> tuple[str, ...]:
    """The store paths that these edits name."""
    found: dict[str, None] = {}
    for edit in edits:
        for folder in edit.dirs if isinstance(edit, SetSearchPath) else ():
            if in_store(folder):
                found[STORE + folder[len(STORE) :].partition("/")[0]] = None
    return tuple(found)


def register(base: str, paths: Iterable[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Register each path as a root; what could not be done comes back as sentences."""
    wanted = [path for path in paths if not os.path.islink(f"{place(base)}/roots/{posixpath.basename(path)}")]
    if not wanted:
        return ()
    program = nix_store(environ)
    if program is None:
        return (f"Nix is not at hand, so nothing keeps these from a garbage collection: {', '.join(wanted)}.",)
    try:
        os.makedirs(f"{place(base)}/roots", exist_ok=True)
    except OSError as error:
        return (f"No roots could be kept in {place(base)}: {error.strerror}.",)
    said = (_add(program, path, f"{place(base)}/roots/{posixpath.basename(path)}") for path in wanted)
    return tuple(sentence for sentence in said if sentence)


def _add(program: str, path: str, link: str) -> str:
    command = [program, "--realise", path, "--add-root", link, "--indirect"]
    try:
        told = subprocess.run(  # noqa: S603 - a program of Nix and a path of its store
            command, capture_output=True, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = type(error).__name__
    else:
        if told.returncode == 0:
            return ""
        why = (told.stderr.decode("utf-8", "replace").strip().splitlines() or ["it gave no reason"])[-1]
    return f"{path} could not be registered as a root of the garbage collector ({why}): it may be collected."
