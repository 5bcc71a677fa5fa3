"""Lists the shared objects below a folder of sys.path, every folder once, whatever the symbolic links say.

Links to folders are followed, because Nix's environments are made of them; circles, and ways back into what is listed
anyway, are not.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable

from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import dataclass, field
from nixpydoctor.probes.record import IS_OBJECT

MAX_ENTRIES = 1_000_000
MAX_PROJECT_ENTRIES = 50_000
"""A project folder on sys.path may be somebody's home."""

_NEVER = frozenset({"__pycache__"})
_TEXTS = (".py", ".pyi", ".pyc", ".h", ".hpp", ".txt", ".json")
"""Most names end so, and none of them is an object's, or that of a folder from which something could be imported."""
_NOT_IN_PROJECT = frozenset({"node_modules", "__pycache__"})

Note = Callable[[Unread], None]


@dataclass(slots=True)
class Listing:
    """What lies in a folder of sys.path."""

    root: FsPath
    names: list[str] = field(default_factory=list)
    """Directly in it, sorted."""
    objects: list[str] = field(default_factory=list)
    """Paths of shared objects below it, relative, sorted."""


def has_library(folder: FsPath, files: Files = HERE) -> bool:
    """Whether the folder is that of a standard library."""
    return files.isfile(f"{folder}/os.py") and files.isfile(f"{folder}/site.py")


def list_folder(root: FsPath, note: Note, *, project: bool = False, files: Files = HERE) -> Listing:
    """Walk the folder, noting what cannot be listed. A project's hidden folders and venvs are left out."""
    walk = _Walk(root, note, files, project=project)
    walk.run()
    walk.listing.names.sort()
    walk.listing.objects.sort()
    return walk.listing


class _Walk:
    def __init__(self, root: FsPath, note: Note, files: Files, *, project: bool) -> None:
        self.listing = Listing(root)
        self._root = root
        self._files = files
        self._real = files.realpath(root)
        self._note = note
        self._project = project
        self._left = MAX_PROJECT_ENTRIES if project else MAX_ENTRIES
        self._linked: set[str] = set()
        self._ahead = [""]

    def run(self) -> None:
        """Until nothing is ahead, or too much was seen."""
        while self._ahead:
            below = self._ahead.pop()
            try:
                with os.scandir(self._files.at(self._path(below))) as entries:
                    self._folder(below, entries)
            except OSError as error:
                if below or not isinstance(error, (FileNotFoundError, NotADirectoryError)):
                    self._note(Unread(self._path(below), error.strerror or "cannot be listed", False))
            if self._left < 0:
                self._note(Unread(self._root, "too many files below it: only the first were looked at", False))
                return

    def _folder(self, below: str, entries: Iterable[os.DirEntry[str]]) -> None:
        prefix = f"{below}/" if below else ""
        found = list(entries)
        self._left -= len(found)
        if not below:
            self.listing.names.extend([entry.name for entry in found])
        elif self._project and any(entry.name == "pyvenv.cfg" for entry in found):
            return
        for entry in found:
            name = entry.name
            if name.endswith(_TEXTS):
                continue
            if entry.is_dir(follow_symlinks=False):
                if self._enters(name, below):
                    self._ahead.append(prefix + name)
            elif entry.is_symlink():
                self._link(entry, prefix + name)
            elif (".so" in name or ".dylib" in name) and IS_OBJECT.search(name):
                if entry.is_file(follow_symlinks=False):
                    self.listing.objects.append(prefix + name)
                else:
                    self._note(Unread(self._path(prefix + name), "not a regular file", False))

    def _enters(self, name: str, below: str) -> bool:
        if self._project:
            return name not in _NOT_IN_PROJECT and not name.startswith(".")
        return name not in _NEVER and not (not below and (name.startswith("~") or name.endswith(".dist-info")))

    def _link(self, entry: os.DirEntry[str], below: str) -> None:
        """A symbolic link: an object, a folder to go on in, or neither."""
        is_object = IS_OBJECT.search(below) is not None
        try:
            mode = os.stat(self._files.at(self._path(below))).st_mode
        except OSError as error:
            if is_object:
                self._note(Unread(self._path(below), error.strerror or "a link to nowhere", False))
            return
        if stat.S_ISDIR(mode):
            self._linked_folder(entry.name, below)
        elif is_object and stat.S_ISREG(mode):
            self.listing.objects.append(below)
        elif is_object:
            self._note(Unread(self._path(below), "not a regular file", False))

    def _linked_folder(self, name: str, below: str) -> None:
        real = self._files.realpath(self._path(below))
        inside = real == self._real or real.startswith(f"{self._real}/")
        around = f"{self._real}/".startswith(f"{real.rstrip('/')}/")
        if inside or around or real in self._linked or not self._enters(name, os.path.dirname(below)):
            return
        self._linked.add(real)
        self._ahead.append(below)

    def _path(self, below: str) -> FsPath:
        return FsPath(f"{self._root}/{below}" if below else self._root)
