"""Judges the reader of Mach-O and the model of dyld on real wheels of macOS; runs on any system.

    python benchmarks/macos.py [--folder PATH] [--mutations N]

Downloads the wheels of `macos-wheels.toml` with pip where they are not there yet (0.7 GB, 3 GB unpacked). Then:
every field equals macholib's and lief's on every slice; the reader is 20 times as fast as macholib; what cannot be
resolved is what was audited by hand; no mutation of a header brings an exception. Needs `pip install macholib lief`.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from nixpydoctor.darwin import ARM64, MachO, System
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.formats.macho import parse
from nixpydoctor.loader.dyld import Dyld

HERE = Path(__file__).parent
FOLDER = HERE.parent / ".doctor" / "macos"
LEAST_WHEELS, LEAST_MERGED = 60, 40
TIMES_FASTER = 20
SYSTEMS = ((12, 0), (14, 0), (15, 3), (15, 4), (26, 0))
EXTENSIONS = (".cpython-312-darwin.so", ".abi3.so")
HEADER = 8192
"""Bytes of a file that are kept and mutated: its load commands, and with them what the reader reads."""

Fields = tuple[object, ...]


def get(listed: list[dict[str, Any]], wheels: Path) -> None:
    """Download what no earlier run has."""
    wheels.mkdir(parents=True, exist_ok=True)
    for group in listed:
        for name in group["names"]:
            mark = wheels / f".{group['platform']}-{name}"
            if mark.exists():
                continue
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                "--only-binary=:all:",
                "-d",
                str(wheels),
            ]
            command += [
                "--platform",
                group["platform"],
                "--python-version",
                group["python"],
                "--implementation",
                "cp",
                name,
            ]
            if subprocess.run(command, check=False, capture_output=True).returncode == 0:
                mark.touch()
            else:
                print(f"no wheel of {name} for {group['platform']}")


def unpack(wheels: list[Path], folder: Path) -> list[Path]:
    """One folder for each wheel."""
    folders = []
    for wheel in wheels:
        own = folder / wheel.name
        if not own.exists():
            zipfile.ZipFile(wheel).extractall(own)
        folders.append(own)
    return folders


def objects(folders: list[Path]) -> Iterator[str]:
    """Files that begin as Mach-O does. A class of Java does as well, with a greater number after it."""
    for folder in folders:
        for where, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(where, name)
                with open(path, "rb") as file:
                    head = file.read(8)
                thin = head[:4] in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
                if thin or (head[:4] == b"\xca\xfe\xba\xbe" and 0 < int.from_bytes(head[4:], "big") < 45):
                    yield path


def ours(path: str) -> tuple[MachO, ...] | Unread:
    """What the project's reader says."""
    handle = os.open(path, os.O_RDONLY)
    try:
        status = os.fstat(handle)
        read = lambda offset, size: os.pread(handle, size, offset)  # noqa: E731
        return parse(read, status.st_size, FsPath(path), (status.st_dev, status.st_ino))
    finally:
        os.close(handle)


def by_ours(found: tuple[MachO, ...]) -> list[Fields]:
    """The fields that macholib knows as well."""
    return [
        (tuple(part.arch), part.kind, tuple(part.id) if part.id else None, [tuple(need) for need in part.needed],
         list(part.rpaths), part.uuid, part.signature is not None, (part.platform, part.minos, part.sdk), part.offset)
        for part in found
    ]  # fmt: skip


def by_macholib(path: str) -> list[Fields]:
    """The same fields, read by macholib."""
    from macholib import mach_o
    from macholib.MachO import MachO as Theirs

    kinds = {0xC: "load", 0x80000018: "weak", 0x8000001F: "reexport", 0x80000023: "upward", 0x20: "lazy"}
    parts: list[Fields] = []
    for header in Theirs(path, allow_unknown_load_commands=True).headers:
        needed: list[Fields] = []
        rpaths: list[str] = []
        own: Fields | None = None
        uuid, signed, built = None, False, (None, 0, 0)
        for load, command, data in header.commands:
            text = data.rstrip(b"\0").decode(errors="replace") if isinstance(data, bytes) else ""
            if load.cmd in kinds or load.cmd == mach_o.LC_ID_DYLIB:
                versions = (command.current_version._version, command.compatibility_version._version)
                if load.cmd == mach_o.LC_ID_DYLIB:
                    own = (text, "id", *versions)
                else:
                    needed.append((text, kinds[load.cmd], *versions))
            elif load.cmd == mach_o.LC_RPATH:
                rpaths.append(text)
            elif load.cmd == mach_o.LC_UUID:
                uuid = command.uuid.hex()
            elif load.cmd == mach_o.LC_CODE_SIGNATURE:
                signed = True
            elif load.cmd == mach_o.LC_BUILD_VERSION:
                built = (int(command.platform), number(command.minos), number(command.sdk))
            elif load.cmd == mach_o.LC_VERSION_MIN_MACOSX:
                built = (1, number(command.version), number(command.sdk))
        cpu = (int(header.header.cputype), int(header.header.cpusubtype) & 0xFFFFFF)
        kind = int(header.header.filetype)
        parts.append((cpu, kind, own, needed, rpaths, uuid, signed, built, header.offset))
    return parts


def number(value: Any) -> int:
    """A version as bits, however macholib wraps it."""
    return int(getattr(value, "_version", value))


def by_lief(path: str) -> list[Fields]:
    """The same fields, read by lief. The whole must be kept while its parts are looked at."""
    import lief

    types = lief.MachO.LoadCommand.TYPE
    kinds = {
        types.LOAD_DYLIB: "load",
        types.LOAD_WEAK_DYLIB: "weak",
        types.REEXPORT_DYLIB: "reexport",
        types.LOAD_UPWARD_DYLIB: "upward",
        types.LAZY_LOAD_DYLIB: "lazy",
        types.ID_DYLIB: "id",
    }
    whole = lief.MachO.parse(path, lief.MachO.ParserConfig.quick)
    parts: list[Fields] = []
    for index in range(whole.size):
        part = whole.at(index)
        named: list[Fields] = [
            (one.name, kinds[one.command], packed(one.current_version), packed(one.compatibility_version))
            for one in part.libraries
        ]
        own = next((one for one in named if one[1] == "id"), None)
        built: tuple[int | None, int, int] = (None, 0, 0)
        if part.has_build_version:
            said = part.build_version
            built = (said.platform.value, packed(said.minos), packed(said.sdk))
        elif part.has_version_min:
            built = (1, packed(part.version_min.version), packed(part.version_min.sdk))
        cpu = (part.header.cpu_type.value, part.header.cpu_subtype & 0xFFFFFF)
        uuid = bytes(part.uuid.uuid).hex() if part.has_uuid else None
        rpaths = [one.path for one in part.rpaths]
        needed = [one for one in named if one[1] != "id"]
        kind = part.header.file_type.value
        parts.append((cpu, kind, own, needed, rpaths, uuid, part.has_code_signature, built, part.fat_offset))
    return parts


def packed(numbers: list[int]) -> int:
    """A version of lief's as 16.8.8 bits."""
    major, minor, patch = (*numbers, 0, 0)[:3]
    return int(major << 16 | minor << 8 | patch)


def compare(paths: list[str]) -> bool:
    """Whether all fields are equal on all slices, and the reader fast enough. Both are measured warm, in this run."""
    own: dict[str, tuple[MachO, ...] | Unread] = {}
    for _ in range(2):
        begun = time.perf_counter()
        own = {path: ours(path) for path in paths}
        spent = time.perf_counter() - begun
    theirs, slices, wrong = 0.0, 0, 0
    for path in paths:
        found = own[path]
        if isinstance(found, Unread):
            print("unread", path, found.reason)
            wrong += 1
            continue
        slices += len(found)
        begun = time.perf_counter()
        said = by_macholib(path)
        theirs += time.perf_counter() - begun
        fields = by_ours(found)
        for name, other in (("macholib", said), ("lief", by_lief(path))):
            if fields != other:
                wrong += 1
                print("differs from", name, path)
    print(f"{len(paths)} files, {slices} slices: {wrong} differences to macholib and lief")
    print(f"{spent / slices * 1e6:.0f} us a slice, macholib {theirs / slices * 1e6:.0f}: {theirs / spent:.0f} times")
    return not wrong and theirs > TIMES_FASTER * spent


def merge(wheels: list[Path], site: Path) -> None:
    """One site-packages with all of them."""
    if not site.exists():
        for wheel in wheels:
            zipfile.ZipFile(wheel).extractall(site)


@cache
def slices_at(path: FsPath) -> tuple[MachO, ...] | Unread | None:
    """What dyld would find there."""
    return ours(path) if os.path.isfile(path) else None


def resolve(site: Path, audited: list[dict[str, str]]) -> bool:
    """Whether what is not found, for every extension on every macOS, is exactly what was audited."""
    expected = {(entry["object"], entry["needed"]) for entry in audited}
    opened = [
        FsPath(os.path.join(where, name))
        for where, _, names in os.walk(site)
        for name in names
        if name.endswith(EXTENSIONS) and ".dSYM" not in where
    ]
    good = True
    for version in SYSTEMS:
        found: set[tuple[str, str]] = set()
        edges = 0
        for path in opened:
            process = Dyld(System(version, ARM64), slices_at, lambda one: FsPath(os.path.realpath(one)), {})
            loaded = process.dlopen(path)
            edges += len(loaded.searches)
            found |= {(one.requester[len(str(site)) + 1 :], one.needed.name) for one in loaded.missing}
        print(f"macOS {version[0]}.{version[1]}: {len(opened)} extensions, {edges} searches, {len(found)} unresolved")
        for edge in sorted(found ^ expected):
            print("  not as audited:", *edge)
            good = False
    return good


def fuzz(paths: list[str], mutations: int) -> bool:
    """Whether every mutated or truncated header is read or refused. The seed is fixed: a failure comes again."""
    rng = random.Random(7)
    read, refused = 0, 0
    heads = []
    for path in rng.sample(paths, min(400, len(paths))):
        with open(path, "rb") as file:
            heads.append((file.read(HEADER), os.path.getsize(path)))
    for _ in range(mutations):
        head, size = rng.choice(heads)
        data = bytearray(head)
        for _ in range(rng.randint(1, 8)):
            data[int(len(data) * rng.random() ** 3)] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
            size = len(data)
        kept = bytes(data)
        answer = parse(lambda offset, count, kept=kept: kept[offset : offset + count], size, FsPath("/x"), (1, 1))
        refused += isinstance(answer, Unread)
        read += not isinstance(answer, Unread)
    print(f"{mutations} mutations: {read} read, {refused} refused, no exception")
    return read > 0 and refused > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where wheels are kept")
    parser.add_argument("--mutations", type=int, default=100_000)
    given = parser.parse_args()
    known = tomllib.loads((HERE / "macos-wheels.toml").read_text())
    get(known["wheels"], given.folder / "wheels")
    wheels = sorted((given.folder / "wheels").glob("*.whl"))
    merged = [wheel for wheel in wheels if "-cp312-" in wheel.name or "-abi3-" in wheel.name or "-none-" in wheel.name]
    merged = [wheel for wheel in merged if "arm64" in wheel.name or "universal2" in wheel.name]
    print(f"{len(wheels)} wheels, {len(merged)} of them merged")
    paths = sorted(objects(unpack(wheels, given.folder / "x")))
    merge(merged, given.folder / "site")
    good = [len(wheels) >= LEAST_WHEELS, len(merged) >= LEAST_MERGED, compare(paths)]
    good += [resolve(given.folder / "site", known["unresolved"]), fuzz(paths, given.mutations)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
