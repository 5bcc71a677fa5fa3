"""dyld's search for a library, with its working shown: what macOS would load, as far as files tell.

The order is that of dyld 4 (dyld/Loader.cpp: `getLoader`, `forEachPath`, `forEachResolvedAtPathVar`; dyld/
JustInTimeLoader.cpp: `loadDependents`). A candidate that cannot be used never ends a search; the error lists them all.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from nixpydoctor.darwin import BUNDLE, DYLIB, EXECUTE, Dylib, MachO, System
from nixpydoctor.facts import FsPath, Unread, join, leaf, parent
from nixpydoctor.loader.policy import refusal

Images = Callable[[FsPath], "tuple[MachO, ...] | Unread | None"]
"""What is at a path: the slices of a Mach-O file, why there is none, or nothing."""
Real = Callable[[FsPath], FsPath]
"""A path with every symbolic link resolved (F_GETPATH)."""

SHARED_CACHE = (
    "/usr/lib/",
    "/System/Library/",
    "/System/iOSSupport/usr/lib/",
    "/System/iOSSupport/System/Library/",
    "/System/DriverKit/",
)
"""Where the shared cache's libraries have their names (`mightBeInSharedCache`)."""

SDK_WITHOUT_FALLBACKS = 14 << 16
"""Images linked with this SDK or a newer one get no default fallback folders (`sdkOnOrAfter2022`)."""
MACOS_WITH_SDK_RULE = (13, 0)
ALWAYS_FALLBACK = ("/usr/local/lib", "/usr/lib")

ABSENT = "no such file"
NOT_CACHED = "no such file, not in dyld cache"


class Try(NamedTuple):
    """One candidate of one search."""

    path: FsPath
    how: str
    """`DYLD_LIBRARY_PATH`, `LC_RPATH`, `@loader_path`, `@executable_path`, `path given`, `fallback`, `shared cache`,
    `already loaded`."""
    source: FsPath | None
    """Whose LC_RPATH named it."""
    reason: str
    """dyld's words for why it was not taken; empty where it was."""


class Found(NamedTuple):
    """The search for one install name."""

    needed: Dylib
    requester: FsPath
    tries: tuple[Try, ...]
    image: MachO | None
    note: str = ""
    """What dyld says instead of tries: that there was no LC_RPATH at all."""

    @property
    def missing(self) -> bool:
        """Whether dyld stops over it."""
        return self.image is None and self.needed.kind != "weak"


class Loaded(NamedTuple):
    """What one start or one dlopen maps."""

    images: tuple[MachO, ...]
    """In load order, those of the shared cache left out."""
    searches: tuple[Found, ...]

    @property
    def missing(self) -> tuple[Found, ...]:
        """Searches that stop dyld, in order. dyld itself reports the first."""
        return tuple(search for search in self.searches if search.missing)


class _Chain(NamedTuple):
    """An image, and who asked for it, up to the main executable: where @rpath is looked for."""

    image: MachO
    asker: _Chain | None

    def __iter__(self) -> Iterator[MachO]:
        here: _Chain | None = self
        while here is not None:
            yield here.image
            here = here.asker


class Dyld:
    """One process: a main executable, its environment, and what it has mapped."""

    def __init__(
        self, system: System, images: Images, real: Real, env: Mapping[str, str], *, restricted: bool = False
    ) -> None:
        """`restricted`: the system strips DYLD_ variables from this process (SIP, hardened runtime, set-uid)."""
        self._system = system
        self._images = images
        self._real = real
        self._env = {} if restricted else env
        self._restricted = restricted
        self._loaded: list[MachO] = []
        self._known: dict[str, MachO] = {}
        self._identities: dict[tuple[int, int], MachO] = {}
        self._main: MachO | None = None

    def copy(self) -> Dyld:
        """The same process, to be gone on with apart from this one."""
        twin = Dyld(self._system, self._images, self._real, self._env, restricted=self._restricted)
        twin._loaded, twin._known = [*self._loaded], {**self._known}
        twin._identities, twin._main = {**self._identities}, self._main
        return twin

    def start(self, executable: FsPath) -> Loaded:
        """Map the main executable, what DYLD_INSERT_LIBRARIES names, and all that they need."""
        program = Dylib(executable)
        searches: list[Found] = []
        found = self._take(self._real(executable), "path given", None, EXECUTE)
        if isinstance(found, Try):
            return Loaded((), (Found(program, executable, (found,), None),))
        self._main = found
        before = len(self._loaded)
        self._add(found)
        chain = _Chain(found, None)
        for name in _listed(self._env.get("DYLD_INSERT_LIBRARIES")):
            search = self._search(Dylib(name), chain)
            searches.append(search)
            if search.image is not None:
                self._dependents(_Chain(search.image, chain), searches)
        self._dependents(chain, searches)
        return Loaded(tuple(self._loaded[before:]), tuple(searches))

    def dlopen(self, path: FsPath, caller: FsPath | None = None) -> Loaded:
        """Open an image by its path from the image at `caller`, as `import` does from libpython or from python."""
        searches: list[Found] = []
        before = len(self._loaded)
        found = self._take(path, "path given", None, BUNDLE)
        if isinstance(found, Try):
            return Loaded((), (Found(Dylib(path), path, (found,), None),))
        fresh = self._add(found)
        if fresh:
            self._dependents(_Chain(found, self._callers(caller)), searches)
        return Loaded(tuple(self._loaded[before:]), tuple(searches))

    def dlopen_leaf(self, name: str) -> Found:
        """The search for a name without a folder, as `ctypes.CDLL("libx.dylib")` asks (dyld(1), dlopen(3))."""
        main = self._main
        if main is None:
            return Found(Dylib(name), FsPath(name), (), None)
        implicit = self._search(Dylib(f"@rpath/{name}"), _Chain(main, None))
        if implicit.image is not None:
            return Found(Dylib(name), main.path, implicit.tries, implicit.image)
        direct = self._search(Dylib(f"/usr/lib/{name}"), _Chain(main, None), guessed=True)
        return Found(Dylib(name), main.path, (*implicit.tries, *direct.tries), direct.image)

    # ── images ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _callers(self, caller: FsPath | None) -> _Chain | None:
        main = _Chain(self._main, None) if self._main is not None else None
        asking = self._known.get(caller) if caller is not None else None
        return _Chain(asking, main) if asking is not None and asking is not self._main else main

    def _add(self, image: MachO) -> bool:
        """Whether the image is new to the process."""
        if image.identity in self._identities:
            self._known.setdefault(image.path, self._identities[image.identity])
            return False
        self._identities[image.identity] = image
        self._known[image.path] = image
        if image.id is not None and image.id.name[:1] in ("/", "@"):
            self._known.setdefault(image.id.name, image)
        self._loaded.append(image)
        return True

    def _dependents(self, chain: _Chain, searches: list[Found]) -> None:
        """First all that one image needs, then what each of those needs (`loadDependents`)."""
        fresh: list[MachO] = []
        for need in chain.image.needed:
            if need.kind == "delayed":
                continue
            search = self._search(need, chain)
            searches.append(search)
            image = search.image
            if image is not None and image.offset >= 0 and self._add(image):
                fresh.append(image)
        for image in fresh:
            self._dependents(_Chain(image, chain), searches)

    # ── one search ───────────────────────────────────────────────────────────────────────────────────────────────

    def _search(self, need: Dylib, chain: _Chain, *, guessed: bool = False) -> Found:
        """`guessed`: the name is dyld's own, so the shared cache must be known to hold it."""
        requester = chain.image.path
        if (known := self._known.get(need.name)) is not None:
            return Found(need, requester, (Try(known.path, "already loaded", None, ""),), known)
        tries: list[Try] = []
        for path, how, source in self._candidates(need.name, chain):
            known = self._known.get(path)
            if known is not None:
                tries.append(Try(path, "already loaded", source, ""))
                return Found(need, requester, tuple(tries), known)
            taken = self._cached(path, "fallback" if guessed else how) or self._take(path, how, source, DYLIB)
            if isinstance(taken, MachO):
                tries.append(Try(path, how, source, ""))
                return Found(need, requester, tuple(tries), taken)
            if taken.path not in [tried.path for tried in tries]:
                tries.append(taken)
        note = ""
        if need.name.startswith("@rpath/") and not any(image.rpaths for image in chain):
            note = "no LC_RPATH's found"
        return Found(need, requester, tuple(tries), None, note)

    def _candidates(self, name: str, chain: _Chain) -> Iterator[tuple[FsPath, str, FsPath | None]]:
        framework = _framework(name)
        variable = "DYLD_FRAMEWORK_PATH" if framework else "DYLD_LIBRARY_PATH"
        for folder in _listed(self._env.get(variable)):
            yield join(folder, framework or leaf(name)), variable, None
        yield from self._expanded(name, chain)
        variable = "DYLD_FALLBACK_FRAMEWORK_PATH" if framework else "DYLD_FALLBACK_LIBRARY_PATH"
        given = self._env.get(variable)
        if given is not None:
            for folder in _listed(given):
                yield join(folder, framework or leaf(name)), variable, None
        elif self._falls_back(chain.image):
            folders = ("/Library/Frameworks", "/System/Library/Frameworks") if framework else ALWAYS_FALLBACK
            for folder in folders[1:] if self._restricted else folders:
                yield join(folder, framework or leaf(name)), "fallback", None

    def _expanded(self, name: str, chain: _Chain) -> Iterator[tuple[FsPath, str, FsPath | None]]:
        head, slash, tail = name.partition("/")
        if head == "@rpath" and slash:
            for image in chain:
                for rpath in image.rpaths:
                    folder = self._folder(rpath, image)
                    if folder is not None:
                        yield posixpath_join(folder, tail), "LC_RPATH", image.path
        elif head in ("@loader_path", "@executable_path") and slash:
            folder = self._folder(head, chain.image)
            if folder is not None:
                yield posixpath_join(folder, tail), head, None
        else:
            yield FsPath(name), "path given", None

    def _folder(self, said: str, image: MachO) -> FsPath | None:
        """A folder written in an image, its first part expanded (`forEachResolvedAtPathVar`)."""
        head, _, tail = said.partition("/")
        if head == "@loader_path":
            base = parent(self._real(image.path))
        elif head == "@executable_path":
            if self._main is None:
                return None
            base = parent(self._real(self._main.path))
        else:
            return FsPath(said.rstrip("/") or "/")
        return posixpath_join(base, tail) if tail else base

    def _falls_back(self, image: MachO) -> bool:
        return self._system.version < MACOS_WITH_SDK_RULE or image.sdk < SDK_WITHOUT_FALLBACKS

    def _cached(self, path: FsPath, how: str) -> MachO | None:
        """The shared cache's image of that name: no file, hence without load commands of its own here."""
        if not path.startswith(SHARED_CACHE):
            return None
        if self._system.cached is not None:
            held = path in self._system.cached
        else:
            held = how == "path given" or path in self._system.listed
        if not held:
            return None
        return MachO(path, (-3, hash(path)), self._system.cpu, DYLIB, id=Dylib(path, "id"), offset=-1)

    def _take(self, path: FsPath, how: str, source: FsPath | None, role: int) -> MachO | Try:
        """The slice at `path` that this process can map, or the try that failed."""
        at = self._images(path)
        if at is None:
            return Try(path, how, source, NOT_CACHED if path.startswith(SHARED_CACHE) else ABSENT)
        if isinstance(at, Unread):
            return Try(path, how, source, at.reason)
        fits = [part for part in at if part.arch == self._system.cpu]
        if not fits:
            return Try(path, how, source, _other_cpu(at, self._system))
        (image, *_) = fits
        known = self._identities.get(image.identity)
        if known is not None:
            return known
        why = refusal(image, self._system, role)
        return Try(path, how, source, why) if why else image


def _other_cpu(at: tuple[MachO, ...], system: System) -> str:
    have = ",".join(part.arch.name for part in at)
    what = (
        "fat file, but missing compatible architecture"
        if len(at) > 1
        else ("mach-o file, but is an incompatible architecture")
    )
    return f"{what} (have '{have}', need '{system.cpu.name}')"


def _listed(value: str | None) -> list[str]:
    return [part for part in (value or "").split(":") if part]


def _framework(name: str) -> str | None:
    """`Foo.framework/Versions/A/Foo` of an install name that ends so (`getFrameworkPartialPath`)."""
    parts = name.split("/")
    for index in range(len(parts) - 2, -1, -1):
        stem = parts[index].removesuffix(".framework")
        if stem != parts[index]:
            return "/".join(parts[index:]) if parts[-1].partition("_")[0] == stem else None
    return None


def posixpath_join(folder: str, tail: str) -> FsPath:
    """`folder/tail` without `.` and `..`, as dyld and the kernel would walk folders that are no links."""
    return FsPath(posixpath.normpath(f"{folder}/{tail}"))
