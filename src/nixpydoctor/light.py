"""`dataclass`, `field`, `replace` and `NamedTuple` as the standard's, as far as they are used here, for less.

The standard decorator compiles six methods for each class, half a millisecond in all, which with a hundred classes was
a third of every start. Here methods are shared; a class gets an `__init__` of its own when many instances were made,
which most classes never see. `dataclasses.fields` and what builds on it work as well: whoever asks makes them.
`typing.NamedTuple` compiles each annotation, which takes longer than to make the class.
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["NamedTuple", "dataclass", "field", "replace"]

Kind = TypeVar("Kind")

_ABSENT: Any = object()
_MANY = 32
"""Instances of a class after which it pays to compile an `__init__`: that takes as long as filling in that many."""


class _Rule:
    """What `field` says of one field."""

    __slots__ = ("compare", "default", "factory", "repr")

    def __init__(self, default: Any, factory: Callable[[], Any] | None, repr: bool, compare: bool) -> None:  # noqa: A002 - as there
        self.default, self.factory, self.repr, self.compare = default, factory, repr, compare


_PLAIN = _Rule(_ABSENT, None, True, True)


class _Plan:
    """What the methods that all classes share know of one class."""

    __slots__ = ("frozen", "instances", "key", "kind", "rules", "slots")

    def __init__(self, kind: type, rules: dict[str, _Rule], frozen: bool, slots: bool) -> None:
        self.kind, self.rules, self.frozen, self.slots = kind, rules, frozen, slots
        self.instances = 0
        compared = [name for name, rule in rules.items() if rule.compare]
        self.key: Callable[[Any], Any] = attrgetter(*compared) if compared else _nothing


def _nothing(value: Any) -> tuple[()]:
    return ()


def _dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Callable[[type[Kind]], type[Kind]]:
    def decorate(kind: type[Kind]) -> type[Kind]:
        own = dict(vars(kind))
        rules = {name: _rule(own.get(name, _ABSENT)) for name in kind.__annotations__}
        methods: dict[str, Any] = {"__init__": _first, "__repr__": _repr}
        if eq:
            methods |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
        if frozen:
            methods |= {"__setattr__": _refuse, "__delattr__": _refuse}
        methods = {name: method for name, method in methods.items() if own.get(name) is None}
        methods |= {"__match_args__": tuple(rules), "__dataclass_fields__": _Fields()}
        if slots:
            kept = {name: own[name] for name in own if name not in rules and name not in ("__dict__", "__weakref__")}
            named = {"__slots__": tuple(rules), "__qualname__": kind.__qualname__}
            made: Callable[..., type[Kind]] = type(kind)
            kind = made(kind.__name__, kind.__bases__, {**kept, **methods, **named})
        else:
            for name, rule in rules.items():
                if rule.default is not _ABSENT:
                    methods[name] = rule.default
                elif name in own:
                    delattr(kind, name)
            for name, method in methods.items():
                setattr(kind, name, method)
        setattr(kind, "__plan__", _Plan(kind, rules, frozen, slots))  # noqa: B010 - no type declares it
        return kind

    return decorate


def _field(
    *,
    default: Any = _ABSENT,
    default_factory: Callable[[], Any] | None = None,
    repr: bool = True,  # noqa: A002 - its name there
    compare: bool = True,
) -> Any:
    return _Rule(default, default_factory, repr, compare)


def _rule(said: Any) -> _Rule:
    if said is _ABSENT:
        return _PLAIN
    return said if isinstance(said, _Rule) else _Rule(said, None, True, True)


def _replace(value: Kind, /, **changes: Any) -> Kind:
    names: tuple[str, ...] = type(value).__match_args__  # type: ignore[attr-defined]
    for name in names:
        if name not in changes:
            changes[name] = getattr(value, name)
    return type(value)(**changes)


# ── the methods ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _first(self: Any, *given: Any, **named: Any) -> None:
    """The `__init__` of a class that has few instances yet."""
    plan: _Plan = self.__plan__
    plan.instances += 1
    if plan.instances < _MANY and _filled(self, plan.rules, given, named):
        return
    made = plan.kind.__init__ = _init(plan)  # type: ignore[misc]
    made(self, *given, **named)


def _filled(self: Any, rules: dict[str, _Rule], given: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Give the fields their values; False for arguments that do not fit: a compiled `__init__` says what is wrong."""
    if len(given) > len(rules):
        return False
    left = dict(zip(rules, given, strict=False))
    if not left.keys().isdisjoint(named):
        return False
    left.update(named)
    for name, rule in rules.items():
        if name in left:
            value = left.pop(name)
        elif rule.factory is not None:
            value = rule.factory()
        elif rule.default is not _ABSENT:
            value = rule.default
        else:
            return False
        object.__setattr__(self, name, value)
    return not left


def _init(plan: _Plan) -> Callable[..., None]:
    scope: dict[str, Any] = {"_absent": _ABSENT, "_put": object.__setattr__}
    parameters, lines = [], []
    for name, rule in plan.rules.items():
        value = name
        if rule.factory is not None:
            scope[f"_make_{name}"] = rule.factory
            parameters.append(f"{name}=_absent")
            value = f"_make_{name}() if {name} is _absent else {name}"
        elif rule.default is not _ABSENT:
            scope[f"_default_{name}"] = rule.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        if not plan.frozen:
            lines.append(f"self.{name} = {value}")
        elif plan.slots:
            scope[f"_put_{name}"] = vars(plan.kind)[name].__set__
            lines.append(f"_put_{name}(self, {value})")
        else:
            lines.append(f"_put(self, {name!r}, {value})")
    text = f"def __init__(self, {', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"])
    exec(text, scope)  # noqa: S102 - made of a class's own field names
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{plan.kind.__qualname__}.__init__"
    return made


def _repr(self: Any) -> str:
    rules: dict[str, _Rule] = self.__plan__.rules
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name, rule in rules.items() if rule.repr)
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    key = self.__plan__.key
    return key(self) == key(other)


def _hash(self: Any) -> int:
    return hash(self.__plan__.key(self))


def _refuse(self: Any, name: str, *value: Any) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: its {name} stays as it is")


class _Fields:
    """What `dataclasses.fields` looks at, made when it does."""

    def __get__(self, value: Any, kind: Any) -> Any:
        import dataclasses

        plan: _Plan = kind.__plan__
        made = [(name, kind.__annotations__[name], _standard(rule)) for name, rule in plan.rules.items()]
        twin = dataclasses.make_dataclass(kind.__name__, made, init=False, repr=False, eq=False)
        fields = plan.kind.__dataclass_fields__ = twin.__dataclass_fields__  # type: ignore[attr-defined]
        return fields


def _standard(rule: _Rule) -> Any:
    import dataclasses

    given: dict[str, Any] = {} if rule.default is _ABSENT else {"default": rule.default}
    if rule.factory is not None:
        given["default_factory"] = rule.factory
    return dataclasses.field(repr=rule.repr, compare=rule.compare, **given)


# ── named tuples ─────────────────────────────────────────────────────────────────────────────────────────────────────


class _Rows(type):
    """What turns `class Name(NamedTuple)` into a named tuple."""

    def __new__(cls, name: str, bases: tuple[type, ...], own: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, own)
        fields = own["__annotations__"]
        defaults = [own.pop(field) for field in fields if field in own]
        make: Callable[..., Any] = collections.namedtuple
        made = make(name, fields, defaults=defaults, module=own["__module__"])
        for key, value in own.items():
            setattr(made, key, value)
        return made


class _NamedTuple(metaclass=_Rows):
    """The base that only the one who writes a class sees."""


if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace  # noqa: TID251 - what ours looks like
    from typing import NamedTuple
else:
    dataclass, field, replace, NamedTuple = _dataclass, _field, _replace, _NamedTuple
