"""Puts the lab's nixpkgs together: the expressions in `nixpkgs/` with the attributes that the tool knows.

Any Nix text that the tool prints can so be parsed, evaluated, built and entered by real Nix, without a network.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from lab.machine import HERE, cache, environment
from lab.store import Store
from nixpydoctor.knowledge.sonames import attribute, entries


def assemble(store: Store) -> Path:
    """The folder that `<nixpkgs>` means in the lab."""
    folder = cache() / "nixpkgs"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "nixpkgs", folder)
    pythons = {"3.12": str(store["nixPython312"]), "3.11": str(store["nixPython311"])}
    data = {"glibc": str(store["glibc"]), "pythons": pythons, "libraries": libraries()}
    (folder / "attributes.json").write_text(json.dumps(data, indent=1, sort_keys=True))
    return folder


def libraries() -> dict[str, dict[str, object]]:
    """Attribute → its folder and the sonames it must hold, in every spelling."""
    found: dict[str, dict[str, object]] = {}
    for entry in entries():
        for soname in entry.get("sonames") or [entry["example"]]:
            known = attribute(soname)
            if known is None or not known.package:
                continue
            for attr in {known.attr, *(spelling.attr for spelling in known.spellings)}:
                spec = found.setdefault(attr, {"folder": known.folder, "sonames": []})
                sonames = spec["sonames"]
                assert isinstance(sonames, list)
                sonames.append(soname)
    return found


def nix(nixpkgs: Path, program: str, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program of Nix with the lab's nixpkgs as `<nixpkgs>`."""
    env = environment(NIX_PATH=f"nixpkgs={nixpkgs}")
    return subprocess.run(
        [program, *map(str, words)], env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=600
    )
