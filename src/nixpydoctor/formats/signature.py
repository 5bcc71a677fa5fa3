"""Reads a slice's embedded code signature, and whether its first page is still the one that was signed.

The layout is that of xnu's osfmk/kern/cs_blobs.h, big-endian throughout. Tools that rewrite load commands, and Nix
where it replaces hashes in a finished output, change the first page; the kernel kills the process that touches it.
"""

from __future__ import annotations

import hashlib
import re
from struct import Struct, error

from nixpydoctor.darwin import Signature
from nixpydoctor.formats.headers import Read

SUPER_BLOB, CODE_DIRECTORY = 0xFADE0CC0, 0xFADE0C02
SLOT_DIRECTORY, SLOT_ENTITLEMENTS, FIRST_ALTERNATE, LAST_ALTERNATE = 0, 5, 0x1000, 0x1004
_LISTENS = re.compile(rb"com\.apple\.security\.cs\.allow-dyld-environment-variables</key>\s*<true\s*/>")
MAX_ENTITLEMENTS = 1 << 16
MAX_BLOBS = 64
MAX_DIRECTORY = 1 << 12
"""Bytes read of a code directory: its header, and as a rule the hash of the first page."""
MAX_PAGE = 1 << 20
HASHES = {1: ("sha1", 20), 2: ("sha256", 32), 3: ("sha256", 20), 4: ("sha384", 48)}
ADHOC, HARDENED = 0x2, 0x10000

_PAIR = Struct(">II")
_SUPER = Struct(">III")
_DIRECTORY = Struct(">9IBBBB")


def signature(read: Read, start: int, length: int, offset: int, size: int) -> Signature:
    """Judges the signature at `offset` (of `size` bytes) in the slice that begins at `start`: its first page only."""
    if offset + size > length or size < _SUPER.size:
        return Signature("unreadable")
    try:
        return _judge(read, start, length, offset, size)
    except error:
        return Signature("unreadable")


def _judge(read: Read, start: int, length: int, offset: int, size: int) -> Signature:
    blob = read(start + offset, min(size, _SUPER.size + MAX_BLOBS * _PAIR.size))
    magic, _, count = _SUPER.unpack_from(blob)
    if magic != SUPER_BLOB or not 0 < count <= MAX_BLOBS:
        return Signature("unreadable")
    flags, states, listens = 0, [], False
    for index in range(count):
        slot, place = _PAIR.unpack_from(blob, _SUPER.size + index * _PAIR.size)
        if slot == SLOT_DIRECTORY or FIRST_ALTERNATE <= slot <= LAST_ALTERNATE:
            if place >= size:
                return Signature("unreadable")
            flags, kept = _directory(read, start, length, offset + place, size - place)
            states.append(kept)
        elif slot == SLOT_ENTITLEMENTS and place < size:
            listens = _LISTENS.search(read(start + offset + place, min(size - place, MAX_ENTITLEMENTS))) is not None
    if not states:
        return Signature("unreadable")
    return Signature("kept" if all(states) else "stale", bool(flags & ADHOC), bool(flags & HARDENED), listens)


def _directory(read: Read, start: int, length: int, offset: int, size: int) -> tuple[int, bool]:
    """The flags of one code directory, and whether the first page still has the hash that stands there."""
    data = read(start + offset, min(size, MAX_DIRECTORY))
    magic, _, _, flags, hashes, _, _, slots, limit, width, kind, _, page = _DIRECTORY.unpack_from(data)
    if magic != CODE_DIRECTORY or kind not in HASHES or not slots:
        raise error("no code directory that can be judged")
    algorithm, known = HASHES[kind]
    wanted = data[hashes : hashes + width]
    if len(wanted) < width:
        wanted = read(start + offset + hashes, width) if hashes + width <= size else b""
    extent = min(limit, 1 << page if 0 < page < 32 else limit, length, MAX_PAGE)
    if width != known or len(wanted) != width:
        raise error("no hash of the first page")
    return flags, hashlib.new(algorithm, read(start, extent), usedforsecurity=False).digest()[:width] == wanted
