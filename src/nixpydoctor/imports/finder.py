"""Finds what a dotted module name means, along `sys.path` (`importlib.machinery`, `zipimport`, PEP 420, PEP 660).

An exact finder looks at each top-level file that it finds: a folder called `x.py` or a link to nowhere is no module.
Otherwise, and below the top, the names in a folder decide alone: all that a walk over thousands of modules can afford.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, World, join, leaf, parent
from nixpydoctor.light import dataclass

if TYPE_CHECKING:
    from nixpydoctor.imports.hooks import Hooks, Served

_SOURCE = ".py"
_BYTECODE = ".pyc"
_IN_ARCHIVE = ("/__init__.pyc", "/__init__.py", _BYTECODE, _SOURCE)
"""`zipimport._zip_searchorder`."""


@dataclass(frozen=True, slots=True)
class Module:
    """What a dotted name means."""

    name: str
    kind: Literal["source", "compiled", "namespace", "builtin", "hook"]
    """`hook`: a finder serves it, and no file tells from where."""
    path: FsPath
    """The file that is executed; empty for a namespace package, a builtin and some hooks."""
    places: tuple[FsPath, ...] | None = None
    """Where submodules are looked for; None for what is no package."""
    stdlib: bool = False

    @property
    def package(self) -> str:
        """What a leading dot means inside of it."""
        return self.name if self.places is not None else self.name.rpartition(".")[0]


class Finder:
    """Answers for one Python; every answer is kept. `first` is a folder in front of its path, such as the script's."""

    def __init__(self, world: World, disk: Disk, first: FsPath | None = None, *, exact: bool = False) -> None:
        python = world.python
        self._disk = disk
        self._python = python
        self._exact = exact
        self._builtins = python.builtins if python is not None else frozenset()
        self._frozen = python.frozen if python is not None else frozenset()
        self._suffixes = (*(python.suffixes if python is not None else ()), _SOURCE, _BYTECODE)
        path = tuple(entry.path for entry in python.path) if python is not None else ()
        self.roots = path if first is None else (first, *path)
        """Where top-level names are looked for, in order."""
        self._zips = tuple(entry.path for entry in python.path if entry.archive) if python is not None else ()
        self.stdlib = frozenset(path for path in self.roots if self._is_stdlib(path))
        """The standard library's own entries."""
        self._known: dict[str, Module | None] = {}
        self._archives: dict[FsPath, tuple[frozenset[str], str] | None] = {}

    def _is_stdlib(self, path: FsPath) -> bool:
        if path.endswith("/lib-dynload"):
            return True
        names = self._disk.names(path)
        return names is not None and "os.py" in names and "site.py" in names

    @cached_property
    def hooks(self) -> Hooks | None:
        """What the finders of .pth files serve; the code that reads them is imported where there are some."""
        folders = self._python.site_folders if self._python is not None else ()
        if not any(name.endswith(".pth") for folder in folders for name in self._disk.names(folder) or ()):
            return None
        from nixpydoctor.imports.hooks import Hooks

        return Hooks(self._python, self._disk)

    def find(self, name: str) -> Module | None:
        """The module of that name, or None where no import would find one."""
        try:
            return self._known[name]
        except KeyError:
            found = self._known[name] = self._find(name)
            return found

    def _find(self, name: str) -> Module | None:
        above, _, last = name.rpartition(".")
        if not above:
            return self._top(name)
        package = self.find(above)
        if package is None or package.places is None:
            return None
        return self._along(name, last, package.places)

    def _top(self, name: str) -> Module | None:
        if name in self._builtins:
            return Module(name, "builtin", FsPath(""), None, True)
        hooks = self.hooks
        served = hooks.first.get(name) if hooks is not None else None
        if served is not None and (found := self._served(name, served)) is not None:
            return found
        if name in self._frozen:
            # Its source in the standard library tells what it imports, whatever stands before that on the path.
            own = self._along(name, name, [root for root in self.roots if root in self.stdlib], exact=self._exact)
            return own or Module(name, "builtin", FsPath(""), None, True)
        found = self._along(name, name, self.roots, exact=self._exact)
        if found is None and hooks is not None and (served := hooks.last.get(name)) is not None:
            found = self._served(name, served)
        return found

    def _served(self, name: str, served: Served) -> Module | None:
        """What a finder makes of the name that it knows."""
        if served.portions is not None:
            return Module(name, "namespace", FsPath(""), self._namespace(name, served.portions))
        if served.alias:
            real = self.find(served.alias)
            return Module(name, real.kind, real.path, real.places) if real is not None else None
        if served.path is None:
            return Module(name, "hook", FsPath(""))
        package = join(served.path, f"__init__{_SOURCE}")
        if self._is_file(package):
            return Module(name, "source", package, (served.path,))
        stem = served.path.removesuffix(_SOURCE)
        for suffix in ("", _SOURCE, _BYTECODE, *self._suffixes):
            if self._is_file(FsPath(stem + suffix)):
                kind: Literal["source", "compiled"] = "compiled" if (stem + suffix).endswith(".so") else "source"
                return Module(name, kind, FsPath(stem + suffix))
        return None

    def _namespace(self, name: str, portions: tuple[FsPath, ...]) -> tuple[FsPath, ...]:
        """The portions of a namespace package that was made before sys.path was complete: it is looked up again."""
        again = self._along(name, name, self.roots, exact=self._exact)
        return again.places if again is not None and again.kind == "namespace" and again.places else portions

    def offer(self, name: str, place: FsPath) -> Module | None:
        """What a top-level name would be from this place of the path alone."""
        return self._along(name, name, (place,), exact=self._exact)

    def names(self, place: FsPath) -> frozenset[str]:
        """Every top-level name that this place of the path may offer."""
        listed = self._disk.names(place)
        if listed is None:
            archive = self._archive(place)
            listed = frozenset(_below(*archive)) if archive is not None else frozenset()
        found: set[str] = set()
        for entry in listed:
            if "." not in entry:
                found.add(entry)
                continue
            for suffix in self._suffixes:
                if entry.endswith(suffix):
                    found.add(entry[: -len(suffix)])
        return frozenset(name for name in found if name and "." not in name and name != "__pycache__")

    def _along(self, name: str, last: str, places: Iterable[FsPath], *, exact: bool = False) -> Module | None:
        portions: list[FsPath] = []
        for place in places:
            names = self._disk.names(place)
            if names is None:
                if (found := self._elsewhere(name, last, place, portions)) is not None:
                    return found
                continue
            stdlib = any(place.startswith(root) for root in self.stdlib) and "-packages/" not in f"{place}/"
            if last in names:
                folder = join(place, last)
                inside = self._disk.names(folder)
                if inside is not None:
                    first = self._file(name, folder, "__init__", inside, (folder,), stdlib, exact)
                    if first is not None:
                        return first
                    portions.append(folder)
            found = self._file(name, place, last, names, None, stdlib, exact)
            if found is not None:
                return found
        return Module(name, "namespace", FsPath(""), tuple(portions)) if portions else None

    def _file(
        self,
        name: str,
        folder: FsPath,
        stem: str,
        names: frozenset[str],
        places: tuple[FsPath, ...] | None,
        stdlib: bool,
        exact: bool,
    ) -> Module | None:
        for suffix in self._suffixes:
            if stem + suffix in names and (not exact or stdlib or self._is_file(join(folder, stem + suffix))):
                kind: Literal["source", "compiled"] = "source" if suffix in (_SOURCE, _BYTECODE) else "compiled"
                return Module(name, kind, join(folder, stem + suffix), places, stdlib)
        return None

    def _is_file(self, path: FsPath) -> bool:
        return self._disk.kind(path) == "file"

    # ── what is no folder ────────────────────────────────────────────────────────────────────────────────────────

    def _elsewhere(self, name: str, last: str, place: FsPath, portions: list[FsPath]) -> Module | None:
        """In an archive, or where a finder has left a place of its own."""
        if place.endswith(".__path_hook__") and self.hooks is not None:
            served = self.hooks.placed.get(place, {}).get(name)
            portions.extend((*served, place) if served is not None else ())
            return None
        archive = self._archive(place)
        if archive is None:
            return None
        members, prefix = archive
        for ending in _IN_ARCHIVE:
            if f"{prefix}{last}{ending}" in members:
                path = join(place, last + ending)
                return Module(name, "source", path, (parent(path),) if "/" in ending else None)
        if f"{prefix}{last}/" in members:
            portions.append(join(place, last))
        return None

    def _archive(self, place: FsPath) -> tuple[frozenset[str], str] | None:
        """The members of the zip file that `place` lies in, and what comes before names of that place."""
        if place not in self._archives:
            self._archives[place] = self._opened(place)
        return self._archives[place]

    def _opened(self, place: FsPath) -> tuple[frozenset[str], str] | None:
        if not (self._zips and place.startswith(self._zips)):
            return None
        path, inside = place, ""
        while path not in ("/", ""):
            kind = self._disk.kind(path)
            if kind == "file":
                members = self._disk.archive(path)
                return None if members is None else (members, inside)
            if kind is not None:
                return None
            path, inside = parent(path), f"{leaf(path)}/{inside}"
        return None


def _below(members: frozenset[str], prefix: str) -> Iterator[str]:
    """First components of an archive's members below a prefix."""
    for member in members:
        if member.startswith(prefix):
            yield member[len(prefix) :].partition("/")[0]


def absolute(target: str, module: Module) -> str:
    """A relative module name inside of `module` as the import system completes it (PEP 328)."""
    if not target.startswith("."):
        return target
    rest = target.lstrip(".")
    parts = module.package.split(".")
    up = len(target) - len(rest) - 1
    base = ".".join(parts[: len(parts) - up])
    return f"{base}.{rest}" if rest and base else base or rest


def finder(world: World, disk: Disk) -> Finder:
    """The finder for this world's Python."""
    return Finder(world, disk)
