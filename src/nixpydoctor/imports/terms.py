"""Evaluates expressions inside a frame: names, pure operations, and the calls that import or open something."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nixpydoctor.edges import Term
from nixpydoctor.imports.finder import absolute
from nixpydoctor.imports.outcome import OS, OTHER, Outcome
from nixpydoctor.imports.values import (
    UNKNOWN,
    Ffi,
    Handle,
    Ref,
    Value,
    attribute,
    combine,
    compare,
    index,
    known,
    truth,
)

if TYPE_CHECKING:
    from nixpydoctor.imports.frame import Frame

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"})
_LOADERS = frozenset({"ctypes.CDLL", "ctypes.PyDLL", "ctypes.cdll.LoadLibrary", "ctypes.pydll.LoadLibrary"})
_CTYPES = frozenset({"CDLL", "PyDLL", "cdll", "pydll", "WinDLL", "windll"})
_WINDOWS = frozenset({"ctypes.WinDLL", "ctypes.windll", "ctypes.OleDLL", "winreg"})


def evaluate(frame: Frame, term: Term) -> Value:
    """The value of an expression; what evaluating it raises joins the frame's outcome."""
    op = term.op
    if op in ("text", "const"):
        return term.value
    make = _OPERATIONS.get(op)
    if make is not None:
        return make(frame, term)
    if op in _COMPARISONS:
        left, right = evaluate(frame, term.parts[0]), evaluate(frame, term.parts[1])
        return _membership(frame, op, left, right)
    if op in ("+", "-", "*", "%", "/"):
        return combine(op, evaluate(frame, term.parts[0]), evaluate(frame, term.parts[1]))
    for part in term.parts:
        evaluate(frame, part)
    return UNKNOWN


def _membership(frame: Frame, op: str, left: Value, right: Value) -> Value:
    """`in os.environ` is known; every other comparison is one of values."""
    if isinstance(right, Ref) and right.name == "os.environ" and isinstance(left, str) and op in ("in", "not in"):
        held = frame.walk.surroundings.call("os.getenv", (left,), {}) is not None
        return held == (op == "in")
    return compare(op, left, right)


def _name(frame: Frame, term: Term) -> Value:
    name = str(term.value)
    slot = frame.env.get(name)
    if slot is not None:
        frame.blame |= slot.blame
        return _constant(frame, slot.value)
    if name in frame.functions:
        return Ref(f"{frame.module.name}.{name}")
    if name == "__file__":
        return str(frame.module.path)
    if name == "__name__":
        return frame.module.name
    if name == "__package__":
        return frame.module.package
    if name == "__path__":
        return tuple(str(place) for place in frame.module.places or ())
    if hasattr(builtins, name):
        return Ref(f"builtins.{name}")
    for star in frame.stars:
        if (star == "ctypes" and name in _CTYPES) or frame.walk.function(f"{star}.{name}") is not None:
            return Ref(f"{star}.{name}")
    return _elsewhere(frame, name)


def _elsewhere(frame: Frame, name: str) -> Value:
    """A constant that a star import brought: read from that module's text, since no kept statement there says it."""
    for star in frame.stars if name.isupper() else ():
        value = frame.walk.constant(star, name)
        if value is not None:
            return value
    return UNKNOWN


def _constant(frame: Frame, value: Value) -> Value:
    if isinstance(value, Ref):
        return frame.walk.surroundings.constants.get(value.name, value)
    return value


def _attr(frame: Frame, term: Term) -> Value:
    of = evaluate(frame, term.parts[0])
    if isinstance(of, Handle) and of.program:
        frame.outcome.fail("AttributeError", frame.blame | frame.context or OTHER)
        return UNKNOWN
    if isinstance(of, Ref) and of.module and term.value in ("__file__", "__path__"):
        path, places = frame.walk.location(of.name)
        return (path or UNKNOWN) if term.value == "__file__" else places
    return _constant(frame, attribute(of, str(term.value)))


def _items(frame: Frame, term: Term) -> Value:
    values: list[Value] = []
    for part in term.parts:
        if part.op == "star":
            inner = evaluate(frame, part.parts[0])
            if not isinstance(inner, tuple):
                return UNKNOWN
            values.extend(inner)
        else:
            values.append(evaluate(frame, part))
    return tuple(values)


def _dict(frame: Frame, term: Term) -> Value:
    values = [evaluate(frame, part) for part in term.parts]
    keys = values[::2]
    return dict(zip(keys, values[1::2], strict=True)) if all(isinstance(key, (str, int)) for key in keys) else UNKNOWN


def _join(frame: Frame, term: Term) -> Value:
    parts = [evaluate(frame, part) for part in term.parts]
    return "".join(str(part) for part in parts) if all(isinstance(part, (str, int)) for part in parts) else UNKNOWN


def _not(frame: Frame, term: Term) -> Value:
    value = truth(evaluate(frame, term.parts[0]))
    return UNKNOWN if value is None else not value


def _and(frame: Frame, term: Term) -> Value:
    return _short(frame, term, False)


def _or(frame: Frame, term: Term) -> Value:
    return _short(frame, term, True)


def _short(frame: Frame, term: Term, ends: bool) -> Value:
    """`and` ends at the first false operand, `or` at the first true one; an unknown one leaves only that ending."""
    value: Value = UNKNOWN
    unsure = False
    for part in term.parts:
        value = evaluate(frame, part)
        decided = truth(value)
        if decided is ends:
            return value if not unsure or ends is False else (True if isinstance(value, bool) else UNKNOWN)
        unsure = unsure or decided is None
    return UNKNOWN if unsure else value


def _either(frame: Frame, term: Term) -> Value:
    decided = truth(evaluate(frame, term.parts[0]))
    if decided is None:
        first, second = evaluate(frame, term.parts[1]), evaluate(frame, term.parts[2])
        return first if known(first, second) and first == second else UNKNOWN
    return evaluate(frame, term.parts[1 if decided else 2])


def _index(frame: Frame, term: Term) -> Value:
    of, key = evaluate(frame, term.parts[0]), evaluate(frame, term.parts[1])
    if isinstance(of, Ref) and of.name in ("ctypes.cdll", "ctypes.pydll") and isinstance(key, str):
        return _open(frame, key, term.line)
    if isinstance(of, Ref) and of.name == "os.environ":
        held = frame.walk.surroundings.call("os.getenv", (key,), {})
        return UNKNOWN if held is None else held
    return index(of, key)


def _walrus(frame: Frame, term: Term) -> Value:
    value = evaluate(frame, term.parts[0])
    frame.assign(str(term.value), value)
    return value


def _slice(frame: Frame, term: Term) -> Value:
    of, low, high = (evaluate(frame, part) for part in term.parts)
    if isinstance(of, (str, tuple)) and isinstance(low, (int, type(None))) and isinstance(high, (int, type(None))):
        return of[low:high]
    return UNKNOWN


def _each(frame: Frame, term: Term) -> Value:
    over = evaluate(frame, term.parts[1])
    if not isinstance(over, tuple):
        return UNKNOWN
    before = dict(frame.env)
    values: list[Value] = []
    for item in over:
        frame.assign(str(term.value), item)
        values.append(evaluate(frame, term.parts[0]))
    frame.env = before
    return tuple(values)


# ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _call(frame: Frame, term: Term) -> Value:
    outer = frame.line
    frame.line = outer or term.line
    value = _called(frame, term)
    frame.line = outer
    return value


def _called(frame: Frame, term: Term) -> Value:
    callee = term.parts[0]
    arguments: list[Value] = []
    named: dict[str, Value] = {}
    of: Value = UNKNOWN
    if callee.op == "attr":
        of = evaluate(frame, callee.parts[0])
        target = _constant(frame, attribute(of, str(callee.value))) if isinstance(of, Ref) else UNKNOWN
    else:
        target = evaluate(frame, callee)
    for part in term.parts[1:]:
        if part.op == "keyword":
            named[str(part.value)] = evaluate(frame, part.parts[0])
        elif part.op == "star":
            inner = evaluate(frame, part.parts[0])
            arguments.extend(inner if isinstance(inner, tuple) else (UNKNOWN,))
        else:
            arguments.append(evaluate(frame, part))
    if isinstance(target, Ref):
        return _known(frame, target.name, arguments, named, term.line)
    if callee.op == "attr":
        return _method(frame, callee, of, arguments, named, term.line)
    return UNKNOWN


def _method(
    frame: Frame, callee: Term, of: Value, arguments: list[Value], named: Mapping[str, Value], line: int
) -> Value:
    name = str(callee.value)
    if name == "dlopen" and isinstance(of, Ffi):
        return _ffi_open(frame, of, arguments[0] if arguments else None, line)
    if name == "enter_context" and arguments:
        return arguments[0]
    if name in ("append", "extend", "insert") and callee.parts[0].op == "name":
        return _grow(frame, str(callee.parts[0].value), name, arguments)
    return frame.walk.surroundings.method(of, name, arguments, named)


def _grow(frame: Frame, local: str, how: str, arguments: list[Value]) -> Value:
    """A list that is appended to: the only mutation that is followed."""
    slot = frame.env.get(local)
    if slot is None or not isinstance(slot.value, tuple):
        return None
    item = arguments[-1] if arguments else UNKNOWN
    if how == "append":
        frame.assign(local, (*slot.value, item))
    elif how == "extend" and isinstance(item, tuple):
        frame.assign(local, slot.value + item)
    elif how == "insert" and isinstance(arguments[0], int):
        place = arguments[0]
        frame.assign(local, (*slot.value[:place], item, *slot.value[place:]))
    else:
        frame.assign(local, UNKNOWN)
    return None


def _known(frame: Frame, name: str, arguments: list[Value], named: Mapping[str, Value], line: int) -> Value:
    """A call of something that has a dotted name."""
    first = arguments[0] if arguments else named.get("name", None)
    if name in _LOADERS:
        return _open(frame, first, line)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(frame, first, arguments, line)
    if name.endswith(".dlopen") and name.count(".") > 1:
        return _ffi_open(frame, Ffi(False), first, line)
    mine = frame.functions.get(name.rpartition(".")[2]) if name.startswith(f"{frame.module.name}.") else None
    if mine is not None:
        return frame.call(frame.module, mine, arguments, named)
    if name.startswith("builtins."):
        if name == "builtins.open":
            return UNKNOWN
    elif (function := frame.walk.function(name)) is not None:
        return frame.call(function[0], function[1], arguments, named)
    if name.startswith("os.path.") and None in arguments:
        frame.outcome.fail("TypeError", frame.blame | frame.context or OTHER)
        return UNKNOWN
    return frame.walk.surroundings.call(name, arguments, named)


def _open(frame: Frame, name: Value, line: int) -> Value:
    """`dlopen`: None is the program itself, what cannot be known is taken to open."""
    if name is None:
        return Handle(program=True)
    if isinstance(name, str) and name:
        causes = frame.walk.opened(frame, name, line)
        if causes:
            _fail(frame, OS, causes)
    return Handle()


def _fail(frame: Frame, kind: str, causes: int) -> None:
    blame = frame.context | frame.blame
    if blame:
        frame.walk.alternatives(blame, causes)
    frame.outcome.fail(kind, causes | blame)


def _ffi_open(frame: Frame, ffi: Ffi, name: Value, line: int) -> Value:
    """`FFI.dlopen`: a bare name is opened as it is, or looked for where the interface was made in line."""
    if not isinstance(name, str):
        return Handle()
    if not ffi.inline:
        return _open(frame, name, line)
    causes = 0
    if "." in name or "/" in name:
        causes = frame.walk.opened(frame, name, line)
        if not causes:
            return Handle()
    path, lost = frame.walk.found(frame, name, line)
    if path is not None:
        lost = frame.walk.opened(frame, path, line)
    if lost:
        _fail(frame, OS, causes | lost)
    return Handle()


def _find_library(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    if not isinstance(name, str):
        return UNKNOWN
    path, lost = frame.walk.found(frame, name, line)
    frame.blame |= lost
    return path


def _import_module(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    if not isinstance(name, str) or not name:
        return UNKNOWN
    if name.startswith("."):
        package = arguments[1] if len(arguments) > 1 else frame.module.package
        name = (
            f"{package}{name}"
            if isinstance(package, str) and not name.startswith("..")
            else absolute(name, frame.module)
        )
    if name == frame.home.name and frame.walk.exists(f"{name}.{name}"):
        # A package that imports itself while it is executed has put its own folder on the path: it means the
        # compiled module of the same name in there.
        name = f"{name}.{name}"
    found: Outcome = frame.walk.imported(frame, name)
    if found.sure or found.maybe:
        frame.tie(found.causes)
        frame.outcome.add(found, frame.context)
    return Ref(name, module=True)


def _find_spec(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    if not isinstance(name, str) or name.startswith("."):
        return UNKNOWN
    return Ref(name, module=True) if frame.walk.exists(name) else None


def _make_ffi(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    return Ffi(inline=True)


def _compiled_ffi(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    return Ffi(inline=False)


def _same(frame: Frame, value: Value, arguments: list[Value], line: int) -> Value:
    return value


def _next(frame: Frame, over: Value, arguments: list[Value], line: int) -> Value:
    """`next(...)` of a fresh iterator: its first item, the default, or StopIteration."""
    if not isinstance(over, tuple):
        return UNKNOWN
    if not over and len(arguments) < 2:
        frame.outcome.fail("StopIteration", frame.blame | frame.context or OTHER)
        return UNKNOWN
    return over[0] if over else arguments[1]


def _exit(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    frame.outcome.fail("SystemExit", frame.context or OTHER)
    return UNKNOWN


def _files(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    package = name.name if isinstance(name, Ref) else name
    places = frame.walk.location(package)[1] if isinstance(package, str) else ()
    if not places:
        return UNKNOWN
    rest = [part for part in arguments[1:] if isinstance(part, str)]
    return "/".join((places[0], *rest))


def _distribution_files(frame: Frame, name: Value, arguments: list[Value], line: int) -> Value:
    """`importlib.metadata.files`: of a distribution's files only the objects are known, and only they matter here."""
    return frame.walk.surroundings.objects(name) if isinstance(name, str) else UNKNOWN


def _getattr(frame: Frame, of: Value, arguments: list[Value], line: int) -> Value:
    """`getattr(sys, "frozen", False)` and the like: what a plain Python does not have."""
    if isinstance(of, Ref) and of.name == "sys" and len(arguments) > 2 and arguments[1] in ("frozen", "_MEIPASS"):
        return arguments[2]
    return UNKNOWN


def _hasattr(frame: Frame, of: Value, arguments: list[Value], line: int) -> Value:
    absent = ("frozen", "_MEIPASS", "getwindowsversion", "pypy_version_info", "getandroidapilevel", "winver")
    if isinstance(of, Ref) and of.name == "sys" and arguments[-1] in absent:
        return False
    if isinstance(of, Ref) and of.name == "builtins" and isinstance(arguments[-1], str):
        return hasattr(builtins, arguments[-1])
    return True if arguments[-1] == "__file__" else UNKNOWN


def _windows(frame: Frame, of: Value, arguments: list[Value], line: int) -> Value:
    frame.outcome.fail("AttributeError", frame.context or OTHER)
    return UNKNOWN


_SPECIAL: Mapping[str, Callable[[Frame, Value, list[Value], int], Value]] = {
    "ctypes.util.find_library": _find_library,
    "importlib.import_module": _import_module,
    "builtins.__import__": _import_module,
    "importlib.util.find_spec": _find_spec,
    "importlib.find_loader": _find_spec,
    "importlib.machinery.PathFinder.find_spec": _find_spec,
    "pkgutil.get_loader": _find_spec,
    "pkgutil.find_loader": _find_spec,
    "cffi.FFI": _make_ffi,
    "_cffi_backend.FFI": _compiled_ffi,
    "sys.exit": _exit,
    "builtins.next": _next,
    "builtins.iter": _same,
    "importlib.resources.as_file": _same,
    "importlib_resources.as_file": _same,
    "importlib.resources.files": _files,
    "importlib_resources.files": _files,
    "pkg_resources.resource_filename": _files,
    "importlib.metadata.files": _distribution_files,
    "importlib_metadata.files": _distribution_files,
    "builtins.getattr": _getattr,
    "builtins.hasattr": _hasattr,
    **dict.fromkeys(_WINDOWS, _windows),
}

_OPERATIONS: Mapping[str, Callable[[Frame, Term], Value]] = {
    "name": _name,
    "attr": _attr,
    "items": _items,
    "dict": _dict,
    "join": _join,
    "not": _not,
    "and": _and,
    "or": _or,
    "either": _either,
    "index": _index,
    "walrus": _walrus,
    "slice": _slice,
    "each": _each,
    "call": _call,
    "opaque": lambda frame, term: UNKNOWN,
}
