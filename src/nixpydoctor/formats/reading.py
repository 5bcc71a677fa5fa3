"""Reads a Python source in the cheapest way that tells the truth: at a glance, statement by statement, or whole."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from nixpydoctor.edges import Attempt, Handler, Import, Source, Step
from nixpydoctor.formats.chunks import Chunks
from nixpydoctor.formats.expressions import Plain
from nixpydoctor.formats.glance import Seen, glance
from nixpydoctor.formats.lowered import is_loading, names_in, near, walk
from nixpydoctor.formats.picking import Picking
from nixpydoctor.formats.reduced import reduce
from nixpydoctor.formats.source import lowered
from nixpydoctor.formats.statements import imports, raises_plainly
from nixpydoctor.formats.strings import strings

_FORM_FEED = re.compile(rb"(^|\n)[ \t\f]*\f")
_FAILURES = (SyntaxError, RecursionError, MemoryError)
_ABSENT = Handler(("ImportError",), "", ())
_ROUNDS = 8


def read(data: bytes, exact: bool = True) -> Source | None:
    """What importing this source executes; None where the tool's own Python cannot parse it.

    Not `exact`: a loose source will do, if it is faster to have.
    """
    if b"import" not in data:
        if not raises_plainly(data):
            return Source()
        if not exact:
            return Source(loose=True)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    if b"\f" in data:
        data = _FORM_FEED.sub(rb"\1", data)  # what follows stands in the first column (language reference 2.1.8)
    seen = glance(data) if not exact else None
    if seen is not None and (source := _as_seen(seen)) is not None:
        return source
    spans = strings(data, len(data))
    if spans is not None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _by_chunks(Chunks(data, spans))
        except _FAILURES:
            pass
    return whole(data)


def _as_seen(seen: Seen) -> Source | None:
    plain, unsure, guarded = [[_told(text) for text in texts] for texts in (seen.plain, seen.unsure, seen.guarded)]
    if None in plain or None in unsure or None in guarded:
        return None
    body: list[Step] = [*_flat(plain)]
    if seen.exact:
        return Source(tuple(body))
    body += [Attempt((step,), ()) for step in _flat(unsure)]
    body += [Attempt((step,), (_ABSENT,)) for step in _flat(guarded)]
    return Source(tuple(body), loose=True, flags=tuple(sorted(seen.flags)))


@lru_cache(maxsize=8192)
def _told(text: bytes) -> tuple[Import, ...] | None:
    """A plain import statement as it is kept: the same one for all sources, since the same few open most of them."""
    plain = imports(text)
    return _imports(plain) if plain is not None else None


def _flat(told: Iterable[tuple[Import, ...] | None]) -> list[Import]:
    return [step for steps in told if steps for step in steps]


def whole(data: bytes) -> Source | None:
    """The same from the whole file's syntax tree."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reduce(lowered(data))
    except _FAILURES:
        return None


def _by_chunks(chunks: Chunks) -> Source:
    picking = Picking(chunks)
    texts = picking.first()
    done: dict[int, list[Any]] = {}
    used: set[str] = set()
    beside: set[str] = set()
    seen: set[int] = set()
    for _ in range(_ROUNDS):
        for place in sorted(texts.keys() - done.keys()):
            plain = imports(texts[place])
            if plain is None:
                done[place] = lowered(texts[place], chunks.line(place))
                used.update(done[place][2])
            else:
                done[place] = [plain, [], []]
            beside.update(name for name in near(walk(done[place][0])) if is_loading(name))
        wider = picking.rescuing(_called_by_handlers(done.values())) if chunks.functions else set()
        wider |= (picking.assigning(used) if used else set()) | (picking.calling(beside) if beside else set())
        more = wider - texts.keys() - seen
        seen |= wider
        if not more:
            break
        texts.update(picking.texts(more))
    order = sorted(done)
    body = [step for place in order for step in done[place][0]]
    if not used and all(step[0] == "import" for step in body):
        return Source(_imports(body))
    return reduce([body, [function for place in order for function in done[place][1]]])


def _called_by_handlers(pieces: Iterable[list[Any]]) -> set[str]:
    """Names that the handlers of lowered statements read, and names that functions of these names read."""
    pieces = list(pieces)
    handlers = [block for piece in pieces for step in walk(piece[0]) if step[0] == "try" for _, _, block in step[2]]
    if not any(handlers):
        return set()
    found = names_in(handlers)
    bodies = {made[0]: made[4] for piece in pieces for made in piece[1]}
    waiting = found & bodies.keys()
    while waiting:
        read_there = names_in(bodies.pop(waiting.pop()))
        found |= read_there
        waiting |= read_there & bodies.keys()
    return found


def _imports(body: Iterable[Plain]) -> tuple[Import, ...]:
    return tuple([Import(step[1], tuple([pair[0] for pair in step[2]])) for step in body])
