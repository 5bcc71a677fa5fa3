"""What `site` makes of a folder's .pth files: paths to add, lines to run (`Lib/site.py`, `addpackage`)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Literal

from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, PathEntry, Python, join
from nixpydoctor.light import dataclass

_CODE = re.compile(r"import[ \t]")
_IMPORTED = re.compile(
    r"(?:^|;)\s*import[ \t]+([\w., \t]+)"
    r"|(?:^|;)\s*from[ \t]+([\w.]+)[ \t]+import\b"
    r"|__import__\(\s*['\"]([\w.]+)['\"]"
)
_LONGEST = 4096
"""Characters of a line of code that are looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a .pth file that does something."""

    file: FsPath
    number: int
    """From 1."""
    kind: Literal["path", "code"]
    text: str
    """As written, without its end."""
    adds: FsPath | None = None
    """The path that it names, absolute; None for code."""

    @property
    def imports(self) -> tuple[str, ...]:
        """The modules that a line of code imports, as far as the line says so."""
        if self.kind != "code":
            return ()
        found: list[str] = []
        for several, package, one in _IMPORTED.findall(self.text[:_LONGEST]):
            name = package or one
            found += [name] if name else [word.split()[0] for word in several.split(",") if word.strip()]
        return tuple(dict.fromkeys(found))


def pth_files(folder: FsPath, disk: Disk) -> tuple[FsPath, ...]:
    """The .pth files of a site folder in the order in which `site` takes them; hidden ones are passed over."""
    names = disk.names(folder) or frozenset()
    return tuple(join(folder, name) for name in sorted(names) if name.endswith(".pth") and not name.startswith("."))


def lines(folder: FsPath, disk: Disk) -> Iterator[Line]:
    """Every line of the folder's .pth files that adds a path or runs code."""
    for file in pth_files(folder, disk):
        text = disk.text(file)
        if isinstance(text, str):
            yield from _lines(folder, file, text)


def _lines(folder: FsPath, file: FsPath, text: str) -> Iterator[Line]:
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if raw.startswith("#") or not raw.strip():
            continue
        if _CODE.match(raw):
            yield Line(file, number, "code", raw.rstrip())
            continue
        named = raw.rstrip()
        yield Line(file, number, "path", named, FsPath(posixpath.normpath(posixpath.join(folder, named))))


def site_folders(python: Python) -> tuple[FsPath, ...]:
    """The folders whose .pth files were processed: those that `site` added, never those of PYTHONPATH alone."""
    return tuple(dict.fromkeys(python.site_folders))


_OF_MINOR = re.compile(r"/python(\d)\.(\d+)t?/(?:site|dist)-packages\Z")


def minor_of(path: str) -> tuple[int, int] | None:
    """(3, 11) for `…/lib/python3.11/site-packages`; None where a path does not say whose packages it holds."""
    match = _OF_MINOR.search(path)
    return (int(match[1]), int(match[2])) if match is not None else None


def foreign(python: Python, entry: PathEntry) -> bool:
    """Whether an entry of the path holds the packages of another minor version, by its own name."""
    minor = minor_of(entry.path)
    return minor is not None and python.minor is not None and minor != python.minor


def has_pth(folder: FsPath, disk: Disk) -> bool:
    """Whether there are .pth files: most folders have none, and then nothing is read."""
    return any(name.endswith(".pth") for name in disk.names(folder) or ())
