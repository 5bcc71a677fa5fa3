"""Asks a `Disk` what CPython asks a file system: is there a file, a folder, and where does a link lead."""

from __future__ import annotations

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, leaf, parent


class Files:
    """The few questions that getpath and site ask, each answered from what the disk knows."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def is_dir(self, path: str) -> bool:
        """Whether there is a folder that can be listed."""
        return self._disk.names(FsPath(path)) is not None

    def is_file(self, path: str) -> bool:
        """Whether there is something that is no folder, links followed."""
        names = self._disk.names(parent(path))
        if names is None or leaf(path) not in names:
            return False
        real = self.real(path)
        if real == path:
            return not self.is_dir(path)
        names = self._disk.names(parent(real))
        return names is not None and leaf(real) in names and not self.is_dir(real)

    def lines(self, path: str) -> list[str] | None:
        """A text file's lines; None where there is none to read."""
        names = self._disk.names(parent(path))
        if names is None or leaf(path) not in names:
            return None
        text = self._disk.text(FsPath(path))
        return text.splitlines() if isinstance(text, str) else None

    def names(self, folder: str) -> frozenset[str]:
        """The names in a folder."""
        return self._disk.names(FsPath(folder)) or frozenset()

    def real(self, path: str) -> str:
        """The path with every symbolic link resolved."""
        return self._disk.real(FsPath(path))
