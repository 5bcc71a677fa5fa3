"""A macOS process after its start, and what opening each image does to it: what `Closures` is for ELF, told by dyld.

dyld's tries become attempts, in its own words; what it refuses is `invalid` with its reason, and never ends a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nixpydoctor.darwin import ARM64, DYLIB, X86_64, Dylib, MachO, Signature, System
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Process, Unread
from nixpydoctor.loader.closures import Fate
from nixpydoctor.loader.dyld import ABSENT, NOT_CACHED, Dyld, Found, Loaded, Try
from nixpydoctor.loader.trace import Attempt, How, LinkMap, Resolution, Verdict
from nixpydoctor.reader import Unbound

NEWEST = (26, 0)
"""The macOS that is assumed where none is told."""
CPUS = {"arm64": ARM64, "aarch64": ARM64, "x86_64": X86_64}

PROTECTED = ("/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/libexec/", "/System/")
"""Programs of the system, for which SIP takes every DYLD_ variable away when they are started (dyld(1))."""

_HOW = {
    "already loaded": How.LOADED,
    "path given": How.DIRECT,
    "DYLD_LIBRARY_PATH": How.DYLD_ENV,
    "DYLD_FRAMEWORK_PATH": How.DYLD_FRAMEWORKS,
    "DYLD_FALLBACK_LIBRARY_PATH": How.FALLBACK,
    "DYLD_FALLBACK_FRAMEWORK_PATH": How.FALLBACK,
    "LC_RPATH": How.LC_RPATH,
    "@loader_path": How.LOADER_PATH,
    "@executable_path": How.EXECUTABLE_PATH,
    "fallback": How.FALLBACK,
}


def system_of(process: Process) -> System:
    """The macOS that a process runs on, as its loader says."""
    loader = process.loader
    version = loader.version if loader is not None and loader.version else ""
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    told = (numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else NEWEST
    return System(told, CPUS.get(loader.platform if loader is not None else "", ARM64))


def stand_in(path: FsPath, process: Process) -> MachO:
    """A library that is not here, as this process would take it: its processor, signed, and complete."""
    cpu = system_of(process).cpu
    own, needed = Dylib(path, "id"), (Dylib("/usr/lib/libSystem.B.dylib"),)
    kept = Signature("kept", adhoc=True)
    sdk, uuid = 14 << 16, "0" * 32
    return MachO(path, (-1, hash(path)), cpu, DYLIB, 0, own, needed, (), 1, 0, sdk, uuid, kept)


def deaf(process: Process, disk: Disk) -> str:
    """Why this process gets no DYLD_ variables, as the rest of a sentence about its program; empty where it does."""
    if process.executable.startswith(PROTECTED):
        return "is one of the system's own programs"
    slices = disk.slices(process.executable)
    signed = [part.signature for part in slices if part.signature is not None] if isinstance(slices, tuple) else []
    return "is signed with the hardened runtime" if any(one.hardened and not one.listens for one in signed) else ""


class Images:
    """One process, and every image's fate in it. Each is opened in the process as it was after the start."""

    def __init__(self, process: Process, disk: Disk) -> None:
        self._disk = disk
        restricted = bool(deaf(process, disk))
        self._dyld = Dyld(
            system_of(process), disk.slices, self._real, process.env, restricted=restricted, cached=disk.cached
        )
        begun = self._dyld.start(process.executable) if disk.slices(process.executable) is not None else Loaded((), ())
        self.image = _link_map(begun, process.executable)
        """The process as its own code begins. A program that is not here is taken for one that starts."""
        self._opened: dict[FsPath, Loaded] = {}

    def open(self, path: FsPath) -> Loaded:
        """What opening one image maps, and every search on the way."""
        known = self._opened.get(path)
        if known is None:
            known = self._opened[path] = self._dyld.copy().dlopen(path)
        return known

    def fate(self, path: FsPath, also: tuple[FsPath, ...] = ()) -> Fate:
        """What becomes of the image at `path`. `also`, what was opened before it, changes nothing that is judged."""
        loaded = self.open(path)
        itself = next((one for one in loaded.searches if one.requester == path and one.needed.name == path), None)
        if itself is not None and itself.image is None:
            return Fate(False, failure=Unread(path, itself.tries[-1].reason if itself.tries else ABSENT, False))
        missing = tuple((search.needed.name, search.requester) for search in loaded.missing)
        return Fate(not missing, missing, objects=tuple(image.path for image in loaded.images))

    def loads(self, path: FsPath) -> bool:
        """The same in one word."""
        return self.fate(path).loads

    def drawn(self, paths: Iterable[FsPath]) -> frozenset[FsPath]:
        """Everything that opening any of these maps."""
        return frozenset(image.path for path in paths for image in self.open(path).images)

    def searches(self, path: FsPath) -> tuple[Resolution, ...]:
        """The searches of one opening that lead to nothing, in order, with their working."""
        return tuple(_resolution(search) for search in self.open(path).missing)

    def trace(self, path: FsPath, also: tuple[FsPath, ...] = ()) -> LinkMap:
        """Every search of one opening."""
        return _link_map(self.open(path), path)

    unbound_at_start: Unbound = ()
    """Symbols are not followed: dyld binds most of them by library, and few files tell."""

    def unbound(self, path: FsPath) -> Unbound:
        """The same for what is opened."""
        return ()

    def expect_unbound(self, paths: Iterable[FsPath]) -> bool:
        """There is nothing to look up, for the same reason."""
        return False

    def suppose(self, unbound: Mapping[FsPath, Unbound]) -> None:
        """Nor anything to suppose."""

    def named(self, name: str) -> LinkMap:
        """What `dlopen(name)` of a bare name does: its fallbacks and the working folder play no part here."""
        found = self._dyld.copy().dlopen_leaf(name)
        return LinkMap((), (_resolution(found),))

    def _real(self, path: FsPath) -> FsPath:
        return self._disk.real(path)


def _link_map(loaded: Loaded, path: FsPath) -> LinkMap:
    failed = next((one for one in loaded.searches if one.needed.name == path and one.image is None), None)
    if failed is not None:
        return LinkMap((), (), failure=Unread(path, failed.tries[-1].reason if failed.tries else ABSENT, False))
    weak = tuple(_resolution(search) for search in loaded.searches if search.image is None and not search.missing)
    strong = tuple(_resolution(search) for search in loaded.searches if search.image is not None or search.missing)
    return LinkMap((), strong, ignored=weak)


def _resolution(search: Found) -> Resolution:
    attempts = tuple(_attempt(one) for one in search.tries)
    if not attempts and search.note:
        attempts = (Attempt(search.requester, How.LC_RPATH, search.requester, Verdict.ABSENT, reason=search.note),)
    return Resolution(search.needed.name, search.requester, attempts, search.image)


def _attempt(one: Try) -> Attempt:
    if not one.reason:
        verdict = Verdict.FOUND
    elif one.reason in (ABSENT, NOT_CACHED):
        verdict = Verdict.ABSENT
    else:
        verdict = Verdict.WRONG_MACHINE if "architecture" in one.reason else Verdict.INVALID
    return Attempt(one.path, _HOW.get(one.how, How.DIRECT), one.source, verdict, reason=one.reason)
