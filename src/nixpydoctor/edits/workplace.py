"""One at a time below one folder, and what the system refuses said in a sentence."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from nixpydoctor.edits import journal as log
from nixpydoctor.edits.journal import EditError, Journal, place
from nixpydoctor.facts import FsPath, in_store


@contextmanager
def work(base: FsPath) -> Iterator[Journal | None]:
    """The journal, while nobody else works on this folder. What the system refuses becomes a sentence."""
    handle = None
    try:
        if in_store(os.path.realpath(base)):
            raise EditError(f"{base} lies in the Nix store, where nothing is ever changed.")
        handle = _locked(base)
        yield log.read(base)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise EditError(f"{_refusal(error, base)}{where} Nothing was changed.") from error
    finally:
        if handle is not None:
            with suppress(OSError, EditError):
                log.leave(base)
            os.close(handle)


def _refusal(error: OSError, base: str) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"There is not enough room for the new files below {base}: free some and try again."
    if error.errno == errno.EROFS:
        return f"{base} is on a file system that is read-only."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{base} may not be written by this user: run it as the owner."
    return f"The edits below {base} failed: {error.strerror or error}."


def _locked(base: FsPath) -> int:
    """A handle that holds the folder's lock until it is closed. Raises `EditError` where somebody else has it."""
    import fcntl

    folder = place(base)
    while True:
        with suppress(FileExistsError):
            os.mkdir(folder)
            with open(f"{folder}/.gitignore", "w", encoding="ascii") as file:
                file.write("*\n")
        if os.path.islink(folder) or not os.path.isdir(folder):
            raise EditError(f"{folder} is no folder: move it away, it belongs to nixpydoctor.")
        try:
            handle = os.open(f"{folder}/lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        except FileNotFoundError:  # the folder was removed meanwhile by who had the lock
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.stat(f"{folder}/lock").st_ino == os.fstat(handle).st_ino:
                return handle
        except BlockingIOError:
            os.close(handle)
            raise EditError(f"Another nixpydoctor is at work on {base}: wait until it is done.") from None
        except FileNotFoundError:
            pass
        os.close(handle)
