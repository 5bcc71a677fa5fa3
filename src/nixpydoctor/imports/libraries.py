"""What `ctypes.util.find_library` returns in the target, step by step (`Lib/ctypes/util.py`).

It asks the host's ldconfig, then a compiler, then a linker, each of them a program that the user would call. nixpkgs
takes the first step out of its Pythons: what a Python really does stands in its own text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Loader, Unread, World, join

_NO_CACHE = re.compile(r"def _findSoname_ldconfig\(name\):\s+return None\b")
"""How nixpkgs takes the first step out, whatever stands behind it."""
UNDECIDED = ""
"""Some library may be found: it depends on what the compiler or the linker has been told."""


class Libraries:
    """Answers for one process."""

    def __init__(self, world: World, host: Loader | None, disk: Disk) -> None:
        self._world = world
        self._host = host
        self._disk = disk

    def find(self, name: str) -> str | None:
        """The soname that is returned; None where none is, `UNDECIDED` where that cannot be known."""
        asks = "'/sbin/ldconfig', '-p'" in self._text and _NO_CACHE.search(self._text) is None
        found = self._by_cache(name) if asks else None
        if found is None and "_findLib_gcc(name)" in self._text:
            found = self._by_program(name, ("gcc", "cc"), ())
        if found is None and "_findLib_ld(name)" in self._text:
            given = self._world.process.env.get("LD_LIBRARY_PATH", "").split(":")
            found = self._by_program(name, ("ld",), [FsPath(folder) for folder in given if folder.startswith("/")])
        return found

    @cached_property
    def _text(self) -> str:
        """The Python's own `ctypes/util.py`."""
        python = self._world.python
        for entry in python.path if python is not None else ():
            names = self._disk.names(entry.path)
            if names is not None and "ctypes" in names:
                text = self._disk.text(join(entry.path, "ctypes/util.py"))
                return text.replace('"', "'") if isinstance(text, str) else ""
        return ""

    def _by_cache(self, name: str) -> str | None:
        """The host's cache, whatever loader this Python has."""
        host = self._host
        if host is None or host.family != "glibc" or host.shim is not None:
            return None
        for entry in host.cache:
            if entry.soname.startswith(f"lib{name}."):
                return entry.soname
        return None

    def _by_program(self, name: str, programs: Iterable[str], first: Iterable[FsPath]) -> str | None:
        """The soname of what `-lNAME` links; without objdump nobody reads it."""
        called = next((path for one in programs if (path := self._disk.program(one)) is not None), None)
        if called is None or self._disk.program("objdump") is None:
            return None
        if called.startswith("/nix/store/"):
            return UNDECIDED  # a wrapper of nixpkgs, which has folders of its own
        for folder in (*first, *self._folders):
            path = join(folder, f"lib{name}.so")
            if self._disk.has(path):
                found = self._disk.objects(path)
                if found is None or isinstance(found, Unread):
                    return UNDECIDED  # a text for the linker, which names others
                return next((obj.soname for obj in found if obj.soname), None)
        return None

    @cached_property
    def _folders(self) -> tuple[FsPath, ...]:
        """Where a distribution's linker looks (`ld --verbose`), its compiler's own folders among them."""
        python = self._world.python
        triple = f"{python.machine if python is not None else ''}-linux-gnu"
        own = FsPath(f"/usr/lib/gcc/{triple}")
        releases = [join(own, release) for release in sorted(self._disk.names(own) or (), reverse=True)]
        known = (f"/usr/local/lib/{triple}", f"/lib/{triple}", f"/usr/lib/{triple}", "/usr/local/lib64", "/lib64",
                 "/usr/lib64", "/usr/local/lib", "/lib", "/usr/lib")  # fmt: skip
        return (*releases, *(FsPath(folder) for folder in known))
