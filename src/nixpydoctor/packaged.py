"""Reads files that ship inside the package, from a folder or a zip (`importlib.abc.ResourceLoader.get_data`).

`importlib.resources` would cost some 20 ms at every start: it imports zipfile and tempfile.
"""

from __future__ import annotations

from typing import Any

_HERE = __file__.rpartition("/")[0]


def data(name: str) -> bytes:
    """The bytes of a file named from the package's root, such as `rules/missing_library.md`. Raises `OSError`."""
    loader: Any = __spec__.loader
    found: bytes = loader.get_data(f"{_HERE}/{name}")
    return found


def text(name: str) -> str:
    """The same as text."""
    return data(name).decode("utf-8")


def page(module: str) -> str:
    """The Markdown beside a module of this package."""
    return text(f"{module.partition('.')[2].replace('.', '/')}.md")
