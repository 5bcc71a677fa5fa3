"""A literal world of macOS: a venv on a Python of the Nix store, with the slices that are given and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from build import facts
from macho_bytes import version
from nixpydoctor.darwin import ARM64, BUNDLE, DYLIB, EXECUTE, Dylib, MachO, Signature
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Dist, Facts, FsPath, Loader, PathEntry, Platform, Process, Venv, World, join, parent

SITE = FsPath("/Users/ada/app/.venv/lib/python3.12/site-packages")
PYTHON = FsPath("/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1/bin/python3.12")
DYLD = FsPath("/usr/lib/dyld")
SYSTEM = "/usr/lib/libSystem.B.dylib"
SUFFIXES = (".cpython-312-darwin.so", ".abi3.so", ".so")


def an_image(path: str, *needed: str | Dylib, kind: int = DYLIB, sdk: str = "14.4", **more: object) -> MachO:
    """A signed arm64 slice; paths that are not absolute lie in SITE."""
    place = FsPath(path) if path.startswith("/") else join(SITE, path)
    return replace(
        MachO(
            place,
            (1, hash(place)),
            ARM64,
            kind,
            id=Dylib(place, "id") if kind == DYLIB else None,
            needed=tuple(Dylib(need) if isinstance(need, str) else need for need in (*needed, SYSTEM)),
            platform=1,
            sdk=version(sdk),
            uuid="00" * 16,
            signature=Signature("kept", adhoc=True),
        ),
        **more,  # type: ignore[arg-type]
    )


def an_extension(path: str, *needed: str | Dylib, **more: object) -> MachO:
    """A bundle below SITE."""
    return an_image(path, *needed, kind=BUNDLE, **more)  # type: ignore[arg-type]


def a_mac(
    *dists: Dist,
    images: Iterable[MachO] = (),
    texts: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    macos: str = "15.4",
) -> Facts:
    """The venv at SITE and its Python, which is started by this macOS."""
    told = facts(*dists)
    assert told.main.python is not None
    loader = Loader(DYLD, DYLD, "dyld", version=macos, platform="arm64", basis="assumed")
    python = replace(
        told.main.python,
        command=FsPath("/Users/ada/app/.venv/bin/python"),
        suffixes=SUFFIXES,
        path=(PathEntry(SITE, "venv"),),
        platform="darwin",
        machine="arm64",
    )
    files = {FsPath(path if path.startswith("/") else f"{SITE}/{path}"): text for path, text in (texts or {}).items()}
    disk = Disk.closed(slices=[an_image(PYTHON, kind=EXECUTE), *images], texts=files)
    return replace(
        told,
        main=World(Process(PYTHON, DYLD, loader, env or {}), python, None, dists),
        platform=Platform("darwin", "arm64", "macOS 15.4", nix=True),
        disk=disk,
    )


def a_mac_dist(name: str, *extensions: str, **more: object) -> Dist:
    """A distribution in SITE with these extension modules."""
    paths = tuple(join(SITE, path) for path in extensions)
    return replace(Dist(name, "1.0", SITE, top_level=(name,), extensions=paths), **more)  # type: ignore[arg-type]


def in_venv(told: Facts) -> Facts:
    """With the venv that SITE lies in."""
    venv = Venv(FsPath("/Users/ada/app/.venv"), parent(PYTHON), "3.12.1", "venv", False, base=PYTHON, base_exists=True)
    return replace(told, main=replace(told.main, venv=venv))
