"""Lowered syntax → `Source`: what can neither import, open, nor decide about one of these is left out.

A backward slice: a statement is kept for what it does, an assignment for a kept statement that uses its name.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from nixpydoctor.edges import Import, Source
from nixpydoctor.formats.built import a_function, a_step
from nixpydoctor.formats.chunks import Chunks
from nixpydoctor.formats.glance import simple
from nixpydoctor.formats.source import OPENERS, Plain, lowered
from nixpydoctor.formats.statements import IMPORTER, LOADING, imports

_LOADING = re.compile(LOADING.pattern.decode())
_IMPORTER = re.compile(IMPORTER.pattern.decode())
_FAILURES = (SyntaxError, RecursionError, MemoryError)
_ROUNDS = 8


def read(data: bytes) -> Source | None:
    """What importing this source executes; None where the tool's own Python cannot parse it."""
    if b"import" not in data:
        return Source()
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    found = simple(data)
    if found is not None:
        lowered_ = [imports(text) for text in found]
        if None not in lowered_:
            return _imports_only(step for plain in lowered_ if plain for step in plain)
    chunks = Chunks(data)
    texts = chunks.picked()
    if texts is not None:
        try:
            return _by_chunks(chunks, texts)
        except _FAILURES:
            pass
    return whole(data)


def whole(data: bytes) -> Source | None:
    """The same from the whole file's syntax tree."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reduce(lowered(data))
    except _FAILURES:
        return None


def _by_chunks(chunks: Chunks, texts: dict[int, bytes]) -> Source:
    done: dict[int, list[Any]] = {}
    used: set[str] = set()
    near: set[str] = set()
    seen: set[int] = set()
    for _ in range(_ROUNDS):
        for place in texts.keys() - done.keys():
            plain = imports(texts[place])
            if plain is None:
                done[place] = _lowered(texts[place], chunks.line(place))
                used.update(done[place][2])
            else:
                done[place] = [plain, []]
            near.update(name for name in _near(done[place][0]) if _LOADING.search(name))
        wider = chunks.raising(_rescuing(done[place][0] for place in done)) if chunks.functions else set()
        wider |= (chunks.assigning(used) if used else set()) | (chunks.calling(near) if near else set())
        more = chunks.texts(wider - texts.keys() - seen) if wider else {}
        seen |= wider
        if not more:
            break
        texts.update(more)
    order = sorted(done)
    body = [step for place in order for step in done[place][0]]
    if not used and all(step[0] == "import" for step in body):
        return _imports_only(body)
    return reduce([body, [function for place in order for function in done[place][1]]])


def _rescuing(bodies: Iterable[list[Plain]]) -> set[str]:
    """Names that the handlers of lowered statements read."""
    handlers = [block for body in bodies for step in _walk(body) if step[0] == "try" for _, _, block in step[2]]
    return _names_in(handlers) if handlers else set()


def _imports_only(body: Iterable[Plain]) -> Source:
    return Source(tuple([Import(step[1], tuple([pair[0] for pair in step[2]])) for step in body]))


def _lowered(text: bytes, offset: int) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lowered(text, offset)


def _names_in(item: list[Any]) -> set[str]:
    """Every name that is read in a piece of lowered syntax."""
    names: set[str] = set()
    waiting = [item]
    while waiting:
        here = waiting.pop()
        if len(here) == 2 and here[0] == "name" and isinstance(here[1], str):
            names.add(here[1])
        else:
            waiting += [part for part in here if type(part) is list]
    return names


def _near(body: list[Plain]) -> set[str]:
    """Names imported from beside the module: calling one may load something."""
    return {local for step in _walk(body) if step[0] == "import" and step[1].startswith(".") for _, local in step[2]}


def _walk(body: Iterable[Plain]) -> Iterator[Plain]:
    for step in body:
        yield step
        for block in _blocks(step):
            yield from _walk(block)


def _is_flag(step: Plain) -> bool:
    """A name that tells later, perhaps another module, how a `try` went."""
    return step[0] == "bind" and step[2][0] == "const" and (step[2][1] is None or isinstance(step[2][1], bool))


def _blocks(step: Plain) -> list[list[Plain]]:
    kind = step[0]
    if kind == "branch":
        return [step[2], step[3]]
    if kind == "loop":
        return [step[3], step[4]]
    if kind == "try":
        return [step[1], *(handler[2] for handler in step[2]), step[3], step[4]]
    return []


def reduce(plain: list[Any]) -> Source:
    """Keep what matters of a lowered module."""
    body, made = plain[:2]
    functions = {function[0]: function for function in made}
    matters: set[str] = set()
    while functions:
        found = {name for name, function in functions.items() if _does(function[4], matters)}
        if found == matters:
            break
        matters = found
    always = {name for name in matters if name != "__getattr__" and _outside(functions[name])}
    hot = frozenset(matters | _near(body))
    rescuers = frozenset(name for name, made in functions.items() if any(step[0] == "raise" for step in _walk(made[4])))
    used = {step[1] for step in body if step[0] == "bind" and _is_of_platform(step[2])}
    used |= {step[1] for outer in _walk(body) if outer[0] == "try" for step in _walk([outer]) if _is_flag(step)}
    slices: dict[str, tuple[list[Plain], set[str]]] = {}

    def read_by(name: str) -> set[str]:
        """Names that a function reads."""
        if name not in slices:
            kept, names = _slice(functions[name][4], hot, set(), rescuers)
            slices[name] = (kept, names | _names_in(functions[name][3]))
        return slices[name][1]

    while True:
        kept, used = _slice(body, hot, used, rescuers)
        wanted = _reached((used & functions.keys()) | always, functions.keys(), read_by)
        grown = used.union(*[read_by(name) for name in wanted])
        if grown == used:
            break
        used = grown
    return Source(
        tuple([a_step(step, used) for step in kept]),
        tuple([a_function(functions[name], slices[name][0]) for name in functions if name in wanted]),
    )


def _slice(
    body: list[Plain], hot: frozenset[str], used: set[str], rescuers: frozenset[str]
) -> tuple[list[Plain], set[str]]:
    """Statements that are kept, and every name that these read."""
    while True:
        kept = _prune(body, hot, used, rescuers)
        names = _names_in([step for step in kept if step[0] != "import"])
        if names <= used:
            return kept, used
        used = used | names


_PLATFORM = frozenset({("sys", "platform"), ("os", "name"), ("platform", "system"), ("sys", "version_info")})


def _is_of_platform(term: Plain) -> bool:
    """Whether a value is computed from what the platform or the version is."""
    if term[0] == "attr" and term[2][0][0] == "name" and (term[2][0][1], term[1]) in _PLATFORM:
        return True
    return len(term) > 2 and any(_is_of_platform(part) for part in term[2])


def _outside(function: Plain) -> bool:
    """Whether another module may call it for what it opens: it does so by a computed name, or is called like that."""
    return _IMPORTER.search(function[0]) is not None or _does_dynamically(function[4])


def _reached(names: set[str], functions: Collection[str], read_by: Callable[[str], set[str]]) -> set[str]:
    """Functions of these names, and those that they name."""
    reached: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= {inner for inner in read_by(name) if inner in functions} - reached
    return reached


def _does(body: list[Plain], matters: set[str]) -> bool:
    """Whether a function's body imports, opens, or calls a function that does."""
    return any(step[0] == "import" or any(_hot(term, matters) for term in _terms_of(step)) for step in _walk(body))


def _terms_of(step: Plain) -> list[Plain]:
    kind = step[0]
    if kind == "bind":
        return [step[2]]
    if kind in ("run", "ask", "branch"):
        return [step[1]]
    if kind == "loop":
        return [step[2]]
    if kind in ("raise", "leave"):
        return [part for part in step[1:] if isinstance(part, list)]
    return []


def _hot(term: Plain, callees: Iterable[str]) -> bool:
    """Whether evaluating the term may import or open something."""
    if term[0] in ("name", "attr") and term[1] in OPENERS:
        return True
    if len(term) < 3:
        return False
    if term[0] == "call":
        root = callee = term[2][0]
        while root[0] == "attr":
            root = root[2][0]
        if root[0] == "name" and root[1] in callees and (root is callee or _LOADING.search(f"{root[1]}.{callee[1]}")):
            return True
    return any(_hot(part, callees) for part in term[2])


def _does_dynamically(body: list[Plain]) -> bool:
    return any(_hot(term, ()) for step in _walk(body) for term in _terms_of(step))


def _prune(body: list[Plain], hot: frozenset[str], used: set[str], rescuers: frozenset[str]) -> list[Plain]:
    """What is kept. `rescuers` raise in the end: a call of one in a handler decides."""
    kept: list[Plain] = []
    for step in body:
        kind = step[0]
        if kind == "bind":
            if step[1] in used or _hot(step[2], hot):
                kept.append(step)
        elif kind == "run":
            if _hot(step[1], hot) or _mutates(step[1], used):
                kept.append(step)
        elif kind == "branch":
            kept.extend(_pruned_branch(step, hot, used, rescuers))
        elif kind == "loop":
            inner, after = _prune(step[3], hot, used, rescuers), _prune(step[4], hot, used, rescuers)
            if any(part[0] != "leave" for part in inner) or after:
                kept.append(["loop", step[1], step[2], inner, after])
        elif kind == "try":
            inner = _prune(_asking(step), hot, used, rescuers)
            rest = [_prune(step[3], hot, used, rescuers), _prune(step[4], hot, used, rescuers)]
            if inner:
                handlers = [
                    [kinds, name, _prune(block, hot | rescuers, used, rescuers)] for kinds, name, block in step[2]
                ]
                kept.append(["try", inner, handlers, *rest])
            else:
                kept.extend(rest[0] + rest[1])
        else:
            kept.append(step)
    return kept


def _asking(step: Plain) -> list[Plain]:
    """The body of a `try`; lone names in it are marked to be kept where a handler waits for a NameError."""
    if not any("NameError" in kinds for kinds, _, _ in step[2]):
        return step[1]  # type: ignore[no-any-return]
    return [["ask", part[1]] if part[0] == "run" and part[1][0] == "name" else part for part in step[1]]


def _pruned_branch(step: Plain, hot: frozenset[str], used: set[str], rescuers: frozenset[str]) -> list[Plain]:
    inner, other = _prune(step[2], hot, used, rescuers), _prune(step[3], hot, used, rescuers)
    if inner or other:
        return [["branch", step[1], inner, other]]
    return [["run", step[1]]] if _hot(step[1], hot) else []


def _mutates(term: Plain, used: set[str]) -> bool:
    """`names.append(...)` and the like on a name that is used."""
    if term[0] != "call" or term[2][0][0] != "attr" or term[2][0][1] not in ("append", "insert", "extend"):
        return False
    of = term[2][0][2][0]
    return bool(of[0] == "name" and of[1] in used)
