"""A Python of its own that gives its loader a library path as an argument: Nix text, and the venv made from it.

Measured with CPython 3.11 and 3.12: with `--argv0` it knows its own name, a venv made from it uses it again, and
children started through `sys.executable` are the same Python. No variable is set, so other programs get none.
"""

from __future__ import annotations

from collections.abc import Iterable

from nixpydoctor.case import Case
from nixpydoctor.facts import STORE, in_store, leaf, parent
from nixpydoctor.remedies.common import SYMBOLIC, attributes_in, listed, number, quoted, template

FILE = "python-with-libraries.nix"


_ARGV0_SINCE = (2, 33)
"""The glibc whose loader knows `--argv0` (its NEWS)."""


def carries(case: Case) -> bool:
    """Whether such a Python can take this one's place: plain CPython of Nix, with nothing from an environment in it."""
    loader, python = case.process.loader, case.facts.main.python
    if loader is None or loader.shim is not None or loader.family != "glibc" or python is None:
        return False
    if loader.version is not None and number(loader.version) < _ARGV0_SINCE:
        return False
    if case.facts.main.host is not None or python.implementation != "cpython" or not _minor(case):
        return False
    if python.soabi is not None and python.soabi.partition("-")[2].partition("-")[0].endswith("t"):
        return False  # free-threaded: another attribute, another name
    own = parent(parent(case.process.executable))
    return not any(
        in_store(dist.location) and not dist.location.startswith(f"{own}/") for dist in case.facts.main.dists
    )


def wrapper(case: Case, library_path: str) -> str:
    """The text of `FILE` for this Python's minor version."""
    minor = _minor(case)
    return template(
        "python_with_libraries.nix",
        base=f"pkgs.python{''.join(minor) or '3'}",
        python=f"python{'.'.join(minor) or '3'}",
        libraries=path_expression(library_path),
    )


def packages_first(folders: Iterable[str]) -> str:
    """A library path of these folders, each once, those of packages before the others."""
    return ":".join(sorted(dict.fromkeys(filter(None, folders)), key=lambda part: not part.startswith(SYMBOLIC)))


def path_expression(library_path: str) -> str:
    """Nix text of a library path: packages by name, store paths so that they are kept, the rest as it is.

    The packages come first, as `packages_first` has them.
    """
    listing = listed(attributes_in(library_path), "    ")
    parts = [f"pkgs.lib.makeLibraryPath [\n{listing}\n  ]"] if listing else []
    for part in library_path.split(":"):
        if in_store(part):
            end = f"{part}/".index("/", len(STORE))
            parts.append(f"builtins.storePath {quoted(part[:end])} + {quoted(part[end:])}")
        elif part and not part.startswith(SYMBOLIC):
            parts.append(quoted(part))
    return ' + ":" + '.join(parts) or '""'


def _minor(case: Case) -> tuple[str, ...]:
    python = case.facts.main.python
    minor = python.minor if python is not None else None
    return tuple(str(part) for part in minor) if minor is not None else ()


def remade(case: Case) -> str:
    """The command that makes the venv again from the new Python."""
    venv = case.facts.main.venv
    if venv is None:
        return ".nix-python/bin/python3 -c 'import sys; print(sys.executable)'"
    name = leaf(venv.root)
    return (
        f"uv venv --clear --python .nix-python/bin/python3 {name}"
        if venv.creator == "uv"
        else f".nix-python/bin/python3 -m venv --clear {name}"
    )
