"""Reads out of an error text what it says beside its message: versions, paths, modules, and how the process ended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from nixpydoctor.facts import STORE
from nixpydoctor.light import dataclass

_PATH = re.compile(r"(?<![\w.~/-])(?:~|/[\w.@+~-])[^\s'\"`,;:()<>\[\]{}|*?…]{1,400}")
_ROOT = re.compile(r"(.{1,300}?)/lib(?:64)?/python(\d\.\d{1,2})t?(?=/|$)")
_EXECUTABLE = re.compile(r".{1,300}/bin/(?:python|pypy)[\d.]{0,6}t?$")
_MODULE = re.compile(r"/(?:site|dist)-packages/([A-Za-z_]\w{0,80})")
_NUMPY = re.compile(
    r"(?:NumPy version is:? \"|numpy(?:==|-)|NumPy (?=\d\.\d{1,3}\.\d))(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)", re.IGNORECASE
)
_PYTHON = re.compile(r"(?:Python version is: Python ?|/python|cpython-(?=3)|\bPython )(3)\.?(\d{1,2})\b")
_RUNNING = re.compile(r"Python version is: Python ?(3)\.(\d{1,2})\b")
_SAID_PYTHON = re.compile(r"Python version is: Python ?\d\.\d{1,2} from \"([^\"]{1,400})\"")
_BUILT = re.compile(r"\.cpython-3(\d{1,2})t?-[\w-]{1,60}\.so")
_STORE_NAME = re.compile(r"/nix/store/[^/\s]{1,8}[^/\s]{0,40}-(python3|glibc)-(\d[\w.+-]{0,30})")
_PYTHONPATH = re.compile(r"\bPYTHONPATH(?:=|: ?| is )[\"']?([^\s\"']{1,2000})")
_EXIT = re.compile(
    r"(?:exit(?:ed)?(?: with)?(?: non-?zero)?(?: exit)?(?: status| code){1,3}|returned|status code was)[: ]{1,3}"
    r"(?:non-zero exit status )?(-?\d{1,3})\b",
    re.IGNORECASE,
)
_ELSEWHERE = ("/uv/python/", "/.pyenv/versions/", "conda", "/usr/bin/", "/usr/local/", "/rye/")
"""In paths of Pythons that are not Nix's. A venv's own path tells nothing."""
_T = TypeVar("_T")
_MANY = 200
_WINDOW = 400
"""Lines around the decisive one that are read."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What a text tells of the process that wrote it. Empty where it is silent."""

    numpy: str = ""
    python: str = ""
    """`3.12`."""
    built: tuple[str, ...] = ()
    """`3.11`: for which Pythons the compiled files that it names were made."""
    executables: tuple[str, ...] = ()
    """Paths of Pythons."""
    sites: tuple[str, ...] = ()
    """Folders with `lib/pythonX.Y/site-packages` below them: venvs, mostly."""
    roots: tuple[str, ...] = ()
    """Other folders with `lib/pythonX.Y` below them: where a standard library is."""
    paths: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    """Top-level modules below site-packages whose code ran, the last one first."""
    store: tuple[tuple[str, str], ...] = ()
    """`("glibc", "2.40-66")`: Pythons and C libraries of the Nix store."""
    pythonpath: str = ""
    exit_code: int | None = None

    @property
    def in_store(self) -> bool | None:
        """Whether the Python is Nix's own; None where the text does not say."""
        if any(name == "python3" for name, _ in self.store):
            return True
        homes = (*self.executables, *self.roots, *self.sites)
        if any(home.startswith(STORE) for home in homes):
            return True
        return False if any(mark in f"{home}/" for home in homes for mark in _ELSEWHERE) else None


def clues(lines: list[str], near: int) -> Clues:
    """The clues around line number `near`."""
    window = lines[max(0, near - _WINDOW) : near + _WINDOW]
    text = "\n".join(window)
    paths = tuple(_first(_PATH.findall(text), _MANY))
    executables = [*_SAID_PYTHON.findall(text), *(path for path in paths if _EXECUTABLE.fullmatch(path))]
    homes = [(found[1], "-packages" in path) for path in paths for found in [_ROOT.match(path)] if found]
    sites = dict.fromkeys(root for root, site in homes if site)
    told = _RUNNING.search(text) or _PYTHON.search(text)
    pythonpath = _PYTHONPATH.search(text)
    exits = _EXIT.findall(text)
    numpy = _NUMPY.search(text)
    return Clues(
        numpy=numpy[1] if numpy else "",
        python=f"{told[1]}.{told[2]}" if told else "",
        built=tuple(_first((f"3.{minor}" for minor in _BUILT.findall(text)), 5)),
        executables=tuple(_first(executables, 20)),
        sites=tuple(sites),
        roots=tuple(dict.fromkeys(root for root, _ in homes if root not in sites)),
        paths=paths,
        modules=tuple(_first(reversed(_MODULE.findall(text)), 20)),
        store=tuple(_first(_STORE_NAME.findall(text), 10)),
        pythonpath=pythonpath[1] if pythonpath else "",
        exit_code=int(exits[-1]) if exits else None,
    )


def _first(items: Iterable[_T], number: int) -> Iterator[_T]:
    """So many different items."""
    seen: set[_T] = set()
    for item in items:
        if item not in seen:
            seen.add(item)
            yield item
            if len(seen) == number:
                return
