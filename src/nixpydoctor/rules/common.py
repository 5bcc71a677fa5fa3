"""What several rules ask: severity by reach, who is meant, bundled names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, PathEntry, join, leaf
from nixpydoctor.findings import Severity, Shadowing
from nixpydoctor.knowledge.sonames import attribute
from nixpydoctor.rules.c_libraries import C_MEMBERS

if TYPE_CHECKING:
    from nixpydoctor.imports.winners import Winner


_HASHED = re.compile(r"-[0-9a-f]{8}(?:[.-][^/]*)?\.so")
"""auditwheel puts eight hexadecimal digits into the name of every library that it copies into a wheel."""


def starter(case: Case) -> str:
    """Who starts, at the beginning of a sentence: Python, or a program that embeds it."""
    return "Python" if case.facts.main.host is None else "the program"


def called(case: Case) -> FsPath:
    """What the user calls: it stays the same where a remedy puts another program behind it."""
    python = case.facts.main.python
    return case.process.executable if python is None or case.facts.main.host is not None else python.command


def severity(case: Case, path: FsPath) -> Severity:
    """ERROR where a plain import dies of the object, NOTE where none does or nobody can tell."""
    return Severity.ERROR if case.breaks(path) else Severity.NOTE


def hint(soname: str) -> str:
    """The nixpkgs attribute that holds a soname, or nothing."""
    known = attribute(soname)
    if known is None or known.forbidden:
        return ""
    return "the GPU driver" if known.driver else known.attr


def unseen_by_find_library(case: Case, names: Iterable[str]) -> tuple[str, FsPath] | None:
    """One of these bare names that `find_library` does not find although a folder of the loader holds it, and where."""
    loader = case.process.loader
    if loader is None:
        return None
    given = [case.process.env.get("LD_LIBRARY_PATH", ""), loader.library_path or ""]
    folders = [part for path in given for part in path.replace(";", ":").split(":")]
    for name in names:
        if ".so" in name or "/" in name or case.by_name.finds(name) is not None:
            continue
        for folder in (*folders, *loader.system_dirs):
            held = case.disk.names(FsPath(folder)) if folder.startswith("/") else None
            found = sorted(one for one in held or () if one.startswith(f"lib{name}.so"))
            if found:
                return name, join(folder, found[0])
    return None


def is_driver(soname: str) -> bool:
    """Whether `soname` comes with the machine's GPU driver."""
    known = attribute(soname)
    return known is not None and known.driver


def bundled(case: Case, soname: str) -> FsPath | None:
    """The path below which a wheel brought `soname` and where it no longer is, if it did."""
    home = case.gone.get(soname)
    return home if home is not None else FsPath(soname) if _HASHED.search(soname) else None


def is_other_libc(case: Case, soname: str) -> bool:
    """Whether `soname` is the C library of the family that this process does not belong to."""
    family = case.process.loader.family if case.process.loader is not None else None
    if family == "glibc":
        return soname.startswith("libc.musl-") or soname == "libc.so"
    if family == "musl":
        return soname in C_MEMBERS or soname.startswith("ld-linux")
    return False


def listed(paths: Sequence[FsPath], noun: str) -> str:
    """`3 scripts (pip, pytest, wheel)`: how many files, and the names of the first ones."""
    names = ", ".join(leaf(path) for path in paths[:4])
    more = ", …" if len(paths) > 4 else ""
    return f"{len(paths)} {noun}{'' if len(paths) == 1 else 's'} ({names}{more})" if paths else f"no {noun}"


def no_home(case: Case) -> FsPath | None:
    """What PYTHONHOME promises and is not there; None where the variable is not set or names a home of this version."""
    said = case.process.env.get("PYTHONHOME")
    python = case.facts.main.python
    minor = python.minor if python is not None else None
    if not said or minor is None:
        return None
    folder = f"python{minor[0]}.{minor[1]}/encodings/__init__.py"
    places = [join(said.partition(":")[0], f"{lib}/{folder}") for lib in ("lib", "lib64")]
    return None if any(case.there(place) for place in places) else places[0]


def where(winner: Winner) -> FsPath:
    """The package's folder, or the module's file."""
    return winner.module.places[0] if winner.module.places else winner.module.path


def shadowing(winner: Winner) -> Shadowing:
    """The evidence for a name that hides others."""
    entry = winner.entry or PathEntry(FsPath(""), "project")
    return Shadowing(winner.name, where(winner), entry, tuple(offer.entry for offer in winner.shadowed))


def instead(winner: Winner) -> str:
    """Of what it takes the place."""
    return f"instead of {'the standard library' if winner.shadowed[0].module.stdlib else 'the installed package'}'s"
