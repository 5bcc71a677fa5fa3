"""Values of frozen types to what JSON can hold and back, driven by their annotations (PEP 526, PEP 604).

Knows dataclasses, named tuples, enums, literals, tuples, frozen sets, mappings, `NewType` and unions of these. A field
that has its default is left out. Where a union leaves more than one reading of a JSON value, the value names its class.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, Literal, NewType, get_args, get_origin

from nixpydoctor.facts import FsPath
from nixpydoctor.light import dataclass

Rewrite = Callable[[str], str]
Shape = Literal["null", "text", "number", "flag", "list", "record"]

_TAG = "is"
"""No field can have this name: it is a keyword."""
_SCALARS: Mapping[type, Shape] = {str: "text", int: "number", bool: "flag"}
_JSON: Mapping[type, Shape] = {
    type(None): "null",
    str: "text",
    int: "number",
    float: "number",
    bool: "flag",
    list: "list",
    dict: "record",
}


class MisfitError(ValueError):
    """A JSON value that does not fit its annotation; the text names the place and what was expected there."""


@dataclass(slots=True)
class Codec:
    """Both directions for one annotation."""

    name: str
    shape: Shape
    holds: Callable[[Any], bool]
    """Whether a value is one that this encodes."""
    encode: Callable[[Any, Rewrite], Any]
    decode: Callable[[Any], Any]


class Codecs:
    """Codecs by annotation, each made once; types may refer to themselves."""

    def __init__(self, names: Mapping[str, type], absent: Mapping[type, Callable[[], Any]]) -> None:
        self._names = dict(names)
        self._absent = dict(absent)
        self._made: dict[Any, Codec] = {}

    def of(self, hint: Any) -> Codec:
        """The codec of an annotation. Raises `TypeError` for one that it does not know."""
        if hint in self._made:
            return self._made[hint]
        if isinstance(hint, NewType):
            return self.of(hint.__supertype__)
        origin = get_origin(hint)
        if origin in (typing.Union, types.UnionType):
            made = self._union(get_args(hint))
        elif origin is Literal:
            made = _literal(get_args(hint))
        elif origin is tuple:
            made = self._tuple(get_args(hint))
        elif origin is frozenset:
            made = self._set(get_args(hint)[0])
        elif origin is not None and issubclass(origin, Mapping):
            made = self._mapping(*get_args(hint))
        elif hint is type(None):
            made = Codec("null", "null", lambda value: value is None, lambda value, rewrite: None, _null)
        elif hint in _SCALARS:
            made = _scalar(hint)
        elif isinstance(hint, type) and issubclass(hint, enum.Enum):
            made = _enum(hint)
        elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
            return self._record(hint)
        elif isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
            made = self._row(hint)
        else:
            raise TypeError(f"no codec for {hint!r}")
        self._made[hint] = made
        return made

    # ── classes ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _hints(self, kind: type) -> dict[str, Any]:
        return typing.get_type_hints(kind, localns=self._names)

    def _record(self, kind: type) -> Codec:
        made = self._made[kind] = Codec(kind.__name__, "record", lambda value: type(value) is kind, _late, _late)
        hints = self._hints(kind)
        skipped = {name: self._absent[hint] for name, hint in hints.items() if hint in self._absent}
        fields = [
            (field.name, self.of(hints[field.name]), _default(field))
            for field in dataclasses.fields(kind)
            if field.name not in skipped
        ]
        known = {name for name, _, _ in fields}

        def encode(value: Any, rewrite: Rewrite) -> dict[str, Any]:
            plain = {}
            for name, codec, default in fields:
                item = getattr(value, name)
                if default is MISSING or item != default:
                    plain[name] = codec.encode(item, rewrite)
            return plain

        def decode(plain: Any) -> Any:
            _shaped(plain, dict, kind.__name__)
            values = {name: make() for name, make in skipped.items()}
            for name, codec, default in fields:
                if name in plain:
                    try:
                        values[name] = codec.decode(plain[name])
                    except MisfitError as error:
                        raise MisfitError(f"{name}: {error}") from None
                elif default is MISSING:
                    raise MisfitError(f"{kind.__name__} without {name}")
                else:
                    values[name] = default
            if not known.issuperset(plain):
                raise MisfitError(f"{kind.__name__} with an unknown field {min(set(plain) - known, key=str)!a}")
            return kind(**values)

        made.encode, made.decode = encode, decode
        return made

    def _row(self, kind: Any) -> Codec:
        return self._parts(kind.__name__, [self.of(hint) for hint in self._hints(kind).values()], kind, kind)

    def _parts(self, name: str, codecs: list[Codec], kind: type, make: Callable[..., Any]) -> Codec:
        """A list of so many parts, each of its own kind."""

        def encode(value: Any, rewrite: Rewrite) -> list[Any]:
            return [codec.encode(item, rewrite) for codec, item in zip(codecs, value, strict=True)]

        def decode(plain: Any) -> Any:
            if len(_shaped(plain, list, name)) != len(codecs):
                raise MisfitError(f"{name} of {len(plain)} parts")
            return make(*[codec.decode(item) for codec, item in zip(codecs, plain, strict=True)])

        return Codec(name, "list", lambda value: type(value) is kind, encode, decode)

    # ── containers ───────────────────────────────────────────────────────────────────────────────────────────────

    def _tuple(self, args: tuple[Any, ...]) -> Codec:
        if len(args) == 2 and args[1] is Ellipsis:
            one = self.of(args[0])

            def encode_all(value: Any, rewrite: Rewrite) -> list[Any]:
                return [one.encode(item, rewrite) for item in value]

            def decode_all(plain: Any) -> Any:
                return tuple([one.decode(item) for item in _shaped(plain, list, "list")])

            return Codec("list", "list", lambda value: type(value) is tuple, encode_all, decode_all)
        return self._parts("list", [self.of(arg) for arg in args], tuple, lambda *parts: parts)

    def _set(self, arg: Any) -> Codec:
        one = self.of(arg)

        def encode(value: Any, rewrite: Rewrite) -> list[Any]:
            return sorted(one.encode(item, rewrite) for item in value)

        def decode(plain: Any) -> Any:
            return frozenset([one.decode(item) for item in _shaped(plain, list, "list")])

        return Codec("set", "list", lambda value: isinstance(value, frozenset), encode, decode)

    def _mapping(self, key: Any, value: Any) -> Codec:
        """An object; one whose keys are paths is folded by folder, which makes a disk's recording half as long."""
        if key not in (str, FsPath):
            raise TypeError(f"no codec for a mapping from {key!r}")
        one = self.of(value)
        fold = key is FsPath

        def encode(held: Any, rewrite: Rewrite) -> dict[str, Any]:
            plain: dict[str, Any] = {}
            for name, item in held.items():
                if fold:
                    folder, slash, rest = rewrite(name).rpartition("/")
                    plain.setdefault(folder + slash, {})[rest] = one.encode(item, rewrite)
                else:
                    plain[rewrite(name)] = one.encode(item, rewrite)
            return plain

        def decode(plain: Any) -> Any:
            held = {}
            for name, item in _shaped(plain, dict, "mapping").items():
                try:
                    if fold:
                        parts = _shaped(item, dict, "folder").items()
                        held.update({name + rest: one.decode(part) for rest, part in parts})
                    else:
                        held[name] = one.decode(item)
                except MisfitError as error:
                    raise MisfitError(f"{name!a}: {error}") from None
            return held

        return Codec("mapping", "record", lambda held: isinstance(held, Mapping), encode, decode)

    def _union(self, args: tuple[Any, ...]) -> Codec:
        members = [self.of(arg) for arg in args]
        shapes = [member.shape for member in members]
        tagged = {shape for shape in shapes if shapes.count(shape) > 1}
        if tagged - {"record"}:
            raise TypeError(f"no codec for {' | '.join(map(str, args))}: members look alike in JSON")
        by_shape = {member.shape: member for member in members}
        by_name = {member.name: member for member in members if member.shape == "record"}

        def encode(value: Any, rewrite: Rewrite) -> Any:
            for member in members:
                if member.holds(value):
                    plain = member.encode(value, rewrite)
                    return {_TAG: member.name, **plain} if member.shape in tagged else plain
            raise TypeError(f"{type(value).__name__} is none of {', '.join(member.name for member in members)}")

        def decode(plain: Any) -> Any:
            shape = _JSON.get(type(plain), "null")
            if shape not in by_shape:
                raise MisfitError(f"{shape}, but expected {' or '.join(member.name for member in members)}")
            if shape not in tagged:
                return by_shape[shape].decode(plain)
            name = plain.get(_TAG)
            if not isinstance(name, str) or name not in by_name:
                raise MisfitError(f"none of {', '.join(by_name)}")
            return by_name[name].decode({key: item for key, item in plain.items() if key != _TAG})

        return Codec("union", "null", lambda value: any(member.holds(value) for member in members), encode, decode)


# ── scalars ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _scalar(kind: type) -> Codec:
    encode: Callable[[Any, Rewrite], Any] = lambda value, rewrite: value  # noqa: E731
    if kind is str:
        encode = lambda value, rewrite: rewrite(value)  # noqa: E731
    name = _SCALARS[kind]

    def decode(plain: Any) -> Any:
        return _shaped(plain, kind, name)

    return Codec(name, name, lambda value: type(value) is kind, encode, decode)


def _literal(values: tuple[Any, ...]) -> Codec:
    shape = _JSON[type(values[0])]

    def decode(plain: Any) -> Any:
        for value in values:
            if type(plain) is type(value) and plain == value:
                return value
        raise MisfitError(f"none of {', '.join(map(str, values))}")

    return Codec(shape, shape, lambda value: value in values, lambda value, rewrite: value, decode)


def _enum(kind: type[enum.Enum]) -> Codec:
    def decode(plain: Any) -> Any:
        if not isinstance(plain, str) or plain not in kind.__members__:
            raise MisfitError(f"no {kind.__name__}")
        return kind[plain]

    return Codec(
        kind.__name__, "text", lambda value: isinstance(value, kind), lambda value, rewrite: value.name, decode
    )


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _shaped(plain: Any, kind: type, name: str) -> Any:
    """`plain`, if JSON gave exactly this type. `True` is no number here."""
    if type(plain) is not kind:
        raise MisfitError(f"{_JSON.get(type(plain), 'nothing')}, but expected {name}")
    return plain


def _null(plain: Any) -> None:
    return _shaped(plain, type(None), "null")  # type: ignore[no-any-return]


def _late(*_: Any) -> Any:
    raise TypeError("a codec was used before it was made")
