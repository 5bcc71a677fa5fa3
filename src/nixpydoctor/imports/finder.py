"""Finds the file that a dotted module name means, along `sys.path` (`importlib.machinery.FileFinder`, PEP 420)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, World, join
from nixpydoctor.light import dataclass

_SOURCE = ".py"
_BYTECODE = ".pyc"


@dataclass(frozen=True, slots=True)
class Module:
    """What a dotted name means."""

    name: str
    kind: Literal["source", "compiled", "namespace", "builtin"]
    path: FsPath
    """The file that is executed; empty for a namespace package and a builtin."""
    places: tuple[FsPath, ...] | None = None
    """Where submodules are looked for; None for what is no package."""
    stdlib: bool = False

    @property
    def package(self) -> str:
        """What a leading dot means inside of it."""
        return self.name if self.places is not None else self.name.rpartition(".")[0]


class Finder:
    """Answers for one Python; every answer is kept."""

    def __init__(self, world: World, disk: Disk) -> None:
        python = world.python
        self._disk = disk
        self._builtins = python.builtins if python is not None else frozenset()
        self._suffixes = (*(python.suffixes if python is not None else ()), _SOURCE, _BYTECODE)
        self._roots = tuple(entry.path for entry in python.path) if python is not None else ()
        self._stdlib = frozenset(path for path in self._roots if self._is_stdlib(path))
        self._known: dict[str, Module | None] = {}

    def _is_stdlib(self, path: FsPath) -> bool:
        if path.endswith("/lib-dynload"):
            return True
        names = self._disk.names(path)
        return names is not None and "os.py" in names and "site.py" in names

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
            if name in self._builtins:
                return Module(name, "builtin", FsPath(""), None, True)
            return self._along(name, last, self._roots)
        package = self.find(above)
        if package is None or package.places is None:
            return None
        return self._along(name, last, package.places)

    def _along(self, name: str, last: str, places: Iterable[FsPath]) -> Module | None:
        portions: list[FsPath] = []
        for place in places:
            names = self._disk.names(place)
            if names is None:
                continue
            stdlib = any(place.startswith(root) for root in self._stdlib) and "-packages/" not in f"{place}/"
            if last in names:
                folder = join(place, last)
                inside = self._disk.names(folder)
                if inside is not None:
                    first = self._file(name, folder, "__init__", inside, (folder,), stdlib)
                    if first is not None:
                        return first
                    portions.append(folder)
            found = self._file(name, place, last, names, None, stdlib)
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
    ) -> Module | None:
        for suffix in self._suffixes:
            if stem + suffix in names:
                kind: Literal["source", "compiled"] = "source" if suffix in (_SOURCE, _BYTECODE) else "compiled"
                return Module(name, kind, join(folder, stem + suffix), places, stdlib)
        return None


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
