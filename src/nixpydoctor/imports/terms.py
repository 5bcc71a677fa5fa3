"""Evaluates expressions inside a frame: names, pure operations, and the calls that import or open something."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nixpydoctor.edges import Term
from nixpydoctor.imports import calls
from nixpydoctor.imports.called import call, constant
from nixpydoctor.imports.values import (
    UNKNOWN,
    Handle,
    Kind,
    Ref,
    Spec,
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
_CTYPES = frozenset({"CDLL", "PyDLL", "cdll", "pydll", "WinDLL", "windll"})


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
        return constant(frame, slot.value)
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
    if hasattr(builtins, name) or name in ("exit", "quit"):
        return Ref(f"builtins.{name}")
    for star in frame.stars:
        if (star == "ctypes" and name in _CTYPES) or frame.walk.memory.function(f"{star}.{name}") is not None:
            return Ref(f"{star}.{name}")
    return _elsewhere(frame, name)


def _elsewhere(frame: Frame, name: str) -> Value:
    """A constant that a star import brought: read from that module's text, since no kept statement there says it."""
    for star in frame.stars if name.isupper() else ():
        value = frame.walk.graph.constant(star, name)
        if value is not None:
            return value
    return UNKNOWN


def _attr(frame: Frame, term: Term) -> Value:
    of = evaluate(frame, term.parts[0])
    if isinstance(of, Handle):
        calls.ask(frame, of)
        return UNKNOWN
    if isinstance(of, Spec):
        path, places = frame.walk.graph.location(of.name)
        known_of = {"name": of.name, "origin": path or UNKNOWN, "submodule_search_locations": places or None}
        return known_of.get(str(term.value), UNKNOWN)
    if isinstance(of, Ref) and of.module and term.value in ("__file__", "__path__"):
        path, places = frame.walk.graph.location(of.name)
        return (path or UNKNOWN) if term.value == "__file__" else places
    return constant(frame, attribute(of, str(term.value)))


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
        return calls.open_library(frame, key, term.line)
    if isinstance(of, Ref) and of.name == "os.environ":
        held = frame.walk.surroundings.call("os.getenv", (key,), {})
        return UNKNOWN if held is None else held
    if isinstance(of, Handle):
        calls.ask(frame, of)
    return index(of, key)


def _walrus(frame: Frame, term: Term) -> Value:
    value = evaluate(frame, term.parts[0])
    frame.assign(str(term.value), value)
    return value


def _class(frame: Frame, term: Term) -> Value:
    """A class of exceptions: of what no builtin class is known to be a base, as if from Exception."""
    for part in term.parts:
        base = evaluate(frame, part)
        if isinstance(base, Kind):
            return Kind(f"{term.value}:{base.spelled}")
        if isinstance(base, Ref):
            name = base.name.rpartition(".")[2]
            if hasattr(builtins, name):
                return Kind(f"{term.value}:{name}")
    return Kind(f"{term.value}:Exception")


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
    "class": _class,
    "slice": _slice,
    "each": _each,
    "call": call,
    "opaque": lambda frame, term: UNKNOWN,
}
