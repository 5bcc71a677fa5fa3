"""apply(edits) → Journal, undo(journal): the only code that writes to what was examined.

Everything is prepared beside the journal first; then the journal is written and synced; then each file is replaced by
one rename. So a run that is killed leaves every file old or new, never half, and the journal knows both. The original
keeps its inode in `saved`, and undoing renames it back: bytes, mode, times, and hard links are as they were.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from nixpydoctor.edits import journal as log
from nixpydoctor.edits.exchange import checked, exchange, extended, restore
from nixpydoctor.edits.journal import EditError, Journal, digest, place, sync
from nixpydoctor.edits.prepare import Surveyed, records, settle, staged
from nixpydoctor.edits.roots import needed, register
from nixpydoctor.edits.workplace import work
from nixpydoctor.facts import FsPath, join
from nixpydoctor.light import dataclass, replace
from nixpydoctor.treatments import Edit

__all__ = ["Applied", "EditError", "State", "apply", "state", "undo"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done."""

    base: FsPath
    changed: tuple[FsPath, ...]
    """Files replaced or made, RECORDs included."""
    remarks: tuple[str, ...] = ()
    """Sentences about what could not be done and does no harm now."""


@dataclass(frozen=True, slots=True)
class State:
    """How things stand below one folder since edits were made there."""

    base: FsPath
    remedies: tuple[str, ...] = ()
    standing: tuple[FsPath, ...] = ()
    """Files that are as the edits left them."""
    original: tuple[FsPath, ...] = ()
    """Files that have their original bytes again, without an undo: of an interrupted run, or reinstalled."""
    replaced: tuple[FsPath, ...] = ()
    """Files that somebody else changed, replaced or removed since."""
    moved_from: str | None = None
    """Where the folder was when the edits were made."""


def apply(edits: Sequence[Edit], base: FsPath, remedy: str, before: Surveyed, environ: Mapping[str, str]) -> Applied:
    """Make the edits below `base`, all or none. Raises `EditError`, with everything as it was."""
    with work(base) as old:
        standing, remarks = _ours(base, old)
        log.clear(base, old)
        os.makedirs(f"{place(base)}/new", exist_ok=True)
        files = [staged(number, edit, base, before, environ) for number, edit in enumerate(edits)]
        files += records(files, base)
        settle(files)
        fresh = extended(standing, files, base, remedy, needed(edits))
        sync(f"{place(base)}/new")
        log.write(base, fresh)
        remarks += register(base, fresh.roots, environ)
        exchange(files, base, old if old is not None else Journal(base))
        log.forget(base, old, fresh)
        log.clear(base, fresh)
        return Applied(base, tuple(item.path for item in files), remarks)


def _ours(base: FsPath, old: Journal | None) -> tuple[Journal, tuple[str, ...]]:
    """The journal without what an installer or somebody else replaced since: that begins anew."""
    if old is None:
        return Journal(base), ()
    now = _compared(base, old)
    kept = tuple(entry for entry in old.entries if join(base, entry.path) in now.standing)
    names = ", ".join(path[len(base) + 1 :] for path in now.replaced[:3]) + (" …" if len(now.replaced) > 3 else "")
    said = (f"Replaced by somebody since the last time, and no longer part of an undo: {names}.",)
    return replace(old, entries=kept), said if now.replaced else ()


def undo(base: FsPath) -> Applied | None:
    """Put every original back; None where there is nothing to undo. Raises `EditError`, with nothing touched."""
    if not os.path.isdir(place(base)):
        return None
    with work(base) as old:
        if old is None:
            log.clear(base, None)
            return None
        now = _compared(base, old)
        if now.replaced:
            names = ", ".join(path[len(base) + 1 :] for path in now.replaced[:5])
            more = f" and {len(now.replaced) - 5} more" if len(now.replaced) > 5 else ""
            raise EditError(
                f"Nothing was undone: {names}{more} changed again after the fix. Reinstall what it belongs to, or "
                f"remove {place(base)} to keep everything as it is now."
            )
        restored = [checked(base, entry) for entry in old.entries if join(base, entry.path) in now.standing]
        for entry in restored:
            restore(base, entry)
        for folder in {os.path.dirname(join(base, entry.path)) for entry in restored}:
            sync(folder)
        log.drop(base, old)
        return Applied(base, tuple(join(base, entry.path) for entry in restored))


def state(base: FsPath) -> State | None:
    """How things stand; None where no edit was made. Raises `EditError` for a journal that cannot be read."""
    found = log.read(base)
    return _compared(base, found) if found is not None else None


def _compared(base: FsPath, found: Journal) -> State:
    standing, original, replaced = [], [], []
    for entry in found.entries:
        path = join(base, entry.path)
        try:
            now = digest(path) if _unlinked(base, entry.path) else ""
        except OSError:
            now = ""
        if now == entry.before and (now is not None or not os.path.lexists(path)):
            original.append(path)
        elif now in entry.after:
            standing.append(path)
        else:
            replaced.append(path)
    moved = found.base if os.path.realpath(found.base) != os.path.realpath(base) else None
    return State(base, found.remedies, tuple(standing), tuple(original), tuple(replaced), moved)


def _unlinked(base: FsPath, path: str) -> bool:
    """Whether the way to a file leads through no symbolic link out of the folder."""
    folder = os.path.realpath(os.path.dirname(join(base, path)))
    return f"{folder}/".startswith(f"{os.path.realpath(base)}/")
