"""What rules about venvs share: which modules lie in a site folder, and which links lead through a profile."""

from __future__ import annotations

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Venv

_SEEDED = frozenset({"pip", "setuptools", "wheel", "pkg_resources", "_distutils_hack", "distutils-precedence.pth"})
"""What a venv is born with: nobody misses it."""

_PROFILES = (
    "/.nix-profile/", "/nix/var/nix/profiles/", "/.local/state/nix/profile", "/run/current-system/",
    "/etc/profiles/per-user/", "/.devenv/profile", "/.devbox/nix/profile/", "/.direnv/", "/opt/homebrew/opt/",
    "/home-manager/gcroots/",
)  # fmt: skip
"""Folders that somebody else's update makes lead to another Python."""


def modules(case: Case, folder: FsPath) -> tuple[str, ...]:
    """Top-level modules that a site folder holds, those left out that every venv is born with."""
    found = set()
    for name in case.disk.names(folder) or ():
        stem = name.removesuffix(".py")
        if stem.isidentifier() and name not in _SEEDED and stem != "__pycache__":
            found.add(stem)
    return tuple(sorted(found))


def site_folders(case: Case, venv: Venv) -> dict[tuple[int, int], FsPath]:
    """The venv's site folders by the minor version of Python that they are for."""
    found = {}
    for name in sorted(case.disk.names(FsPath(f"{venv.root}/lib")) or ()):
        major, dot, minor = name.removeprefix("python").removesuffix("t").partition(".")
        if name.startswith("python") and dot and major.isdigit() and minor.isdigit():
            found[int(major), int(minor)] = FsPath(f"{venv.root}/lib/{name}/site-packages")
    return found


def profile(venv: Venv) -> FsPath | None:
    """The first step between `bin/python`, or `home`, and the base that leads through a profile."""
    steps = venv.links if venv.home is None else (*venv.links, venv.home)
    for step in steps:
        if any(part in f"{step}/" for part in _PROFILES):
            return step
    return None
