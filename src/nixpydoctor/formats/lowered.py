"""Questions about lowered syntax (`formats/source.py`): what it reads, what it may do."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Iterable, Iterator

from nixpydoctor.formats.expressions import OPENERS, Plain
from nixpydoctor.formats.source import HELD
from nixpydoctor.formats.statements import IMPORTER, LOADING
from nixpydoctor.light import dataclass

_LOADING = re.compile(LOADING.pattern.decode())
_IMPORTER = re.compile(IMPORTER.pattern.decode())
_EXITS = frozenset({"exit", "quit", "_exit", "abort"})
_PLATFORM = frozenset({("sys", "platform"), ("os", "name"), ("platform", "system"), ("sys", "version_info")})


def is_loading(name: str) -> bool:
    """Whether a function is called like one that is worth following into another module."""
    return _LOADING.search(name) is not None


def is_importer(name: str) -> bool:
    """Whether a function with an import inside is called like one that another module calls for it."""
    return _IMPORTER.search(name) is not None


def walk(body: Iterable[Plain]) -> Iterator[Plain]:
    """Every statement, those inside of others included."""
    for step in body:
        yield step
        if step[0] in ("branch", "loop", "try"):
            for block in _blocks(step):
                yield from walk(block)


def _blocks(step: Plain) -> list[list[Plain]]:
    kind = step[0]
    if kind == "branch":
        return [step[2], step[3]]
    if kind == "loop":
        return [step[3], step[4]]
    return [step[1], *(handler[2] for handler in step[2]), step[3], step[4]]


def names_in(item: Plain) -> set[str]:
    """Every name that is read, and `Class.method` where one is named so."""
    names: set[str] = set()
    waiting = [item]
    while waiting:
        here = waiting.pop()
        if len(here) == 2 and here[0] == "name" and type(here[1]) is str:
            names.add(here[1])
        else:
            if len(here) == 3 and here[0] == "attr" and here[2][0][0] == "name":
                names.add(f"{here[2][0][1]}.{here[1]}")
            waiting += [part for part in here if type(part) is list]
    return names


def classes_in(body: Iterable[Plain]) -> set[str]:
    """Names by which handlers say what they catch, where these may be variables."""
    kinds = {kind for step in walk(body) if step[0] == "try" for handler in step[2] for kind in handler[0]}
    return {kind.removeprefix(HELD) for kind in kinds if not hasattr(builtins, kind)}


def terms_of(step: Plain) -> list[Plain]:
    """The expressions that a statement evaluates itself."""
    kind = step[0]
    if kind in ("bind", "loop"):
        return [step[2]]
    if kind in ("run", "ask", "branch"):
        return [step[1]]
    if kind in ("raise", "leave"):
        return [part for part in step[1:] if isinstance(part, list)]
    return []


def hot(term: Plain, callees: Collection[str]) -> bool:
    """Whether evaluating the term may import or open something, or calls one of these."""
    op = term[0]
    if (op == "name" or op == "attr") and term[1] in OPENERS:
        return True
    if len(term) < 3:
        return False
    if op == "call" and callees:
        root = callee = term[2][0]
        while root[0] == "attr":
            root = root[2][0]
        if root[0] == "name" and (root[1] in callees or root is not callee):
            if root is callee:
                return True
            whole = f"{root[1]}.{callee[1]}"
            if whole in callees or (root[1] in callees and is_loading(whole)):
                return True
    for part in term[2]:  # noqa: SIM110
        if len(part) > 1 and hot(part, callees):
            return True
    return False


def opened(steps: Collection[Plain]) -> frozenset[str]:
    """Names of libraries that were opened under the name that `find_library` gave, or might have been."""
    names = {step[1] for step in steps if step[0] == "bind" and step[1] and _opens_one(step[2])}
    return frozenset(names) if names and "find_library" in _spoken_of(steps) else frozenset()


def _opens_one(term: Plain) -> bool:
    if term[0] == "call" and term[2][0][0] in ("name", "attr"):
        return term[2][0][1] in ("CDLL", "PyDLL", "LoadLibrary")
    return term[0] in ("either", "or", "and") and any(_opens_one(part) for part in term[2])


def _spoken_of(steps: Iterable[Plain]) -> set[str]:
    """Every name of an import, and every name and attribute of an expression."""
    found: set[str] = set()
    for step in steps:
        if step[0] == "import":
            found.update(name for name, _ in step[2])
        waiting = terms_of(step)
        while waiting:
            here = waiting.pop()
            if here[0] in ("name", "attr"):
                found.add(here[1])
            waiting += here[2] if len(here) > 2 else []
    return found


def asks(term: Plain, libraries: Collection[str]) -> bool:
    """Whether evaluating the term asks one of these libraries for a function or a variable."""
    if len(term) < 3 or not term[2]:
        return False
    of = term[2][1] if term[0] == "call" and term[2][0] == ["name", "getattr"] and len(term[2]) > 1 else term[2][0]
    if (term[0] in ("attr", "index") or of is not term[2][0]) and of[0] == "name" and of[1] in libraries:
        return True
    return any(asks(part, libraries) for part in term[2])


def exits(term: Plain) -> bool:
    """Whether a call ends the program."""
    return term[0] == "call" and (term[2][0][1] if len(term[2][0]) > 1 else None) in _EXITS


@dataclass(frozen=True, slots=True)
class Effects:
    """What a block does, and what it would do where functions of certain names did something."""

    imports: bool
    opens: bool
    """Whether it opens, or imports by a computed name."""
    raises: bool
    """Whether it raises somewhere, or ends the program."""
    calls: frozenset[str]
    """Functions and methods that it calls anywhere, and whatever has a method that is called like a loading one."""
    runs: frozenset[str]
    """Functions that it calls for what they do alone."""

    def matters(self, callees: frozenset[str]) -> bool:
        """Whether the block imports, opens, or calls one of these."""
        return self.imports or self.opens or not self.calls.isdisjoint(callees)


def effects(body: Iterable[Plain]) -> Effects:
    """All of a block in one pass, so that nothing is looked at again for every callee."""
    imports = opens = raises = False
    calls: set[str] = set()
    runs: set[str] = set()
    for step in walk(body):
        if step[0] == "import":
            imports = True
            continue
        if step[0] == "raise" or (step[0] == "run" and exits(step[1])):
            raises = True
        elif step[0] == "run" and step[1][0] == "call" and step[1][2][0][0] == "name":
            runs.add(step[1][2][0][1])
        for term in terms_of(step):
            opens = _calls(term, calls) or opens
    return Effects(imports, opens, raises, frozenset(calls), frozenset(runs))


def _calls(term: Plain, found: set[str]) -> bool:
    """Whether the term itself imports or opens something; what it calls is added to `found`, as `hot` looks it up."""
    opens = False
    waiting = [term]
    while waiting:
        here = waiting.pop()
        op = here[0]
        if (op == "name" or op == "attr") and here[1] in OPENERS:
            opens = True
        if len(here) < 3:
            continue
        if op == "call":
            root = callee = here[2][0]
            while root[0] == "attr":
                root = root[2][0]
            if root is callee and root[0] == "name":
                found.add(root[1])
            elif root[0] == "name":
                whole = f"{root[1]}.{callee[1]}"
                found.add(whole)
                if is_loading(whole):
                    found.add(root[1])
        waiting += [part for part in here[2] if len(part) > 1]
    return opens


def near(steps: Iterable[Plain]) -> set[str]:
    """Names imported from beside the module: calling one may load something."""
    return {local for step in steps if step[0] == "import" and step[1].startswith(".") for _, local in step[2]}


def brought(steps: Iterable[Plain]) -> set[str]:
    """Names imported from other modules."""
    return {local for step in steps if step[0] == "import" for _, local in step[2]}


def renamed(steps: Iterable[Plain], callees: Collection[str]) -> set[str]:
    """Other names, given by imports and assignments, of what imports or opens, or of one of these."""
    found: set[str] = set()
    for step in steps:
        if step[0] == "import":
            found.update([local for name, local in step[2] if name in OPENERS])
        elif step[0] == "bind" and step[2][0] in ("name", "attr") and (step[2][1] in OPENERS or step[2][1] in callees):
            found.add(step[1])
    return found


def is_flag(step: Plain) -> bool:
    """A name that tells later, perhaps another module, how a `try` went."""
    return step[0] == "bind" and step[2][0] == "const" and (step[2][1] is None or isinstance(step[2][1], bool))


def is_of_platform(term: Plain) -> bool:
    """Whether a value is computed from what the platform or the version is."""
    if term[0] == "attr" and term[2][0][0] == "name" and (term[2][0][1], term[1]) in _PLATFORM:
        return True
    return len(term) > 2 and any(is_of_platform(part) for part in term[2])


def mutates(term: Plain, names: Collection[str]) -> bool:
    """`names.append(...)` and the like on one of these."""
    if term[0] != "call" or term[2][0][0] != "attr" or term[2][0][1] not in ("append", "insert", "extend"):
        return False
    of = term[2][0][2][0]
    return bool(of[0] == "name" and of[1] in names)
