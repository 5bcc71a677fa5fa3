"""Reads which symbols an ELF object takes from others and which it gives, as glibc's loader sees them.

Follows `check_match` and `do_lookup_x` in glibc's elf/dl-lookup.c. Thousands of names are read for each object, so the
tables are taken apart by slices, not entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from struct import calcsize, unpack, unpack_from

from nixpydoctor.formats.hashes import gnu_hash
from nixpydoctor.formats.headers import ABSENT, HEAD, Dynamic, Read, dynamic_section, program_headers
from nixpydoctor.formats.string_tables import distinct, strings

DT_PLTRELSZ, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_STRSZ = 2, 4, 5, 6, 7, 8, 10
DT_REL, DT_RELSZ, DT_PLTREL, DT_JMPREL, DT_BIND_NOW, DT_FLAGS = 17, 18, 20, 23, 24, 30
DT_GNU_HASH, DT_VERSYM, DT_FLAGS_1 = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFB
DF_BIND_NOW, DF_1_NOW = 8, 1
STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE = 1, 2, 10
STT_TLS, SHN_ABS = 6, 0xFFF1
MAX_SYMBOLS = 1 << 20
MAX_RELOCATIONS = 1 << 26
"""Bytes. The largest libraries that wheels bring have a third of each; a file with holes may promise any number."""
AT_ONCE = 1 << 20
"""Bytes of relocations that are taken apart at once: as numbers they are four times as large."""
HIDDEN = 0x8000
_DEFINING = bytes(
    kind & 15 in (0, 1, 2, 5, 6, 10) and kind >> 4 in (STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE) for kind in range(256)
)
"""Types that satisfy a reference: none, object, function, common, thread-local, indirect function."""
_STRONG = bytes(kind >> 4 == STB_GLOBAL for kind in range(256))
_ODD = bytes(byte | 1 for byte in range(256))
_ZERO = bytes(byte == 0 for byte in range(256))
_NONZERO = bytes(byte != 0 for byte in range(256))
_PLAIN = bytes(low < 2 for low in range(256))
_BASE = bytes(low < 3 for low in range(256))
_SHOWN = bytes(high < HIDDEN >> 8 for high in range(256))
_UNHIDDEN = bytes(high in (0, HIDDEN >> 8) for high in range(256))


class Symbols:
    """The dynamic symbols of one object, read as far as they are asked for. Raises `RefusedError` or `struct.error`."""

    def __init__(self, read: Read, size: int, known: Dynamic | None = None) -> None:
        self._read = read
        self._size = size
        self._segments, self._tags = known or _dynamic(read, size)
        self._order = self._segments.shape.order
        self._wide = self._segments.shape.bits == 64
        self._entry = 24 if self._wide else 16

    def wanted(self, known: frozenset[bytes] = frozenset(), *, every: bool = False) -> list[bytes]:
        """Names of the strong undefined symbols, in the order of their table, without those in `known`.

        A symbol that wants a version counts only where `every`: its provider was asked for that version already.
        """
        table = self._table(1, self._undefined())
        mask = self._kinds(table).translate(_STRONG)
        for half in self._sections(table):
            if half.count(0) < len(half):
                mask = _both(mask, half.translate(_ZERO))
        if not every and (versions := self._versions(1, len(mask))) is not None:
            low, high = versions
            mask = _both(mask, low.translate(_PLAIN))
            if high.translate(None, b"\0\x80"):
                mask = _both(mask, high.translate(_UNHIDDEN))
        texts = self._texts(distinct, list(compress(self._names(table), mask)))
        return [] if known.issuperset(texts) else [text for text in texts if text not in known]

    def defined(self) -> frozenset[bytes]:
        """Names that a reference without a version finds here."""
        first, end = self._hashed()
        table = self._table(first, end)
        kinds = self._kinds(table)
        whole = _both(kinds.translate(_DEFINING), _any(self._sections(table)))
        placed = _any(self._values(table))
        doubtful = _both(whole, placed.translate(_ZERO))
        mask = bytearray(_both(whole, placed))
        if 1 in doubtful:  # an address of zero is none, but may be an absolute value or a thread's first variable
            for number in compress(range(len(mask)), doubtful):
                mask[number] = self._anywhere(table, number)
        if (taken := self._taken(first, len(kinds))) is not None:
            mask = bytearray(_both(mask, taken))
        return frozenset(self._texts(distinct, list(compress(self._names(table), mask))))

    def hashes(self) -> frozenset[int] | None:
        """`hashed` of each name that a reference without a version finds here; None where names must be read for that.

        DT_GNU_HASH has them in a row, so a library of ten thousand names costs what reading its size costs.
        """
        if self._place(DT_GNU_HASH) is None:
            return None
        first, end = self._hashed()
        chain = self._chain()
        if chain is None or not first < end <= MAX_SYMBOLS or self._taken(first, end - first) is not None:
            return None
        row = bytearray(self._read(chain, (end - first) * 4))
        count = len(row) // 4
        lowest = slice(0 if self._order == "<" else 3, count * 4, 4)
        row[lowest] = row[lowest].translate(_ODD)
        return frozenset(unpack(f"{self._order}{count}I", row[: count * 4]))

    def bound(self, names: Iterable[bytes], *, lazy: bool = False) -> list[bytes]:
        """Those of the undefined names that a relocation speaks of, in the order of these: nobody looks others up.

        `lazy`: only what is bound before the first call, as at the start of a program.
        """
        wanted = set(names)
        texts = self._texts(strings, self._names(self._table(0, self._undefined())))
        numbers = {place: text for place, text in enumerate(texts) if text in wanted}
        return [numbers[place] for place in self._used(lazy) if place in numbers]

    # ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _place(self, tag: int) -> int | None:
        return self._segments.offset(self._tags.get(tag))

    def _table(self, first: int, end: int) -> bytes:
        """The symbols from `first` to before `end`, as they stand in the file."""
        place = self._place(DT_SYMTAB)
        count = min(end, MAX_SYMBOLS) - first
        if place is None or count <= 0:
            return b""
        table = self._read(place + first * self._entry, count * self._entry)
        return table[: len(table) // self._entry * self._entry]

    def _names(self, table: bytes) -> tuple[int, ...]:
        """Offset of each name."""
        count = len(table) // self._entry
        column = bytearray(count * 4)
        for place in range(4):
            column[place::4] = table[place :: self._entry]
        return unpack(f"{self._order}{count}I", column)

    def _kinds(self, table: bytes) -> bytes:
        """Binding (upper half) and type of each."""
        return table[4::24] if self._wide else table[12::16]

    def _sections(self, table: bytes) -> tuple[bytes, bytes]:
        """The section of each, byte by byte: what is zero in both is undefined."""
        return (table[6::24], table[7::24]) if self._wide else (table[14::16], table[15::16])

    def _values(self, table: bytes) -> list[bytes]:
        """The address of each, byte by byte."""
        first, width = (8, 8) if self._wide else (4, 4)
        return [table[place :: self._entry] for place in range(first, first + width)]

    def _anywhere(self, table: bytes, number: int) -> bool:
        """Whether a symbol is what it is whatever its address: an absolute value, or a variable of each thread."""
        kind, _, section = unpack_from(f"{self._order}BBH", table, number * self._entry + (4 if self._wide else 12))
        return bool(kind & 15 == STT_TLS or section == SHN_ABS)

    def _versions(self, first: int, count: int) -> tuple[bytes, bytes] | None:
        """Lower and upper half of each symbol's version number; None in an object without any."""
        place = self._place(DT_VERSYM)
        if place is None:
            return None
        data = self._read(place + first * 2, count * 2)
        return (data[::2], data[1::2]) if self._order == "<" else (data[1::2], data[::2])

    def _texts(self, take: Callable[[Read, int, Sequence[int]], list[bytes]], offsets: Sequence[int]) -> list[bytes]:
        place = self._place(DT_STRTAB)
        return [] if place is None else take(self._read, place, offsets)

    def _undefined(self) -> int:
        """The number of the first symbol that is not undefined, as far as the hash table tells; else their count."""
        place = self._place(DT_GNU_HASH)
        if place is None:
            return self._count()
        buckets, first, words, _ = self._numbers(place, 4)
        if first > 1:
            return first
        table = place + 16 + words * (8 if self._wide else 4)
        return self._count() if not any(self._numbers(table, min(buckets, MAX_SYMBOLS))) else first

    def _hashed(self) -> tuple[int, int]:
        """The symbols that a look-up finds, from the first to before the last."""
        place = self._place(DT_GNU_HASH)
        if place is None:
            return 1, self._count()
        buckets, first, words, _ = self._numbers(place, 4)
        table = place + 16 + words * (8 if self._wide else 4)
        last = max(self._numbers(table, min(buckets, MAX_SYMBOLS)), default=0)
        if last < first:
            return first, first
        chain = table + buckets * 4
        for start in range(last - first, MAX_SYMBOLS, 64):
            for step, value in enumerate(self._numbers(chain + start * 4, 64, short=True)):
                if value & 1:
                    return first, first + start + step + 1
        return first, last + 1

    def _taken(self, first: int, count: int) -> bytes | None:
        """1 for each symbol whose version a reference without one takes, else 0; None where all are such."""
        low, high = self._versions(first, count) or (b"", b"")
        if not high.translate(None, b"\0"):
            return None
        return _any([high.translate(_SHOWN), _both(high.translate(_UNHIDDEN), low.translate(_BASE))])

    def _chain(self) -> int | None:
        """Where DT_GNU_HASH has the hash of its first symbol; those of the others follow."""
        place = self._place(DT_GNU_HASH)
        if place is None:
            return None
        buckets, _, words, _ = self._numbers(place, 4)
        return place + 16 + words * (8 if self._wide else 4) + buckets * 4

    def _count(self) -> int:
        """How many symbols there are: DT_HASH says it, else the next table begins where they end."""
        place = self._place(DT_HASH)
        if place is not None:
            return min(self._numbers(place, 2)[1], MAX_SYMBOLS)
        begin, end = self._tags.get(DT_SYMTAB, 0), self._tags.get(DT_STRTAB, 0)
        if begin < end:
            return min((end - begin) // self._entry, MAX_SYMBOLS)
        return max(self._used(lazy=False), default=0) + 1

    def _used(self, lazy: bool) -> list[int]:
        """Numbers of the symbols that relocations speak of, in their order, each once."""
        with_addend = calcsize(f"{self._order}{'QQq' if self._wide else 'IIi'}")
        without = with_addend * 2 // 3
        parts = [(DT_RELA, DT_RELASZ, with_addend), (DT_REL, DT_RELSZ, without)]
        if not lazy or self._now:
            parts.append(
                (DT_JMPREL, DT_PLTRELSZ, with_addend if self._tags.get(DT_PLTREL, DT_RELA) == DT_RELA else without)
            )
        used: dict[int, None] = {}
        for tag, length, entry in parts:
            place = self._place(tag)
            if place is None:
                continue
            end = place + min(self._tags.get(length, 0), self._size, MAX_RELOCATIONS)
            step = AT_ONCE // entry * entry
            for start in range(place, end, step):
                used.update(self._spoken_of(self._read(start, min(step, end - start)), entry))
        return [number for number in used if number < MAX_SYMBOLS]

    def _spoken_of(self, relocations: bytes, entry: int) -> dict[int, None]:
        """The symbol of each relocation of `entry` bytes, in their order, each once."""
        word, kind, shift = (8, "Q", 32) if self._wide else (4, "I", 8)
        count = len(relocations) // entry
        infos = unpack(f"{self._order}{count * entry // word}{kind}", relocations[: count * entry])
        return dict.fromkeys([info >> shift for info in infos[1 :: entry // word]])

    @property
    def _now(self) -> bool:
        flags, flags_1 = self._tags.get(DT_FLAGS, 0), self._tags.get(DT_FLAGS_1, 0)
        return self._tags.get(DT_BIND_NOW) != ABSENT or bool(flags & DF_BIND_NOW or flags_1 & DF_1_NOW)

    def _numbers(self, place: int, count: int, *, short: bool = False) -> tuple[int, ...]:
        data = self._read(place, count * 4)
        if short:
            count = len(data) // 4
        return unpack(f"{self._order}{count}I", data[: count * 4])


def hashed(name: bytes) -> int:
    """What a table has for a name: its hash with the lowest bit set, since tables use that bit for the end of a row.

    Two names whose hashes differ in that bit alone share it, such as those of two functions whose last parameters are
    `long` and `unsigned long`. The loader goes on to compare names; whoever asks here may be told of the other one's.
    """
    return gnu_hash(name) | 1


def _dynamic(read: Read, size: int) -> Dynamic:
    head = read(0, HEAD)
    segments = program_headers(read, head, size)
    return Dynamic(segments, dynamic_section(read, head, segments)[0])


def _both(one: bytes | bytearray, other: bytes) -> bytes:
    """1 where both masks have it; as long as the first."""
    count = len(one)
    return (int.from_bytes(one, "little") & int.from_bytes(other[:count], "little")).to_bytes(count, "little")


def _any(masks: Sequence[bytes]) -> bytes:
    """1 where one of these is not zero."""
    union = 0
    for mask in masks:
        union |= int.from_bytes(mask, "little")
    return union.to_bytes(len(masks[0]), "little").translate(_NONZERO)
