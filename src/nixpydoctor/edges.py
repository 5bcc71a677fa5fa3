"""What importing one file does, as far as it matters here: the nouns between `formats/source.py` and `imports.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One Python source or compiled module, reduced to what it imports and opens."""

    body: tuple[object, ...] = ()
