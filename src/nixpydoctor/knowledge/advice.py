"""Advice that is popular for a message and wrong: the data of `advice.toml`, read on first use."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal

from nixpydoctor import packaged
from nixpydoctor.light import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """What people say, and why not."""

    says: str
    why: str
    about: tuple[str, ...]
    """Names of rules and messages."""
    where: Literal["any", "store", "elsewhere"] = "any"
    """For which Pythons it is wrong."""
    harm: bool = False
    """Whether it breaks something else."""


def wrong(names: Iterable[str], in_store: bool | None) -> Iterator[Advice]:
    """What not to do about any of these rules and messages, harm first; `in_store` as far as it is known."""
    wanted = set(names)
    excluded = {True: "elsewhere", False: "store", None: ""}[in_store]
    fitting = [one for one in _table() if wanted & set(one.about) and one.where != excluded]
    yield from sorted(fitting, key=lambda one: not one.harm)


@cache
def _table() -> tuple[Advice, ...]:
    plain = tomllib.loads(packaged.text("knowledge/advice.toml"))["advice"]
    return tuple(Advice(**{**entry, "about": tuple(entry["about"])}) for entry in plain)
