"""The file system that a target lives in: this machine's own, or the one below a folder of it (`--root`).

Below a folder every path is walked as the kernel would walk it for a process that had called chroot(2) there: an
absolute symbolic link begins again at that folder, and `..` at its top stays there (path_resolution(7)). So nothing
outside of it is ever looked at, whatever its links say. Paths that are passed in and answers are the target's.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from typing import TypeVar

Answer = TypeVar("Answer")

MAX_LINKS = 40
"""As many as the kernel follows (path_resolution(7))."""
OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
"""For files of a target: none of them makes us wait, and none becomes our terminal."""


class Files:
    """Where this machine has a target's files. `root` is empty for its own file system."""

    __slots__ = ("_folders", "root")

    def __init__(self, root: str = "") -> None:
        self.root = os.path.realpath(root).rstrip("/") if root else ""
        self._folders: dict[str, str] = {}

    def at(self, path: str) -> str:
        """Where this machine has what is at `path`, links followed. Raises `OSError` where links go in a circle."""
        if not self.root:
            return path
        folder, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return self._walked(path)
        here = f"{self._folder(folder)}/{name}"
        return self._walked(path) if os.path.islink(here) else here

    def beside(self, path: str) -> str:
        """Where this machine has what is at `path` itself: the link, where it is one. Raises as `at` does."""
        folder, _, name = path.rpartition("/")
        if not self.root or name in ("", ".", ".."):
            return self.at(path)
        return f"{self._folder(folder)}/{name}"

    def exists(self, path: str) -> bool:
        """Whether there is anything, links followed."""
        try:
            return os.path.exists(self.at(path))
        except OSError:
            return False

    def lexists(self, path: str) -> bool:
        """Whether there is anything, even a link to nowhere."""
        try:
            return os.path.lexists(self.beside(path))
        except OSError:
            return False

    def isfile(self, path: str) -> bool:
        """Whether there is a regular file, links followed."""
        try:
            return os.path.isfile(self.at(path))
        except OSError:
            return False

    def runs(self, path: str) -> bool:
        """Whether there is a regular file that this user may run, links followed."""
        try:
            here = self.at(path)
            return os.path.isfile(here) and os.access(here, os.X_OK)
        except OSError:
            return False

    def isdir(self, path: str) -> bool:
        """Whether there is a folder, links followed."""
        try:
            return os.path.isdir(self.at(path))
        except OSError:
            return False

    def islink(self, path: str) -> bool:
        """Whether there is a symbolic link."""
        try:
            return os.path.islink(self.beside(path))
        except OSError:
            return False

    def readlink(self, path: str) -> str:
        """What the link at `path` says. Raises `OSError` where there is none."""
        return os.readlink(self.beside(path))

    def realpath(self, path: str) -> str:
        """The path without links, as far as it exists; a circle is left as it is written."""
        if not self.root:
            return os.path.realpath(path)
        try:
            return self._walked(path, lax=True)[len(self.root) :] or "/"
        except OSError:
            return os.path.normpath(path)

    def ask(self, path: str, take: Callable[[Callable[[int, int], bytes], int], Answer]) -> Answer | None:
        """What `take` makes of a regular file, given what reads so many bytes at an offset, and the size.

        None where there is none or where it cannot be read. Nothing else is read: a FIFO would wait for a writer, and a
        device may act.
        """
        try:
            handle = os.open(self.at(path), OPEN_FLAGS)
        except (OSError, ValueError):
            return None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return None
            return take(lambda offset, size: os.pread(handle, size, offset), status.st_size)
        except OSError:
            return None
        finally:
            os.close(handle)

    def start(self, path: str, most: int) -> bytes | None:
        """The first bytes of a regular file, `most` of them; None as for `ask`."""
        return self.ask(path, lambda read, size: read(0, min(most, size)))

    def text(self, path: str, most: int) -> str | None:
        """The same as text. Bytes that are no UTF-8 are kept (PEP 383)."""
        data = self.start(path, most)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def walk(self, top: str) -> Iterator[tuple[str, list[str], list[str]]]:
        """As os.walk(3): links to folders are named, and not entered."""
        try:
            here = self.at(top)
        except OSError:
            return
        for folder, folders, names in os.walk(here):
            yield f"{top}{folder[len(here) :]}", folders, names

    def _folder(self, folder: str) -> str:
        found = self._folders.get(folder)
        if found is None:
            found = self._folders[folder] = self._walked(folder)
        return found

    def _walked(self, path: str, *, lax: bool = False) -> str:
        """The whole walk. `lax`: `..` also leads back from what does not exist."""
        done: list[str] = []
        ahead = path.split("/")[::-1]
        links = 0
        while ahead:
            part = ahead.pop()
            here = "/".join((self.root, *done))
            if part in ("", ".", ".."):
                if done and not lax and not os.path.isdir(here):  # `x/` is a folder, and so is what has a `..`
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
                if part == "..":
                    del done[-1:]
                continue
            try:
                says = os.readlink(f"{here}/{part}")
            except (OSError, ValueError):
                done.append(part)
                continue
            links += 1
            if links > MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            if says.startswith("/"):
                done.clear()
            ahead.extend(says.split("/")[::-1])
        return "/".join((self.root, *done))


HERE = Files()
"""This machine's own files."""

USUAL = {
    "PATH": "/run/current-system/sw/bin:/nix/var/nix/profiles/system/sw/bin:/nix/var/nix/profiles/default/bin:"
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
"""The environment of a file system that nobody is logged in to: NixOS' folders, then everybody's (environ(7))."""
