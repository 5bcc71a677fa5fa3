"""What a build from source wants in a Nix shell: the data of `source-inputs.toml`, read on first use."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from nixpydoctor import packaged
from nixpydoctor.light import NamedTuple


class Inputs(NamedTuple):
    """Attributes of nixpkgs."""

    libraries: tuple[str, ...]
    """With their headers, for `buildInputs`."""
    tools: tuple[str, ...]
    """Programs, for `nativeBuildInputs`."""


def inputs_of(dist: str) -> Inputs | None:
    """What a distribution of this normalized name is built with; None where nobody knows."""
    found = _table().get(dist)
    return Inputs(tuple(found["inputs"]), tuple(found.get("tools", ()))) if found is not None else None


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(packaged.text("knowledge/source-inputs.toml"))
