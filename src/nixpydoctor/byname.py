"""What Python code gets that opens libraries by name: ctypes and cffi, in the process that is examined."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, FsPath, join, leaf, parent
from nixpydoctor.loader import Closures
from nixpydoctor.loader.trace import LinkMap

if TYPE_CHECKING:
    from nixpydoctor.case import Case
    from nixpydoctor.imports.libraries import Libraries


class ByName:
    """The answers for one case, each worked out once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._searches: dict[str, LinkMap] = {}

    def opens(self, name: str) -> bool:
        """Whether `dlopen(name)` called from `_ctypes` succeeds."""
        case = self._case
        if "/" in name:
            path = FsPath(name)
            held = case.disk.slices(path) if case.dyld else case.disk.objects(path)
            return held is not None and case.fate(path).loads
        return self.search(name).loads

    def search(self, name: str) -> LinkMap:
        """The working of `dlopen(name)` called from `_ctypes`."""
        if name not in self._searches:
            self._searches[name] = self._searched(name)
        return self._searches[name]

    def _searched(self, name: str) -> LinkMap:
        closures = self._case.closures
        if not isinstance(closures, Closures):
            return closures.named(name)
        asker, disk = self._asker(name)
        return Closures(self._case.process, disk).trace(asker)

    def _asker(self, name: str) -> tuple[FsPath, Disk]:
        """An object beside `_ctypes` that needs `name`: glibc searches for both in the same way (`elf/dl-open.c`)."""
        case = self._case
        caller = next((path for path in case.extensions if leaf(path).startswith("_ctypes.")), None)
        known = case.object(caller) if caller is not None else None
        model = known if known is not None else case.executable
        folder = parent(caller if caller is not None else case.process.executable)
        path = join(folder, f"dlopen {name}")
        asker = Elf(
            path=path,
            identity=(-2, hash(name)),
            arch=model.arch if model is not None else case.image.objects[0].arch,
            kind=3,
            needed=(name,),
            rpath=known.rpath if known is not None else None,
            runpath=known.runpath if known is not None else None,
            verdef=None,
        )
        return path, case.disk.overlay({path: (asker,)})

    def finds(self, name: str) -> str | None:
        """What `ctypes.util.find_library(name)` returns here; empty where that cannot be known."""
        return self._libraries.find(name)

    @cached_property
    def _libraries(self) -> Libraries:
        from nixpydoctor.imports.libraries import Libraries

        return Libraries(self._case.facts.main, self._case.facts.fhs_loader, self._case.disk)
