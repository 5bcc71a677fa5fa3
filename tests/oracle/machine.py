"""Holds the loader model and the ELF reader against this whole machine: the real loader and pyelftools judge.

As a script: `python tests/oracle/machine.py [--python PYTHON] [FOLDER …]` goes over every dynamic ELF file below the
folders (by default the system's) and prints figures and every difference. Each file is started as the main
program; with `--python` each shared object is also opened in that Python, as `import` would.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, Loader, Process
from nixpydoctor.loader import Closures, Fate, start
from nixpydoctor.loader.trace import How, LinkMap
from nixpydoctor.probes.disk import DiskReader
from oracle.real import default_loader, glibc, listed

FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/lib", "/lib32", "/lib64", "/libx32")

OPENER = """
import ctypes, json, os, sys
sys.stderr.flush()
here = lambda: sorted({line.split(None, 5)[5].rstrip("\\n") for line in open("/proc/self/maps") if ".so" in line})
print(json.dumps(["start", here()]), flush=True)
for path in sys.stdin.read().split("\\0"):
    child = os.fork()
    if not child:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 2)
        out = os.dup(1)
        os.dup2(sink, 1)
        import signal
        signal.alarm(60)
        try:
            ctypes.CDLL(path)
            said = ""
        except OSError as error:
            said = str(error)
        os.write(out, (json.dumps([path, said, here()]) + "\\n").encode())
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status:
        print(json.dumps([path, "died %d" % status, []]), flush=True)
"""
"""Runs in the Python in question: opens each path in a child of its own and tells what is mapped then."""


@dataclass
class Tally:
    """Figures of one comparison."""

    compared: int = 0
    libraries: int = 0
    differences: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def candidates(folders: Iterable[str]) -> Iterator[str]:
    """Every regular file below the folders whose first bytes are ELF's, each inode once."""
    seen: set[tuple[int, int]] = set()
    for path in files(folders):
        if is_elf(path):
            status = os.stat(path)
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                yield path


def files(folders: Iterable[str]) -> Iterator[str]:
    """Every path below the folders that is no folder."""
    for top in folders:
        for folder, _, names in os.walk(os.path.realpath(top)):
            for name in sorted(names):
                yield os.path.join(folder, name)


def is_elf(path: str) -> bool:
    """Whether this is a regular file, not a link to one, with ELF's first bytes."""
    if os.path.islink(path) or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def loadable(disk: Disk, paths: Iterable[str], loader: Loader, tally: Tally) -> list[Elf]:
    """The objects among the files that this loader is for."""
    own = disk.objects(loader.real)
    assert isinstance(own, tuple)
    chosen: list[Elf] = []
    for path in paths:
        found = disk.objects(FsPath(path))
        if not isinstance(found, tuple):
            tally.skipped["unreadable as an object"] += 1
        elif found[0].arch != own[0].arch:
            tally.skipped["other machine"] += 1
        elif not found[0].dynamic:
            tally.skipped["static"] += 1
        elif found[0].identity == own[0].identity:
            tally.skipped["the loader itself"] += 1
        else:
            chosen.append(found[0])
    return chosen


def compare_lists(objects: list[Elf], disk: Disk, loader: Loader) -> Tally:
    """What the model finds for every needed name and lacks of every version, against the loader's own trace."""
    tally = Tally()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        real = pool.map(lambda obj: listed(obj.path, loader.path), objects)
        for obj, theirs in zip(objects, real, strict=True):
            model = start(Process(obj.path, None, loader, {}), disk)
            ours = _trace(model, loader)
            tally.compared += 1
            tally.libraries += len(ours)
            if theirs.stopped:
                if not any(step.invalid and step.invalid.reason in theirs.stopped for step in model.resolutions):
                    tally.differences.append(f"{obj.path}: the loader stops ({theirs.stopped}), the model does not")
                continue
            pairs = _resolved(theirs.found, loader).items() ^ _resolved(ours, loader).items()
            lacking = {(fault.version, os.path.realpath(fault.requester)) for fault in model.faults if not fault.weak}
            if pairs:
                tally.differences.append(f"{obj.path}: {sorted(pairs, key=str)}")
            if lacking != {(version, os.path.realpath(path)) for version, path in theirs.lacking}:
                tally.differences.append(f"{obj.path}: versions {sorted(lacking)}, {sorted(theirs.lacking)}")
    return tally


def _trace(model: LinkMap, loader: Loader) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    seen: set[str] = set()
    for step in model.resolutions:
        name = step.attempts[-1].path if "/" in step.needed and step.attempts else step.needed
        if step.found is None:
            found[name] = None
        elif step.attempts[-1].how is not How.LOADED and step.found.path not in seen:
            seen.add(step.found.path)
            found[name] = step.found.path
    return found


def _resolved(found: Mapping[str, str | None], loader: Loader) -> dict[str, str | None]:
    """Real paths, without the loader, which `--list` always shows."""
    real = {name: path and os.path.realpath(path) for name, path in found.items()}
    return {name: path for name, path in real.items() if path != loader.real}


def compare_openings(python: str, objects: list[Elf], disk: Disk, loader: Loader) -> Tally:
    """What opening each object in this Python maps, against what it really maps."""
    tally = Tally()
    executable = FsPath(os.path.realpath(python))
    closures = Closures(Process(executable, loader.path, loader, {}), disk)
    out = subprocess.run(
        [python, "-S", "-E", "-s", "-c", OPENER],
        input="\0".join(obj.path for obj in objects),
        capture_output=True,
        text=True,
        env={"LC_ALL": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"},
        check=True,
    ).stdout
    (_, begun), *answers = [json.loads(line) for line in out.splitlines()]
    before = {os.path.realpath(obj.path) for obj in closures.image.objects}
    also = tuple(FsPath(path) for path in begun if path not in before)
    for path, said, mapped in answers:
        fate = closures.fate(FsPath(path), also)
        tally.compared += 1
        unbound = closures.unbound(FsPath(path)) if fate.loads else ()
        if "undefined symbol: " in said:
            if not any(symbol in said for _, symbol in unbound):
                tally.differences.append(f"{path}: {said}, the model says {unbound or fate}")
        elif said == "" or "TLS" in said:
            tally.skipped.update(["loads, but for the room of thread-local variables"] * bool(said))
            if not fate.loads or unbound:
                tally.differences.append(f"{path}: opens ({said}), the model says {unbound or fate}")
            elif not said:
                ours = {os.path.realpath(obj) for obj in fate.objects}
                theirs = set(mapped) - set(begun)
                tally.libraries += len(ours)
                if ours != {obj for obj in theirs if obj in ours or _needed_by(obj, fate.objects, disk)}:
                    tally.differences.append(f"{path}: maps {sorted(theirs ^ ours)}")
        elif said.startswith("died"):
            tally.skipped[said] += 1
        elif fate.loads:
            tally.differences.append(f"{path}: does not open ({said}), the model says it does")
        elif not _same_reason(said, fate):
            tally.differences.append(f"{path}: {said} for {fate}")
    return tally


def _needed_by(path: str, objects: Iterable[str], disk: Disk) -> bool:
    """Whether something that was opened declares this one: what initialisers open by themselves is not compared."""
    name = os.path.basename(path)
    for obj in objects:
        found = disk.objects(FsPath(obj))
        if isinstance(found, tuple) and any(os.path.basename(need) == name for need in found[0].needed):
            return True
    return False


def _same_reason(said: str, fate: Fate) -> bool:
    """Whether the loader's sentence is one of those that the model would have it say; it stops at the first."""
    if any(fault.version in said and fault.requester in said for fault in fate.faults):
        return True
    if fate.missing and said.startswith(f"{fate.missing[0][0]}: cannot open shared object file"):
        return True
    unread = [fate.failure, *(why for _, why in fate.invalid)]
    return any(why is not None and why.reason in said for why in unread)


def report(title: str, tally: Tally) -> bool:
    """Print the figures; true where nothing differs."""
    print(f"{title}: {tally.compared} files, {tally.libraries} libraries, {len(tally.differences)} differ")
    for why, count in tally.skipped.items():
        print(f"  {count} left out: {why}")
    for difference in tally.differences:
        print(f"  {difference}")
    return not tally.differences


def main() -> int:
    """The script."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folders", nargs="*", default=[f for f in FOLDERS if os.path.isdir(f)])
    arguments.add_argument("--python", help="also open each shared object in this Python")
    arguments.add_argument("--loader", default=default_loader())
    given = arguments.parse_args()
    disk = Disk(DiskReader())
    loader = glibc(given.loader)
    left = Tally()
    objects = loadable(disk, candidates(given.folders), loader, left)
    fine = report("start", compare_lists(objects, disk, loader))
    report("left out", left)
    if given.python:
        shared = [obj for obj in objects if obj.interp is None and not obj.pie]
        fine &= report("dlopen", compare_openings(given.python, shared, disk, loader))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
