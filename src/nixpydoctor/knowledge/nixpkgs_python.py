"""What nixpkgs calls the distributions of the registry: the data of `nixpkgs-python.toml`, read on first use."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from nixpydoctor import packaged

_KEYWORDS = frozenset({"assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"})


def attribute_of(key: str) -> str | None:
    """The attribute in a Python's package set for a normalized name; None where nobody knows of one."""
    same, other, _ = _table()
    return other.get(key) or (key if key in same else None)


def spellings(key: str) -> tuple[str, ...]:
    """What nixpkgs may call it, today's name first: until 2024 many attributes had `_` where they have `-` now."""
    _, other, formerly = _table()
    names = (other.get(key, key), key.replace("-", "_"), formerly.get(key, key))
    return tuple(dict.fromkeys(names))


def selected(scope: str, attr: str) -> str:
    """Nix text of an attribute of `scope`, quoted where its name is no Nix identifier."""
    head = attr[:1].isascii() and (attr[:1].isalpha() or attr[:1] == "_")
    plain = head and attr.isascii() and all(char.isalnum() or char in "_-" for char in attr)
    return f"{scope}.{attr}" if plain and attr not in _KEYWORDS else f'{scope}."{attr}"'


@cache
def _table() -> tuple[frozenset[str], Mapping[str, str], Mapping[str, str]]:
    plain = tomllib.loads(packaged.text("knowledge/nixpkgs-python.toml"))
    return frozenset(plain["same"]), plain["other"], plain["formerly"]
