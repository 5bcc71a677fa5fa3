"""Tools that do the same as a distribution without its needs: the data of `others.toml`, read on first use."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Literal

from nixpydoctor import packaged
from nixpydoctor.light import dataclass


@dataclass(frozen=True, slots=True)
class Other:
    """What to take instead, and what that gives up."""

    dists: tuple[str, ...]
    """Normalized names of what it stands in for."""
    lacks: tuple[str, ...]
    """The sonames whose absence it answers; empty for any."""
    instead: str
    kind: Literal["distribution", "program"]
    """One of the registry, or a package of nixpkgs."""
    gives_up: str


def instead_of(dist: str, soname: str) -> Other | None:
    """What could be taken instead of a distribution that lacks this library."""
    fitting = (one for one in _table() if dist in one.dists and (not one.lacks or soname in one.lacks))
    return next(fitting, None)


@cache
def _table() -> tuple[Other, ...]:
    plain = tomllib.loads(packaged.text("knowledge/others.toml"))["tool"]
    return tuple(
        Other(tuple(one["for"]), tuple(one["lacks"]), one["instead"], one["kind"], one["gives_up"]) for one in plain
    )
