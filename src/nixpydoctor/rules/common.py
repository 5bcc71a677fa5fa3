"""What several rules ask: severity by reach, C libraries and their members, bundled names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, Loader, Object, PathEntry, Process, join, leaf, parent
from nixpydoctor.findings import Evidence, Place, Severity, Shadowing
from nixpydoctor.knowledge.sonames import attribute
from nixpydoctor.loader import start
from nixpydoctor.loader.trace import Resolution

if TYPE_CHECKING:
    from nixpydoctor.imports.winners import Winner

C_MEMBERS = frozenset(
    f"lib{name}.so.{number}"
    for name, number in (
        ("c", 6), ("m", 6), ("mvec", 1), ("pthread", 0), ("dl", 2), ("rt", 1), ("util", 1), ("resolv", 2),
        ("anl", 1), ("nsl", 1), ("thread_db", 1), ("BrokenLocale", 1),
    )
)  # fmt: skip
"""Sonames that belong to one build of glibc: its loader and these share private symbols."""

_LONERS = ("libm.so.6", "libmvec.so.1")
"""Measured: Pythons start with those of another release, where the versions that they want are there."""

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
        if ".so" in name or "/" in name or case.finds(name) is not None:
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


def own_c_library(loader: Loader | None, disk: Disk) -> Mapping[str, tuple[int, int]] | None:
    """Soname → identity of the loader's own C library, or None where it is not glibc."""
    if loader is None or loader.family != "glibc":
        return None
    own: dict[str, tuple[int, int]] = {}
    for folder in (parent(loader.real), *loader.system_dirs):
        names = disk.names(folder) or frozenset()
        for soname in C_MEMBERS & names:
            found = disk.objects(join(folder, soname))
            if isinstance(found, tuple) and found and soname not in own:
                own[soname] = found[0].identity
    return own


def foreign_members(objects: Iterable[Object], own: Mapping[str, tuple[int, int]]) -> Iterator[Elf]:
    """Those of the objects that are a part of a C library, and not of this one."""
    for found in objects:
        soname = found.soname
        if soname is not None and soname in C_MEMBERS and soname in own and own[soname] != found.identity:
            yield found


def same_release(loader: Loader, found: Elf, disk: Disk) -> bool:
    """Whether a part of a C library is of the loader's release: two builds of one mostly get along, two releases
    do not share their private symbols. Mathematics alone hardly uses any.
    """
    if found.soname in _LONERS:
        return True
    beside = disk.objects(join(parent(found.path), "libc.so.6"))
    libc = beside[0] if isinstance(beside, tuple) and beside else found
    return _release(libc) == loader.version


def _release(libc: Elf) -> str | None:
    """`2.36` for a libc whose newest version node is GLIBC_2.36."""
    numbers = [
        tuple(int(part) for part in version.removeprefix("GLIBC_").split("."))
        for version in libc.verdef or ()
        if version.removeprefix("GLIBC_").replace(".", "").isdigit()
    ]
    return ".".join(str(part) for part in max(numbers)) if numbers else None


def listed(paths: Sequence[FsPath], noun: str) -> str:
    """`3 scripts (pip, pytest, wheel)`: how many files, and the names of the first ones."""
    names = ", ".join(leaf(path) for path in paths[:4])
    more = ", …" if len(paths) > 4 else ""
    return f"{len(paths)} {noun}{'' if len(paths) == 1 else 's'} ({names}{more})" if paths else f"no {noun}"


def start_trouble(process: Process, disk: Disk) -> tuple[str, Evidence] | None:
    """Why a program does not start, as the rest of a sentence, and what proves it; None where it does."""
    image = start(process, disk)
    if image.failure is not None:
        return f"{image.failure.path}: {image.failure.reason}", image.failure
    for search in image.missing:
        what = search.invalid.reason if search.invalid is not None else "is not found"
        needed = f"needs {search.needed}, which {what}"
        return f"{leaf(search.requester)} {needed}", Place(search.requester, needed)
    for fault in image.faults:
        if not fault.weak:
            return f"{fault.provider} does not provide {fault.version}", fault
    loader = process.loader
    own = own_c_library(loader, disk)
    for found in foreign_members(image.objects, own) if own is not None else ():
        if loader is not None and not same_release(loader, found, disk):
            place = Place(loader.real, f"its loader, of glibc {loader.version or 'of unknown release'}")
            return f"it gets {found.path}, a part of another C library", place
    return None


def ignored_preloads(case: Case, names: Iterable[str]) -> Iterator[tuple[Resolution, str]]:
    """Which of these preloads the loader passes over, and its words for why."""
    wanted = frozenset(names)
    for search in case.image.ignored:
        if search.needed in wanted:
            reasons = [attempt.reason for attempt in search.attempts if attempt.reason]
            yield search, reasons[-1] if reasons else "no such file"


def lacking(case: Case) -> tuple[str, ...]:
    """Every soname that some extension or companion misses, each once."""
    found: dict[str, None] = {}
    for path in case.unloadable:
        found.update((soname, None) for soname, _ in case.fate(path).missing)
    return tuple(found)


NIX_LD_LIST = "/run/current-system/sw/share/nix-ld/lib"
"""Where the machine's list is, for a process without variables."""


def in_nix_ld_list(case: Case, env: Mapping[str, str], soname: str) -> FsPath | None:
    """Where a soname lies in the folders of nix-ld's list, as these variables give it; None where it does not."""
    told = [
        value for name, value in sorted(env.items(), reverse=True) if name.startswith("NIX_LD_LIBRARY_PATH") and value
    ]
    for folder in (told[0] if told else NIX_LD_LIST).split(":"):
        if folder.startswith("/") and case.disk.has(join(folder, soname)):
            return join(folder, soname)
    return None


def nix_ld_target_is_gone(case: Case) -> bool:
    """Whether nix-ld starts this process and the loader that it shall use is not there."""
    loader = case.process.loader
    return loader is not None and loader.shim == "nix-ld" and case.object(loader.real) is None


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
