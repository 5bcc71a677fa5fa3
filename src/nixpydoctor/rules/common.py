"""What several rules ask: severity by reach, C-library members, bundled names."""

from __future__ import annotations

import re

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Severity
from nixpydoctor.knowledge.sonames import attribute

C_MEMBERS = frozenset(
    f"lib{name}.so.{number}"
    for name, number in (
        ("c", 6), ("m", 6), ("mvec", 1), ("pthread", 0), ("dl", 2), ("rt", 1), ("util", 1), ("resolv", 2),
        ("anl", 1), ("nsl", 1), ("thread_db", 1), ("BrokenLocale", 1),
    )
)  # fmt: skip
"""Sonames that belong to one build of glibc: its loader and these share private symbols."""

_HASHED = re.compile(r"-[0-9a-f]{8}(?:[.-][^/]*)?\.so")
"""auditwheel puts eight hexadecimal digits into the name of every library that it copies into a wheel."""


def severity(case: Case, path: FsPath) -> Severity:
    """ERROR where a plain import dies of the object, NOTE where none does or nobody can tell."""
    return Severity.ERROR if case.breaks(path) else Severity.NOTE


def hint(soname: str) -> str:
    """The nixpkgs attribute that holds a soname, or nothing."""
    known = attribute(soname)
    if known is None or known.forbidden:
        return ""
    return "the GPU driver" if known.driver else known.attr


def bundled(case: Case, soname: str) -> FsPath | None:
    """The path below which a wheel brought `soname` and where it no longer is, if it did."""
    for dist in case.facts.main.dists:
        for path in dist.gone:
            if leaf(path) == soname:
                return path
    return FsPath(soname) if _HASHED.search(soname) else None


def is_other_libc(case: Case, soname: str) -> bool:
    """Whether `soname` is the C library of the family that this process does not belong to."""
    family = case.process.loader.family if case.process.loader is not None else None
    if family == "glibc":
        return soname.startswith("libc.musl-") or soname == "libc.so"
    if family == "musl":
        return soname in C_MEMBERS or soname.startswith("ld-linux")
    return False
