"""Evaluates a call inside of an expression: its callee and its arguments, and the methods of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nixpydoctor.edges import Term
from nixpydoctor.imports import calls
from nixpydoctor.imports.values import UNKNOWN, Ffi, Handle, Ref, Value, attribute

if TYPE_CHECKING:
    from nixpydoctor.imports.frame import Frame


def call(frame: Frame, term: Term) -> Value:
    """What a call returns; what it imports, opens or raises joins the frame's outcome."""
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
        of = frame.eval(callee.parts[0])
        target = constant(frame, attribute(of, str(callee.value))) if isinstance(of, Ref) else UNKNOWN
    else:
        target = frame.eval(callee)
    for part in term.parts[1:]:
        if part.op == "keyword":
            named[str(part.value)] = frame.eval(part.parts[0])
        elif part.op == "star":
            inner = frame.eval(part.parts[0])
            arguments.extend(inner if isinstance(inner, tuple) else (UNKNOWN,))
        else:
            arguments.append(frame.eval(part))
    if isinstance(target, Ref):
        return calls.call(frame, target.name, arguments, named, term.line)
    if callee.op == "attr":
        return _method(frame, callee, of, arguments, named, term.line)
    return UNKNOWN


def _method(
    frame: Frame, callee: Term, of: Value, arguments: list[Value], named: Mapping[str, Value], line: int
) -> Value:
    name = str(callee.value)
    if isinstance(of, Handle):
        calls.ask(frame, of)
        return UNKNOWN
    if name == "dlopen" and isinstance(of, Ffi):
        return calls.open_by_ffi(frame, of, arguments[0] if arguments else None, line)
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


def constant(frame: Frame, value: Value) -> Value:
    """The value itself, or what the target's platform makes of a name of the standard library."""
    if isinstance(value, Ref):
        return frame.walk.surroundings.constants.get(value.name, value)
    return value
