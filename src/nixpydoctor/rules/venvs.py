"""What rules about venvs ask: modules of a site folder, links that lead through a profile, what scripts start with."""

from __future__ import annotations

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Venv, join, leaf, parent
from nixpydoctor.findings import Severity
from nixpydoctor.formats.shebang import limit, looked_up, program, too_long

_SEEDED = frozenset({"pip", "setuptools", "wheel", "pkg_resources", "_distutils_hack", "distutils-precedence.pth"})
"""What a venv is born with: nobody misses it."""

_PYTHONS = ("python", "pypy", "graalpy")

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


def start_fault(case: Case, venv: Venv, head: str) -> tuple[str, str, Severity] | None:
    """The program that is named, what is wrong with it, and how bad that is; None where nothing is."""
    named, words, kernel = program(head), looked_up(head), case.facts.platform.kernel
    old = venv.made_at
    if named is None or (old is not None and named.startswith(f"{old}/")):
        return None
    if too_long(head, kernel):
        return (
            named,
            f"the first line has more than {limit(kernel)} bytes, and the kernel reads no more",
            Severity.ERROR,
        )
    if words is not None and " " in words:
        return words, f"env looks for one program called '{words}', because it got no -S", Severity.ERROR
    is_python = leaf(named).startswith(_PYTHONS)
    if venv.own(named):
        there = case.disk.has(join(join(venv.root, "bin"), leaf(named)))
        return None if there else (named, f"the first line names {named}, which does not exist", Severity.ERROR)
    if not named.startswith("/") or case.disk.objects(FsPath(named)) is None:
        why = f"the first line names {named}, which does not exist"
        return named, why, Severity.ERROR if is_python else Severity.NOTE
    if is_python and parent(named) != venv.home:
        return named, f"the first line names {named}, which is not the Python of this venv", Severity.NOTE
    return None
