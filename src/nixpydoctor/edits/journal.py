"""The journal of what was changed below one folder: enough to put every byte back, and to notice what others changed.

It lies in `.nixpydoctor` of the venv or project, next to the originals. It is written whole under another name, synced
and renamed, before the first file is touched; so it is there or it is not. Paths in it are relative to the folder, so
that a venv that was moved can still be undone.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from nixpydoctor.facts import FsPath, join
from nixpydoctor.light import dataclass, replace

FOLDER = ".nixpydoctor"
VERSION = 1
_FILE = "journal.json"
_LARGEST = 1 << 26
_CHUNK = 1 << 20


class EditError(Exception):
    """The edits cannot be made or undone; the text is a sentence with advice. Nothing is half done."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was changed or made."""

    path: str
    """Below the folder of the journal."""
    before: str | None
    """SHA-256 of the original; None where there was no file."""
    after: tuple[str, ...]
    """SHA-256 of what it was replaced by, the latest last."""
    saved: str
    """Name of the original in `saved`; empty where there was none."""


@dataclass(frozen=True, slots=True)
class Journal:
    """All that was changed below one folder and is not undone."""

    base: str
    """The folder when the changes were made."""
    remedies: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    roots: tuple[str, ...] = ()
    """Store paths that the changes need."""

    def entry(self, path: str) -> Entry | None:
        """What is known of one file."""
        return next((entry for entry in self.entries if entry.path == path), None)


def place(base: str) -> FsPath:
    """The journal's own folder."""
    return join(base, FOLDER)


def saved(base: str, entry: Entry) -> FsPath:
    """Where the original of one file is kept."""
    return FsPath(f"{place(base)}/saved/{entry.saved}")


def read(base: str) -> Journal | None:
    """The journal below `base`; None where there is none. Raises `EditError` for one that cannot be trusted."""
    path = join(place(base), _FILE)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise EditError(f"The journal {path} is no regular file: it was put there by somebody else.")
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EditError(f"The journal {path} cannot be read: {error.strerror}.") from error
    try:
        return _journal(json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise EditError(
            f"The journal {path} was cut short or changed by hand ({error}). Nothing was touched. The original files "
            f"are in {place(base)}/saved; reinstalling what was changed does the same."
        ) from error


def write(base: str, journal: Journal) -> None:
    """Put the journal there as a whole, on the disk when this returns. Raises `OSError`."""
    plain = _plain(journal)
    text = json.dumps({**plain, "digest": _digest(plain)}, indent=1)
    path = join(place(base), _FILE)
    with open(f"{path}.new", "wb") as file:
        file.write(text.encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.rename(f"{path}.new", path)
    sync(place(base))


def drop(base: str, journal: Journal) -> None:
    """Forget everything: the journal first, then what it spoke of."""
    folder = place(base)
    for name in (_FILE, f"{_FILE}.new"):
        with suppress(FileNotFoundError):
            os.unlink(join(folder, name))
    sync(folder)
    for entry in journal.entries:
        with suppress(OSError):
            os.unlink(saved(base, entry))
    clear(base, None)


def forget(base: str, old: Journal | None, fresh: Journal) -> None:
    """Remove the originals that only the old journal speaks of."""
    kept = {entry.saved for entry in fresh.entries}
    for entry in old.entries if old is not None else ():
        if entry.saved and entry.saved not in kept:
            with suppress(OSError):
                os.unlink(saved(base, entry))


def leave(base: str) -> None:
    """Remove the folder where nothing is left to remember. Only who has the lock may."""
    folder = place(base)
    if os.path.lexists(join(folder, _FILE)):
        return
    clear(base, None)
    for name in (".gitignore", f"{_FILE}.new", "lock"):
        with suppress(OSError):
            os.unlink(join(folder, name))
    with suppress(OSError):  # somebody keeps something of his own there
        os.rmdir(folder)


def clear(base: str, journal: Journal | None) -> None:
    """Remove what a killed run left behind: everything but the originals and roots that the journal speaks of.

    An original that no journal speaks of is removed only where it has another name: it may be the last copy.
    """
    folder = place(base)
    known = {entry.saved for entry in journal.entries} if journal is not None else set()
    roots = {posixpath.basename(path) for path in journal.roots} if journal is not None else set()
    for name, kept in (("new", set[str]()), ("saved", known), ("roots", roots)):
        for entry in _names(join(folder, name)):
            path = f"{folder}/{name}/{entry}"
            if entry not in kept and (name != "saved" or os.lstat(path).st_nlink > 1):
                os.unlink(path)
        with suppress(OSError):  # not empty, or not there
            os.rmdir(join(folder, name))
    for file in journal.entries if journal is not None else ():
        with suppress(OSError):
            os.unlink(beside(join(base, file.path)))


def beside(path: str) -> str:
    """The name under which a file is prepared where it cannot be moved to from the journal's folder."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}.nixpydoctor"


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def digest(path: str) -> str | None:
    """SHA-256 of a regular file's bytes; None where there is none, or something else. Raises `OSError`."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            found = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                found.update(chunk)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.hexdigest()


def sync(folder: str) -> None:
    """Have a folder's entries on the disk. A file system that cannot sync folders is trusted."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _plain(journal: Journal) -> dict[str, Any]:
    return {
        "journal_version": VERSION,
        "base": journal.base,
        "remedies": list(journal.remedies),
        "entries": [
            {"path": entry.path, "before": entry.before, "after": list(entry.after), "saved": entry.saved}
            for entry in journal.entries
        ],
        "roots": list(journal.roots),
    }


def _digest(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def _journal(plain: Any) -> Journal:
    version = plain.get("journal_version")
    if version != VERSION:
        raise ValueError(f"its version is {str(version)[:20]!a}, and this one reads {VERSION}")
    said = plain.pop("digest", None)
    if said != _digest(plain):
        raise ValueError("its digest does not fit")
    entries = tuple(
        Entry(_inside(entry["path"]), entry["before"], tuple(entry["after"]), _name(entry["saved"]))
        for entry in plain["entries"]
    )
    return replace(Journal(plain["base"], tuple(plain["remedies"])), entries=entries, roots=tuple(plain["roots"]))


def _inside(path: str) -> str:
    if path.startswith("/") or posixpath.normpath(path) != path or path.split("/")[0] == "..":
        raise ValueError(f"{path!a} leads out of the folder")
    return path


def _name(name: str) -> str:
    if "/" in name or name in (".", ".."):
        raise ValueError(f"{name!a} is no name")
    return name
