"""Keeps of a stream, however long it is, what can matter: its beginning, its end, and what speaks of trouble between.

Memory is bounded by the three sizes below.
"""

from __future__ import annotations

HEAD = 256 * 1024
TAIL = 1024 * 1024
"""Bytes. What kills a program comes last."""
MIDDLE = 256 * 1024
_AROUND = 2048
"""Bytes kept before and after a word of trouble."""
_TROUBLE = (
    b"cannot open shared object", b"Original error was", b"undefined symbol", b"Library not loaded", b"ImportError",
    b"not found (required by", b"stub-ld", b"Error loading shared library", b"bad interpreter", b"ELF header",
    b"required file not found", b"Fatal Python error", b"symbol not found in", b"Symbol not found", b"ELFCLASS",
    b"No module named", b"from its source directory",
)  # fmt: skip


class Sieve:
    """Feed it bytes; ask for the text when there are no more."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes that were fed."""
        self.left_out = 0
        """Bytes that were not kept."""
        self._head = bytearray()
        self._tail = bytearray()
        self._middle = bytearray()

    def feed(self, data: bytes) -> None:
        """The next part of the stream."""
        self.size += len(data)
        room = HEAD - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        for start in range(0, len(data), TAIL):
            self._tail += data[start : start + TAIL]
            if len(self._tail) > 2 * TAIL:
                self._sift(bytes(self._tail[:-TAIL]))
                del self._tail[:-TAIL]

    def text(self) -> str:
        """What was kept; bytes that are no UTF-8 become the replacement character."""
        # Where nothing was left out the parts belong together, in the middle of a line as well.
        gap = b"\n" if self.left_out or self._middle else b""
        return gap.join(map(bytes, (self._head, self._middle, self._tail))).decode("utf-8", "replace")

    def _sift(self, data: bytes) -> None:
        places = sorted({place for word in _TROUBLE for place in [data.find(word)] if place >= 0})
        kept = end = 0
        for place in places:
            start, end = max(place - _AROUND, end), min(place + _AROUND, len(data))
            if len(self._middle) + end - start > MIDDLE:
                break
            self._middle += data[start:end] + b"\n"
            kept += end - start
        self.left_out += len(data) - kept
