"""Holds the ELF reader against pyelftools, field by field.

As a script: `python tests/oracle/readers.py [FOLDER …]` goes over every ELF file below the folders.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.enums import ENUM_E_MACHINE, ENUM_E_TYPE
from elftools.elf.gnuversions import GNUVerDefSection, GNUVerNeedSection

from nixpydoctor.facts import Arch, Elf, FsPath, Unread, VersionNeed
from nixpydoctor.formats.headers import EXECUTABLE_STACK_BY_DEFAULT, OTHER_CLASS
from nixpydoctor.probes.disk import DiskReader
from oracle.machine import FOLDERS, Tally, candidates, report

NO_OBJECT = "only ET_DYN and ET_EXEC can be loaded"


def by_pyelftools(path: str) -> Elf | None:
    """The same noun from pyelftools; None for a file that is neither a program nor a shared object."""
    with open(path, "rb") as file:
        elf: Any = ELFFile(file)
        kind = _number(elf.header.e_type, ENUM_E_TYPE)
        if kind not in (2, 3):
            return None
        segments = list(elf.iter_segments())
        dynamic = next((s for s in segments if isinstance(s, DynamicSegment) and s.header.p_filesz), None)
        tags: list[Any] = list(dynamic.iter_tags()) if dynamic else []
        one: dict[str, Any] = {tag.entry.d_tag: tag for tag in tags}
        interp = next((s.get_interp_name() for s in segments if s.header.p_type == "PT_INTERP"), None)
        stack = next((s.header.p_flags & 1 for s in segments if s.header.p_type == "PT_GNU_STACK"), None)
        machine = _number(elf.header.e_machine, ENUM_E_MACHINE)
        flags = one["DT_FLAGS"].entry.d_val if "DT_FLAGS" in one else 0
        flags_1 = one["DT_FLAGS_1"].entry.d_val if "DT_FLAGS_1" in one else 0
        status = os.stat(path)
        return Elf(
            path=FsPath(path),
            identity=(status.st_dev, status.st_ino),
            arch=Arch(machine, elf.elfclass, elf.little_endian),
            kind=kind,
            interp=interp,
            soname=one["DT_SONAME"].soname if "DT_SONAME" in one else None,
            needed=tuple(tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"),
            rpath=one["DT_RPATH"].rpath if "DT_RPATH" in one else None,
            runpath=one["DT_RUNPATH"].runpath if "DT_RUNPATH" in one else None,
            nodeflib=bool(flags_1 & 0x800),
            verneed=_needs(elf) if dynamic else (),
            verdef=_definitions(elf) if dynamic else (),
            execstack=machine in EXECUTABLE_STACK_BY_DEFAULT if stack is None else bool(stack),
            static_tls=bool(flags & 0x10),
            pie=bool(flags_1 & 0x08000000),
            dynamic=dynamic is not None,
        )


def _number(value: Any, names: Mapping[str, int]) -> int:
    return int(names[value]) if isinstance(value, str) else int(value)


def _needs(elf: Any) -> tuple[VersionNeed, ...]:
    return tuple(
        VersionNeed(str(need.name), str(aux.name), bool(aux.entry.vna_flags & 2))
        for section in elf.iter_sections()
        if isinstance(section, GNUVerNeedSection)
        for need, auxes in section.iter_versions()
        for aux in auxes
    )


def _definitions(elf: Any) -> tuple[str, ...]:
    return tuple(
        next(iter(auxes)).name
        for section in elf.iter_sections()
        if isinstance(section, GNUVerDefSection)
        for definition, auxes in section.iter_versions()
        if not definition.entry.vd_flags & 1
    )


def compare(paths: Iterable[str]) -> Tally:
    """Every field of every file; a file that only one of the two can read is a difference."""
    tally = Tally()
    reader = DiskReader()
    for path in paths:
        ours = reader.objects(FsPath(path))
        try:
            theirs = by_pyelftools(path)
        except UnicodeDecodeError:
            tally.skipped[f"pyelftools cannot decode a name of {path}"] += 1
            continue
        if theirs is None:
            tally.skipped["neither a program nor a shared object"] += 1
            if not (isinstance(ours, Unread) and ours.reason in (NO_OBJECT, OTHER_CLASS)):
                tally.differences.append(f"{path}: {ours}")
        elif isinstance(ours, Unread) and ours.reason == "file too short" and path.endswith(".debug"):
            tally.skipped["debug information without the code"] += 1
        elif not isinstance(ours, tuple):
            tally.differences.append(f"{path}: {ours}")
        else:
            tally.compared += 1
            tally.libraries += len(theirs.needed)
            tally.differences.extend(_differences(ours[0], theirs))
    return tally


def _differences(ours: Elf, theirs: Elf) -> list[str]:
    fields = Elf.__dataclass_fields__
    return [
        f"{ours.path}: {name}: {getattr(ours, name)!r}, by pyelftools {getattr(theirs, name)!r}"
        for name in fields
        if getattr(ours, name) != getattr(theirs, name)
    ]


def main() -> int:
    """The script."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folders", nargs="*", default=[f for f in FOLDERS if os.path.isdir(f)])
    return 0 if report("fields", compare(candidates(arguments.parse_args().folders))) else 1


if __name__ == "__main__":
    sys.exit(main())
