"""Values of expressions as far as literals, the module's own place and the target's platform decide them.

What is not known is `UNKNOWN`, never a guess. A `pathlib` path is a string here: no operation of theirs has the same
name and another meaning.
"""

from __future__ import annotations

import posixpath
from typing import Final

from nixpydoctor.imports.outcome import Kinds
from nixpydoctor.light import dataclass


class Unknown:
    """The value of what the walk cannot tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Ref:
    """A module, or something in one, by its dotted name."""

    name: str
    module: bool = False
    """Whether it is known to be a module; of anything else even its truth is unknown."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What `find_spec` returns of a module that is there."""

    name: str


@dataclass(frozen=True, slots=True)
class Handle:
    """An opened library. `program` is the one that `CDLL(None)` gives: the process itself."""

    program: bool = False


@dataclass(frozen=True, slots=True)
class Ffi:
    """A cffi `FFI`: one made in line asks `find_library` for a bare name, a compiled one does not (`cffi/api.py`)."""

    inline: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of exceptions that the module defines."""

    spelled: str
    """Its name and those of its bases up to a builtin one: `Absent:ImportError`."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What `contextlib.suppress` returns."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caught:
    """An exception that a handler keeps."""

    kinds: Kinds


@dataclass(frozen=True, slots=True)
class Message:
    """The text of an exception that a handler keeps."""

    kinds: Kinds


Value = object
"""str, int, bool, None, tuple, dict, or one of the classes above."""


def classes(value: Value) -> tuple[str, ...] | None:
    """Names of the exception classes that a value is; None where it is none."""
    if isinstance(value, Kind):
        return (value.spelled.partition(":")[0],)
    if isinstance(value, Ref):
        return (value.name.rpartition(".")[2],)
    if isinstance(value, tuple):
        inner = [classes(one) for one in value]
        return tuple([name for names in inner if names for name in names]) if None not in inner else None
    return None


@dataclass(slots=True)
class Slot:
    """A name's value and the causes that gave it."""

    value: Value
    blame: int = 0


def truth(value: Value) -> bool | None:
    """What `if value` does; None where that is unknown."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, Ref):
        return True if value.module else None
    return True if isinstance(value, (Handle, Ffi, Caught, Spec)) else bool(value)


def known(*values: Value) -> bool:
    """Whether these are plain data through and through."""
    return all(
        known(*value) if isinstance(value, tuple) else isinstance(value, (str, int, dict, type(None)))
        for value in values
    )


def compare(op: str, left: Value, right: Value) -> Value:
    """`left op right`."""
    if op in ("is", "is not", "==", "!="):
        same = _same_value(left, right)
        return UNKNOWN if same is None else same == (op in ("is", "=="))
    if isinstance(right, Message) and op in ("in", "not in") and isinstance(left, str):
        return _says(right, left, op)
    if not known(left, right):
        return UNKNOWN
    try:
        match op:
            case "<":
                return left < right  # type: ignore[operator]
            case "<=":
                return left <= right  # type: ignore[operator]
            case ">":
                return left > right  # type: ignore[operator]
            case ">=":
                return left >= right  # type: ignore[operator]
            case "in" | "not in":
                return (left in right) == (op == "in") if isinstance(right, (tuple, str, dict)) else UNKNOWN
    except TypeError:
        return UNKNOWN
    return UNKNOWN


def _says(message: Message, text: str, op: str) -> Value:
    """Whether an exception speaks of a module that is not there: a loader's message never does."""
    if "No module named" not in text:
        return UNKNOWN
    absent = {kind == "ModuleNotFoundError" for kind in message.kinds}
    return absent.pop() == (op == "in") if len(absent) == 1 else UNKNOWN


def _same_value(left: Value, right: Value) -> bool | None:
    """Whether two values are one and the same; None where that is unknown."""
    if known(left, right):
        return left == right
    if left is None or right is None:
        other = right if left is None else left
        return False if isinstance(other, tuple) or truth(other) is True else None
    return None


def combine(op: str, left: Value, right: Value) -> Value:
    """`left op right` for text, numbers, tuples and paths."""
    if isinstance(left, tuple) and isinstance(right, tuple) and op == "+":
        return left + right
    if not known(left, right):
        return UNKNOWN
    if op == "/" and isinstance(left, str) and isinstance(right, str):
        return posixpath.join(left, right)
    if op in ("-", "*") and type(left) is int and type(right) is int:
        return left - right if op == "-" else left * right
    if op == "+" and type(left) is type(right) and isinstance(left, (str, int)):
        return left + right  # type: ignore[operator]
    if op == "%" and isinstance(left, str):
        try:
            return left % (right if isinstance(right, (tuple, dict)) else (right,))
        except (TypeError, ValueError, KeyError):
            return UNKNOWN
    return UNKNOWN


def attribute(of: Value, name: str) -> Value:
    """`of.name` where that is known of a path or a module."""
    if isinstance(of, Ref):
        return Ref(f"{of.name}.{name}")
    if isinstance(of, str):
        match name:
            case "parent":
                return posixpath.dirname(of)
            case "name":
                return posixpath.basename(of)
            case "stem":
                return posixpath.splitext(posixpath.basename(of))[0]
            case "suffixes":
                return tuple(f".{part}" for part in posixpath.basename(of).split(".")[1:])
            case "suffix":
                return posixpath.splitext(of)[1]
            case "parents":
                above = [of]
                while (up := posixpath.dirname(above[-1])) != above[-1]:
                    above.append(up)
                return tuple(above[1:])
    return UNKNOWN


def index(of: Value, key: Value) -> Value:
    """`of[key]`."""
    try:
        if isinstance(of, (tuple, str)) and isinstance(key, int):
            return of[key]
        if isinstance(of, dict) and known(key):
            return of[key]
    except (IndexError, KeyError, TypeError):
        return UNKNOWN
    return UNKNOWN
