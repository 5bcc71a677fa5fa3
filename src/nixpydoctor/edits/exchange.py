"""Replaces files by one rename each, keeps the originals, and puts them back."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress

from nixpydoctor.edits import journal as log
from nixpydoctor.edits.journal import EditError, Entry, Journal, digest, place, sync
from nixpydoctor.edits.prepare import Staged
from nixpydoctor.facts import FsPath, join
from nixpydoctor.light import replace


def extended(old: Journal, staged: Sequence[Staged], base: FsPath, remedy: str, roots: Iterable[str]) -> Journal:
    """The journal with these changes, their originals saved. What somebody replaced since starts anew."""
    os.makedirs(f"{place(base)}/saved", exist_ok=True)
    entries = {entry.path: entry for entry in old.entries}
    for item in staged:
        path = item.path[len(base) + 1 :]
        known = entries.get(path)
        if known is not None and item.before in known.after:
            entries[path] = replace(known, after=(*known.after, item.after))
        else:
            entries[path] = Entry(path, item.before, (item.after,), _save(item, base) if item.status else "")
    sync(f"{place(base)}/saved")
    return Journal(
        base=base,
        remedies=tuple(dict.fromkeys([*old.remedies, remedy])),
        entries=tuple(entries.values()),
        roots=tuple(dict.fromkeys([*old.roots, *roots])),
    )


def _save(item: Staged, base: FsPath) -> str:
    """Keep the original under a name of its own: the file itself where links are possible, else a copy."""
    stem = hashlib.sha256(item.path[len(base) + 1 :].encode("utf-8", "surrogateescape")).hexdigest()[:24]
    for number in range(1000):
        name = f"{stem}-{number}"
        place_of_it = f"{place(base)}/saved/{name}"
        try:
            os.link(item.path, place_of_it)
        except FileExistsError:
            if digest(place_of_it) == item.before:
                return name
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK):
                raise
            shutil.copy2(item.path, place_of_it)
            return name
        else:
            return name
    raise EditError(f"{place(base)}/saved is full of other things: move them away.")


def exchange(staged: Sequence[Staged], base: FsPath, old: Journal) -> None:
    """Rename each new file over the old one; where one fails, those before it go back.

    Raises `EditError` and `OSError`, with everything as it was.
    """
    done: list[Staged] = []
    try:
        for item in staged:
            _unchanged(item)
            _move(item.new, item.path, fresh=item.status is None)
            done.append(item)
        for folder in {os.path.dirname(item.path) for item in staged}:
            sync(folder)
    except (OSError, EditError):
        _back(done, base, old)
        raise


def _back(done: Sequence[Staged], base: FsPath, old: Journal) -> None:
    """Put back what this run replaced, and the journal; what an earlier run had replaced as well keeps both digests."""
    fresh = log.read(base)
    if fresh is None:
        return
    kept = {entry.path: entry for entry in old.entries}
    for item in done:
        entry = fresh.entry(item.path[len(base) + 1 :])
        if entry is not None and entry.path in kept and kept[entry.path].saved == entry.saved:
            kept[entry.path] = entry
        elif entry is not None:
            restore(base, entry)
    if kept:
        log.write(base, replace(old, entries=tuple(kept.values())))
    else:
        log.drop(base, fresh)


def _unchanged(item: Staged) -> None:
    """Raises `EditError` where the file is not the one that was read."""
    if item.status is None:
        return
    now = os.lstat(item.path)
    then = item.status
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (then.st_ino, then.st_size, then.st_mtime_ns):
        raise EditError(f"{item.path} was changed by somebody else meanwhile. Everything is as it was; try again.")


def _move(new: str, path: str, *, fresh: bool = False) -> None:
    """One step from old to new, on whatever file system `path` is."""
    step = os.link if fresh else os.rename  # unlike a rename, a link never replaces what came into being meanwhile
    try:
        step(new, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = log.beside(path)
        shutil.copy2(new, beside)
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        step(beside, path)
        with suppress(FileNotFoundError):
            os.unlink(beside)


def checked(base: FsPath, entry: Entry) -> Entry:
    """Raises `EditError` where the original is not what was saved."""
    if entry.before is not None and digest(log.saved(base, entry)) != entry.before:
        raise EditError(
            f"Nothing was undone: the saved original of {entry.path} is gone or was changed. Reinstall what it belongs "
            f"to, then remove {place(base)}."
        )
    return entry


def restore(base: FsPath, entry: Entry) -> None:
    path = join(base, entry.path)
    if entry.before is None:
        os.unlink(path)
    else:
        _move(log.saved(base, entry), path)
