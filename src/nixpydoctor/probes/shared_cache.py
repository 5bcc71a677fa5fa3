"""Asks dyld which libraries its shared cache holds, on a Mac: since macOS 11 they are no files.

`_dyld_shared_cache_contains_path` is public (<mach-o/dyld.h>, macOS 11); CPython's ctypes asks it as well.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache

NAME = "_dyld_shared_cache_contains_path"


def contains(path: str) -> bool | None:
    """Whether this Mac's dyld has a library of that name; None where there is no dyld to be asked."""
    asks = _asking()
    return asks(path) if asks is not None else None


@cache
def _asking() -> Callable[[str], bool] | None:
    return of(None) if sys.platform == "darwin" else None


def of(library: str | None) -> Callable[[str], bool] | None:
    """The question as a library answers it, or (None) this process; None where it does not know it."""
    import ctypes  # 10 ms that only a Mac pays for

    try:
        function = getattr(ctypes.CDLL(library), NAME)
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_char_p]
    function.restype = ctypes.c_bool
    return lambda path: "\0" not in path and bool(function(os.fsencode(path)))
