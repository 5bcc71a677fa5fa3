"""Reads what an installed distribution says of itself: dist-info (PyPA, Recording installed projects) and egg-info."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable

from nixpydoctor.facts import FsPath, Unread, join, normalize
from nixpydoctor.files import HERE, OPEN_FLAGS, Files
from nixpydoctor.light import dataclass
from nixpydoctor.probes.record import Record, read_record

_LARGEST = 1 << 25
"""Bytes of a RECORD, which only makes sense as a whole; that of fifty thousand files is a quarter of it."""
_HEADERS = 1 << 18
"""Bytes that are read of any other file: of METADATA, what follows is a description."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HEADER = re.compile(rb"\n(?i:(name|version|requires-dist):)([^\n]*)")
"""A line to keep. `re` finds newlines in a fifth of the time that it takes to try at the start of each line."""
_EXTRA = re.compile(r";.*\bextra\b")

Note = Callable[[Unread], None]


@dataclass(frozen=True, slots=True)
class Metadata:
    """One distribution's own words."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    installer: str | None = None
    top_level: tuple[str, ...] | None = None
    """None where no file lists them."""
    record: Record | None = None
    """None where there is none: a distribution of Debian's or conda's, an egg, a broken install."""


def read_metadata(folder: FsPath, entry: str, note: Note, files: Files = HERE) -> Metadata | None:
    """The distribution that the folder entry `entry` describes; None where it describes none."""
    place = join(folder, entry)
    stem, _, kind = entry.rpartition(".")
    if stem.startswith("~"):  # what pip leaves behind when it cannot remove something
        return None
    reading = _Reading(note, files)
    if kind == "egg-info" and files.isfile(place):
        return _described(stem, kind, reading.head(place), place, reading)
    head = reading.head(join(place, "METADATA" if kind == "dist-info" else "PKG-INFO"))
    return _described(stem, kind, head, place, reading)


def _described(stem: str, kind: str, head: bytes | None, place: FsPath, reading: _Reading) -> Metadata | None:
    name, version, requires = _headers(head or b"")
    guessed = stem.split("-")
    if head is None and not reading.files.isdir(place):
        return None
    record = reading.bytes(join(place, "RECORD")) if kind == "dist-info" else None
    return Metadata(
        name=name or guessed[0],
        version=version or (guessed[1] if len(guessed) > 1 else ""),
        requires=requires,
        tags=_tags(reading.text(join(place, "WHEEL"))) if kind == "dist-info" else (),
        installer=(reading.text(join(place, "INSTALLER")) or "").strip() or None,
        top_level=_words(reading.text(join(place, "top_level.txt"))),
        record=read_record(record) if record is not None else None,
    )


def _headers(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Name, version and what is required, extras left out (core metadata specification)."""
    head = data.replace(b"\r", b"").partition(b"\n\n")[0]  # what follows is a description of any length
    said: dict[str, str] = {}
    requires: dict[str, None] = {}
    for key, raw in _HEADER.findall(b"\n" + head):
        value = raw.decode("utf-8", "surrogateescape").strip()
        if key.lower() != b"requires-dist":
            said.setdefault(key.lower().decode(), value)
        elif not _EXTRA.search(value) and (name := _NAME.match(value)) is not None:
            requires[normalize(name[0])] = None
    return said.get("name", ""), said.get("version", ""), tuple(requires)


def _tags(text: str | None) -> tuple[str, ...]:
    lines = (line.partition(":") for line in (text or "").splitlines())
    return tuple(value.strip() for key, _, value in lines if key.lower() == "tag")


def _words(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(dict.fromkeys(text.split()))


class _Reading:
    """Reads a distribution's files; what cannot be read is noted."""

    def __init__(self, note: Note, files: Files) -> None:
        self._note = note
        self.files = files

    def head(self, path: FsPath) -> bytes | None:
        """The bytes that hold headers."""
        return self.bytes(path, _HEADERS)

    def text(self, path: FsPath) -> str | None:
        """A small file's text."""
        data = self.head(path)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def bytes(self, path: FsPath, limit: int | None = None) -> bytes | None:
        """A regular file's first bytes; None where there is none. Anything else than a regular file is never opened.

        Without a limit it is wanted whole, and is unread where it is larger than anybody's.
        """
        try:
            handle = os.open(self.files.at(path), OPEN_FLAGS)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self._note(Unread(path, error.strerror or "cannot be read", False))
            return None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                self._note(Unread(path, "not a regular file", False))
                return None
            if limit is None and status.st_size > _LARGEST:
                self._note(Unread(path, f"larger than {_LARGEST >> 20} MiB", False))
                return None
            return os.read(handle, min(limit or _LARGEST, status.st_size + 1))
        except OSError as error:
            self._note(Unread(path, error.strerror or "cannot be read", False))
            return None
        finally:
            os.close(handle)
