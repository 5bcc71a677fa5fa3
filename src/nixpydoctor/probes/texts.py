"""Searches the part of an object that a loader maps for texts, without reading the rest.

Debug information, symbol tables and whatever was appended to a program are no part of it: of a program of hundreds of
megabytes that is mostly all.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from struct import error

from nixpydoctor.files import Files
from nixpydoctor.formats.headers import HEAD, RefusedError, program_headers


class Texts:
    """The texts of one object; none where it cannot be read, or is no object."""

    def __init__(self, path: str, files: Files) -> None:
        self._path = path
        self._files = files
        self._data: mmap.mmap | None = None
        self._ranges: tuple[tuple[int, int], ...] = ()

    def __enter__(self) -> Texts:
        with suppress(OSError, ValueError, RefusedError, error), open(self._files.at(self._path), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._data = data
            segments = program_headers(lambda offset, length: data[offset : offset + length], data[:HEAD], size)
            self._ranges = tuple((offset, offset + length) for _, offset, length in segments.loads)
        return self

    def __exit__(self, *_: object) -> None:
        if self._data is not None:
            self._data.close()

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def has(self, text: bytes) -> bool:
        """Whether it holds these bytes."""
        return self.any(text) is not None

    def any(self, *texts: bytes, most: int | None = None) -> bytes | None:
        """Whichever of these stands first in it. An expression on mapped memory is the fastest search there is here."""
        match = next(self.each(re.compile(b"|".join(map(re.escape, texts))), most), None)
        return match[0] if match is not None else None

    def first(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """The first place that a pattern fits."""
        return next(self.each(pattern), None)

    def each(self, pattern: re.Pattern[bytes], most: int | None = None) -> Iterator[re.Match[bytes]]:
        """Every place that a pattern fits, found as it is asked for; at `most` so many bytes are looked through."""
        data = self._data
        if data is None:
            return
        left = sum(end - begin for begin, end in self._ranges) if most is None else most
        for begin, end in self._ranges:
            yield from pattern.finditer(data, begin, min(end, begin + left))
            left = max(0, left - (end - begin))
