"""Turns the text of a search path into folders: separators, empty elements, `$ORIGIN`, `$LIB`, `$PLATFORM`.

Follows `fillin_rpath`, `is_dst` and `_dl_dst_substitute` in glibc's elf/dl-load.c; ld.so(8), "Dynamic string tokens".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nixpydoctor.facts import FsPath
from nixpydoctor.light import dataclass

TOKEN = re.compile(r"\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM))(?![A-Za-z0-9_])")
"""A token, in braces or not followed by what could go on with its name; any other `$` stands for itself."""

HERE = "."
"""The process's working folder: known only as that."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the tokens mean for one object. An empty value is unknown and spoils the element that uses it."""

    origin: str
    lib: str
    platform: str

    def expand(self, text: str) -> str | None:
        """`text` with every token replaced; None where a token has no value."""
        if "$" not in text:
            return text
        values = {"ORIGIN": self.origin, "LIB": self.lib, "PLATFORM": self.platform}
        pieces = TOKEN.split(text)  # what stands between tokens, and for each token its name with braces and without
        for at in range(1, len(pieces), 3):
            value = values[pieces[at] or pieces[at + 1]]
            if not value:
                return None
            pieces[at : at + 2] = value, ""
        return "".join(pieces)


def folders(text: str, tokens: Tokens, separators: str = ":") -> tuple[str, ...]:
    """The folders that a search path names, each once, without trailing slashes; an empty element is `HERE`."""
    found: dict[str, None] = {}
    for other in separators[1:]:
        text = text.replace(other, separators[0])
    for element in text.split(separators[0]):
        folder = tokens.expand(element)
        if element and not folder:
            continue
        found[_trim(folder) if folder else HERE] = None
    return tuple(found)


def _trim(folder: str) -> str:
    return folder.rstrip("/") or "/"


def without_dots(folder: str, here: FsPath, link: Callable[[FsPath], FsPath | None]) -> str:
    """`/a/b/../c` as `/a/c`, where b lies above the existing folder `here` and is no symbolic link; else unchanged."""
    parts: list[str] = []
    for part in folder.split("/")[1:]:
        if part == "..":
            above = FsPath("/" + "/".join(parts))
            if not parts or not f"{here}/".startswith(f"{above}/") or link(above) is not None:
                return folder
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)
