"""Which package of Debian 12 holds a soname: the data of `debian-packages.toml`, read on first use."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from nixpydoctor import packaged


def debian_package(soname: str) -> str | None:
    """The package; empty where the image of Python has the library, None where nobody knows."""
    return _table().get(soname)


@cache
def _table() -> Mapping[str, str]:
    table: Mapping[str, str] = tomllib.loads(packaged.text("knowledge/debian-packages.toml"))
    return table
