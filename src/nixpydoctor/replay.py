"""Facts to JSON and back: a bug report is a file, and the file gives the same report on another machine.

Driven by the annotations of `facts`, `edges` and `disk`: a field that is added there is recorded here. The text is
ASCII, so that a path that is no UTF-8 survives as a lone surrogate (PEP 383).
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from nixpydoctor import __version__
from nixpydoctor.codec import Codecs, MisfitError
from nixpydoctor.darwin import MachO
from nixpydoctor.disguise import Disguise, Owner
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Facts
from nixpydoctor.light import replace
from nixpydoctor.recording import Recording

FACTS_VERSION = 1

_GZIP = b"\x1f\x8b"


class FactsFileError(ValueError):
    """These bytes are no facts that this version can replay; the text says why, without a full stop."""


def to_plain(facts: Facts, owner: Owner | None = None) -> dict[str, Any]:
    """The facts and every answer their disk has given so far, as what JSON can hold."""
    recording = facts.disk.recorded()
    disguise = Disguise(owner or Owner(), recording.names)
    codecs = _codecs()
    return {
        "facts_version": FACTS_VERSION,
        "tool": __version__,
        "facts": codecs.of(Facts).encode(facts, disguise),
        "disk": codecs.of(Recording).encode(disguise.recording(recording), disguise),
    }


def from_plain(plain: object) -> Facts:
    """The facts that `to_plain` made this of, on a disk that only remembers. Raises `FactsFileError`."""
    if not isinstance(plain, dict) or "facts_version" not in plain:
        raise FactsFileError("it holds no facts_version")
    version = plain["facts_version"]
    if version != FACTS_VERSION:
        raise FactsFileError(f"its facts_version is {str(version)[:20]!a}, and this version reads {FACTS_VERSION}")
    codecs = _codecs()
    try:
        recording: Recording = codecs.of(Recording).decode(plain.get("disk"))
        facts: Facts = codecs.of(Facts).decode(plain.get("facts"))
    except MisfitError as error:
        raise FactsFileError(f"a value does not fit: {error}") from error
    except RecursionError as error:
        raise FactsFileError("it is nested too deeply") from error
    return replace(facts, disk=Disk.replayed(recording))


def dump(facts: Facts, owner: Owner | None = None) -> bytes:
    """A facts file without traces of its owner."""
    return json.dumps(to_plain(facts, owner), ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def load(data: bytes, limit: int = 2**31) -> Facts:
    """The facts of a file, plain or compressed with gzip, of at most `limit` bytes. Raises `FactsFileError`."""
    try:
        plain = json.loads(_unpacked(data, limit))
    except (ValueError, RecursionError) as error:
        if isinstance(error, FactsFileError):
            raise
        raise FactsFileError("it is not JSON, or it ends too early") from error
    return from_plain(plain)


def _unpacked(data: bytes, limit: int) -> bytes:
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, limit)
    except zlib.error as error:
        raise FactsFileError("it is compressed and damaged") from error
    if unpacker.unconsumed_tail:
        raise FactsFileError(f"unpacked, it is larger than {limit // 2**20} MiB")
    return plain


def _codecs() -> Codecs:
    """Facts hold their disk; a file holds what the disk was asked."""
    return Codecs({"Disk": Disk, "MachO": MachO}, {Disk: lambda: Disk(None)})
