"""Puts the lab's nixpkgs together: the expressions in `nixpkgs/` with the attributes that the tool knows.

Any Nix text that the tool prints can so be parsed, evaluated, built and entered by real Nix. Only what it takes from
the registry is fetched, once: fixed-output derivations of exact files (`python/wheels.json`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tempfile
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from lab.machine import HERE, LabError, cache, environment
from lab.store import Store
from nixpydoctor.knowledge.sonames import attribute, entries
from nixpydoctor.probes.nixpkgs import NAMES

SOURCE = HERE / "nixpkgs"
WHEELS = SOURCE / "python" / "wheels.json"


def assemble(store: Store, *, manylinux: bool = False) -> Path:
    """The folder that `<nixpkgs>` means in the lab; complete under its own name, for two tests at once as well.

    `manylinux`: with the libraries that wheels may expect, which readers of locks give to each of them.
    """
    data = {
        "manylinux": manylinux,
        "pythons": {minor: _built(store[f"nixPython{minor.replace('.', '')}"]) for minor in ("3.12", "3.11")},
        "libraries": libraries(),
        **{name: _built(store[name]) for name in ("glibc", "busybox", "bash", "nixLd")},
    }
    with tempfile.TemporaryDirectory(dir=cache(), ignore_cleanup_errors=True) as work:
        folder = Path(work, "nixpkgs")
        shutil.copytree(SOURCE, folder)
        (folder / "store").mkdir()
        for name in ("library.sh", "with-packages.sh", "wrapper.c"):
            shutil.copy(HERE / "store" / name, folder / "store" / name)
        (folder / "attributes.json").write_text(json.dumps(data, indent=1, sort_keys=True))
        _names(folder)
        digest = hashlib.sha256()
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
        final = cache() / f"nixpkgs-{digest.hexdigest()[:12]}"
        try:
            folder.rename(final)
        except OSError:  # it is there already
            assert (final / "attributes.json").exists()
        return final


def _names(folder: Path) -> None:
    """The file in which nixpkgs names its Python distributions, for those who read it; nothing imports it."""
    listed = sorted({name for wheels in json.loads(WHEELS.read_text()).values() for name in wheels})
    file = folder / NAMES
    file.parent.mkdir(parents=True)
    lines = [f"  {name} = callPackage ../development/python-modules/{name} {{ }};\n" for name in listed]
    file.write_text("self: super: with self; {\n\n" + "\n".join(lines) + "}\n")


def _built(path: Path) -> dict[str, str]:
    """A store path with the derivation that it came from, so that Nix knows it as one."""
    command = ["nix-store", "--query", "--deriver", str(path)]
    drv = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True).stdout.strip()
    return {"name": path.name.partition("-")[2], "out": str(path), "drv": drv}


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


def lock(python: Path) -> None:
    """Writes `wheels.json` anew: for each Python minor the wheels of its package set, with what they require."""
    listed = tomllib.loads((HERE / "distributions.toml").read_text())["nixpkgs"]
    locked: dict[str, dict[str, dict[str, object]]] = {}
    for minor, names in listed.items():
        with tempfile.TemporaryDirectory(dir=cache()) as folder:
            command = [str(python), "-m", "pip", "download", "-q", "--only-binary", ":all:", "--python-version", minor]
            child = subprocess.run(
                [*command, "-d", folder, *names], capture_output=True, text=True, env=environment(), check=False
            )
            if child.returncode != 0:
                raise LabError(f"the wheels of the lab's nixpkgs could not be fetched:\n{child.stderr[-2000:]}")
            locked[minor] = {
                name: wheel for file in sorted(Path(folder).iterdir()) for name, wheel in [_wheel(file, minor)]
            }
    WHEELS.write_text(json.dumps(locked, indent=1, sort_keys=True) + "\n")


def _wheel(file: Path, minor: str) -> tuple[str, dict[str, object]]:
    """The attribute of a wheel, and everything that `fromWheel` wants."""
    name, version, _, _ = parse_wheel_filename(file.name)
    with zipfile.ZipFile(file) as archive:
        inner = next(inner for inner in archive.namelist() if inner.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(inner).decode())
    target = {"python_version": minor, "python_full_version": f"{minor}.0", "sys_platform": "linux",
              "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64",
              "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}  # fmt: skip
    wanted = [Requirement(line) for line in metadata.get_all("Requires-Dist", ())]
    requires = {canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate(target)}
    digest = base64.b64encode(hashlib.sha256(file.read_bytes()).digest()).decode()
    described = {"pname": metadata["Name"], "version": str(version), "file": file.name, "hash": f"sha256-{digest}"}
    return name, {**described, "requires": sorted(requires)}
