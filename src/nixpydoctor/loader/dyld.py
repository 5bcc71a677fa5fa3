"""dyld's search for a library, with its working shown: what macOS would load, as far as files tell.

The order is that of dyld 4 (dyld/Loader.cpp: `getLoader`; dyld/JustInTimeLoader.cpp: `loadDependents`). `dyld_places`
tells where it looks. A candidate that cannot be used never ends a search; the error lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nixpydoctor.darwin import BUNDLE, DYLIB, EXECUTE, Dylib, MachO, System
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.light import NamedTuple
from nixpydoctor.loader.dyld_places import Chain, Places, Real, listed
from nixpydoctor.loader.policy import refusal

Images = Callable[[FsPath], "tuple[MachO, ...] | Unread | None"]
"""What is at a path: the slices of a Mach-O file, why there is none, or nothing."""
SHARED_CACHE = (
    "/usr/lib/",
    "/System/Library/",
    "/System/iOSSupport/usr/lib/",
    "/System/iOSSupport/System/Library/",
    "/System/DriverKit/",
)
"""Where the shared cache's libraries have their names (`mightBeInSharedCache`)."""

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


class Dyld:
    """One process: a main executable, its environment, and what it has mapped."""

    def __init__(
        self,
        system: System,
        images: Images,
        real: Real,
        env: Mapping[str, str],
        *,
        restricted: bool = False,
        cached: Callable[[FsPath], bool | None] = lambda path: None,
    ) -> None:
        """`restricted`: the system strips DYLD_ variables from this process (SIP, hardened runtime, set-uid).

        `cached`: whether the shared cache holds a name, where dyld could be asked; None leaves it to the folder's name.
        """
        self._system = system
        self._cache_holds = cached
        self._images = images
        self._real = real
        self._env = {} if restricted else env
        self._restricted = restricted
        self._loaded: list[MachO] = []
        self._known: dict[str, MachO] = {}
        self._identities: dict[tuple[int, int], MachO] = {}
        self._main: MachO | None = None
        self._places = Places(system, real, self._env, restricted=restricted)

    def copy(self) -> Dyld:
        """The same process, to be gone on with apart from this one."""
        twin = Dyld(
            self._system,
            self._images,
            self._real,
            self._env,
            restricted=self._restricted,
            cached=self._cache_holds,
        )
        twin._loaded, twin._known = [*self._loaded], {**self._known}
        twin._identities, twin._main = {**self._identities}, self._main
        twin._places.main = self._main
        return twin

    def start(self, executable: FsPath) -> Loaded:
        """Map the main executable, what DYLD_INSERT_LIBRARIES names, and all that they need."""
        program = Dylib(executable)
        searches: list[Found] = []
        found = self._take(self._real(executable), "path given", None, EXECUTE)
        if isinstance(found, Try):
            return Loaded((), (Found(program, executable, (found,), None),))
        self._main = self._places.main = found
        before = len(self._loaded)
        self._add(found)
        chain = Chain(found, None)
        for name in listed(self._env.get("DYLD_INSERT_LIBRARIES")):
            search = self._search(Dylib(name), chain)
            searches.append(search)
            if search.image is not None:
                self._dependents(Chain(search.image, chain), searches)
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
            self._dependents(Chain(found, self._callers(caller)), searches)
        return Loaded(tuple(self._loaded[before:]), tuple(searches))

    def dlopen_leaf(self, name: str) -> Found:
        """The search for a name without a folder, as `ctypes.CDLL("libx.dylib")` asks (dyld(1), dlopen(3))."""
        main = self._main
        if main is None:
            return Found(Dylib(name), FsPath(name), (), None)
        implicit = self._search(Dylib(f"@rpath/{name}"), Chain(main, None))
        if implicit.image is not None:
            return Found(Dylib(name), main.path, implicit.tries, implicit.image)
        direct = self._search(Dylib(f"/usr/lib/{name}"), Chain(main, None), guessed=True)
        return Found(Dylib(name), main.path, (*implicit.tries, *direct.tries), direct.image)

    # ── images ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _callers(self, caller: FsPath | None) -> Chain | None:
        main = Chain(self._main, None) if self._main is not None else None
        asking = self._known.get(caller) if caller is not None else None
        return Chain(asking, main) if asking is not None and asking is not self._main else main

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

    def _dependents(self, chain: Chain, searches: list[Found]) -> None:
        """First all that one image needs, then what each of those needs (`loadDependents`).

        No recursion: how long a chain of libraries may be is not for the files to decide.
        """
        ahead = [chain]
        while ahead:
            here = ahead.pop()
            fresh: list[Chain] = []
            for need in here.image.needed:
                if need.kind == "delayed":
                    continue
                search = self._search(need, here)
                searches.append(search)
                image = search.image
                if image is not None and image.offset >= 0 and self._add(image):
                    fresh.append(Chain(image, here))
            ahead.extend(reversed(fresh))

    # ── one search ───────────────────────────────────────────────────────────────────────────────────────────────

    def _search(self, need: Dylib, chain: Chain, *, guessed: bool = False) -> Found:
        """`guessed`: the name is dyld's own, so the shared cache must be known to hold it."""
        requester = chain.image.path
        if (known := self._known.get(need.name)) is not None:
            return Found(need, requester, (Try(known.path, "already loaded", None, ""),), known)
        tries: list[Try] = []
        for path, how, source in self._places.candidates(need.name, chain):
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

    def _cached(self, path: FsPath, how: str) -> MachO | None:
        """The shared cache's image of that name: no file, hence without load commands of its own here."""
        if not path.startswith(SHARED_CACHE):
            return None
        held = self._cache_holds(path)
        if held is None:
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
