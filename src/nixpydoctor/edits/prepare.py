"""Makes every new file beside the journal, and refuses what must not be replaced. Nothing of the user's is touched."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping, Sequence

from nixpydoctor.edits.journal import EditError, digest, place
from nixpydoctor.edits.patch import patched, patchelf, surveyed
from nixpydoctor.edits.record import amended
from nixpydoctor.facts import Elf, FsPath, Object, Unread, in_store
from nixpydoctor.light import dataclass
from nixpydoctor.treatments import Edit, WriteText

Surveyed = Callable[[FsPath], tuple[Object, ...] | Unread | None]
"""What the plan was made from: what stood at a path when it was surveyed."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that is ready to take its place."""

    path: FsPath
    new: FsPath
    status: os.stat_result | None
    """Of the original when it was read; None where there was none."""
    before: str | None
    after: str


def staged(number: int, edit: Edit, base: FsPath, before: Surveyed, environ: Mapping[str, str]) -> Staged:
    """The new file, ready beside the journal."""
    new = FsPath(f"{place(base)}/new/{number}")
    if isinstance(edit, WriteText):
        _inside(edit.path, base)
        if os.path.lexists(edit.path):
            raise EditError(f"{edit.path} is there already, and it is yours: put the text into it yourself.")
        _write(new, edit.text.encode("utf-8", "surrogateescape"))
        return Staged(edit.path, new, None, None, _digest_of(new))
    status = _writable(edit.path, base)
    known, now = before(edit.path), surveyed(edit.path)
    if not isinstance(now, Elf) or known != (now,):
        raise EditError(f"{edit.path} has changed since it was examined. Nothing was touched; try again.")
    shutil.copyfile(edit.path, new)
    original = _digest_of(new)
    patched(patchelf(environ), edit, now, new, environ)
    _dress(new, edit.path, status)
    return Staged(edit.path, new, status, original, _digest_of(new))


def records(files: Sequence[Staged], base: FsPath) -> list[Staged]:
    """The RECORDs that go with changed files."""
    found = []
    changed = {item.path: item.new for item in files if item.status is not None}
    for number, (path, data) in enumerate(amended(base, changed).items(), len(files)):
        status = _writable(path, base)
        new = FsPath(f"{place(base)}/new/{number}")
        original = _digest_of(path)
        _write(new, data)
        _dress(new, path, status)
        found.append(Staged(path, new, status, original, _digest_of(new)))
    return found


def _writable(path: FsPath, base: FsPath) -> os.stat_result:
    """The file's status, if it is one that may be replaced. Raises `EditError`."""
    _inside(path, base)
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        why = "is a symbolic link to a file that others may use: install it with copies (uv: --link-mode=copy)"
    elif not stat.S_ISREG(status.st_mode):
        why = "is no regular file"
    elif status.st_uid != os.geteuid():
        why = f"belongs to another user (uid {status.st_uid}): run this as that user"
    elif not status.st_mode & stat.S_IWUSR:
        why = "is read-only: somebody did not want it changed; chmod u+w it if you do"
    elif not os.access(os.path.dirname(path), os.W_OK | os.X_OK):
        why = "lies in a folder that this user may not write"
    else:
        return status
    raise EditError(f"{path} {why}. Nothing was touched.")


def _inside(path: FsPath, base: FsPath) -> None:
    folder = os.path.realpath(os.path.dirname(path))
    if in_store(f"{folder}/"):
        raise EditError(f"{path} lies in the Nix store, where nothing is ever changed. Nothing was touched.")
    if not f"{folder}/".startswith(f"{os.path.realpath(base)}/") or not path.startswith(f"{base}/"):
        raise EditError(f"{path} lies outside of {base}. Nothing was touched.")


def _write(path: FsPath, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)


def _dress(new: FsPath, path: FsPath, status: os.stat_result) -> None:
    """Give the new file the group, mode, times and attributes of the old one."""
    if os.stat(new).st_gid != status.st_gid:
        os.chown(new, -1, status.st_gid)
    shutil.copystat(path, new)


def _digest_of(path: str) -> str:
    found = digest(path)
    if found is None:
        raise EditError(f"{path} vanished meanwhile. Nothing was touched; try again.")
    return found


def settle(files: Sequence[Staged]) -> None:
    """Have the new files on the disk: all at once, so that none waits for the one before it."""
    for item in files:
        handle = os.open(item.new, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
