"""Where dyld looks: the paths that it tries for one install name, in order.

As dyld 4 does it (dyld/Loader.cpp: `forEachPath`, `forEachResolvedAtPathVar`, `getFrameworkPartialPath`). Whether
something usable is there is asked by `dyld`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping

from nixpydoctor.darwin import MachO, System
from nixpydoctor.facts import FsPath, join, leaf, parent
from nixpydoctor.light import NamedTuple

Real = Callable[[FsPath], FsPath]
"""A path with every symbolic link resolved (F_GETPATH)."""


SDK_WITHOUT_FALLBACKS = 14 << 16
"""Images linked with this SDK or a newer one get no default fallback folders (`sdkOnOrAfter2022`)."""
MACOS_WITH_SDK_RULE = (13, 0)
ALWAYS_FALLBACK = ("/usr/local/lib", "/usr/lib")


class Chain(NamedTuple):
    """An image, and who asked for it, up to the main executable: where @rpath is looked for."""

    image: MachO
    asker: Chain | None

    def __iter__(self) -> Iterator[MachO]:
        here: Chain | None = self
        while here is not None:
            yield here.image
            here = here.asker


class Places:
    """One process, as far as it decides where dyld looks."""

    def __init__(self, system: System, real: Real, env: Mapping[str, str], *, restricted: bool) -> None:
        self._system = system
        self._real = real
        self._env = env
        self._restricted = restricted
        self.main: MachO | None = None
        """The main executable, once it is mapped."""

    def candidates(self, name: str, chain: Chain) -> Iterator[tuple[FsPath, str, FsPath | None]]:
        """Each path that is tried for an install name, how dyld came to it, and whose LC_RPATH said so."""
        framework = framework_path(name)
        variable = "DYLD_FRAMEWORK_PATH" if framework else "DYLD_LIBRARY_PATH"
        for folder in listed(self._env.get(variable)):
            yield join(folder, framework or leaf(name)), variable, None
        yield from self._expanded(name, chain)
        variable = "DYLD_FALLBACK_FRAMEWORK_PATH" if framework else "DYLD_FALLBACK_LIBRARY_PATH"
        given = self._env.get(variable)
        if given is not None:
            for folder in listed(given):
                yield join(folder, framework or leaf(name)), variable, None
        elif self._falls_back(chain.image):
            folders = ("/Library/Frameworks", "/System/Library/Frameworks") if framework else ALWAYS_FALLBACK
            for folder in folders[1:] if self._restricted else folders:
                yield join(folder, framework or leaf(name)), "fallback", None

    def _expanded(self, name: str, chain: Chain) -> Iterator[tuple[FsPath, str, FsPath | None]]:
        head, slash, tail = name.partition("/")
        if head == "@rpath" and slash:
            for image in chain:
                for rpath in image.rpaths:
                    folder = self._folder(rpath, image)
                    if folder is not None:
                        yield within(folder, tail), "LC_RPATH", image.path
        elif head in ("@loader_path", "@executable_path") and slash:
            folder = self._folder(head, chain.image)
            if folder is not None:
                yield within(folder, tail), head, None
        else:
            yield FsPath(name), "path given", None

    def _folder(self, said: str, image: MachO) -> FsPath | None:
        """A folder written in an image, its first part expanded (`forEachResolvedAtPathVar`)."""
        head, _, tail = said.partition("/")
        if head == "@loader_path":
            base = parent(self._real(image.path))
        elif head == "@executable_path":
            if self.main is None:
                return None
            base = parent(self._real(self.main.path))
        else:
            return FsPath(said.rstrip("/") or "/")
        return within(base, tail) if tail else base

    def _falls_back(self, image: MachO) -> bool:
        return self._system.version < MACOS_WITH_SDK_RULE or image.sdk < SDK_WITHOUT_FALLBACKS


def listed(value: str | None) -> list[str]:
    """The elements of a variable: empty ones are passed over."""
    return [part for part in (value or "").split(":") if part]


def framework_path(name: str) -> str | None:
    """`Foo.framework/Versions/A/Foo` of an install name that ends so (`getFrameworkPartialPath`)."""
    parts = name.split("/")
    for index in range(len(parts) - 2, -1, -1):
        stem = parts[index].removesuffix(".framework")
        if stem != parts[index]:
            return "/".join(parts[index:]) if parts[-1].partition("_")[0] == stem else None
    return None


def within(folder: str, tail: str) -> FsPath:
    """`folder/tail` without `.` and `..`, as dyld and the kernel would walk folders that are no links."""
    return FsPath(posixpath.normpath(f"{folder}/{tail}"))
