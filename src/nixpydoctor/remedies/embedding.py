"""What remedies for hosts share: another Python's libpython, and the world of a host that maps it."""

from __future__ import annotations

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Python, World, join, leaf
from nixpydoctor.light import replace


def libpython(case: Case, python: Python) -> FsPath | None:
    """The shared library of a Python, beside its prefix; None where it is a static one."""
    if python.minor is None:
        return None
    stem = f"libpython{python.minor[0]}.{python.minor[1]}.so"
    for lib in ("lib", "lib64", f"lib/{python.machine}-linux-gnu"):
        for name in (f"{stem}.1.0", stem):
            path = join(python.base_prefix, f"{lib}/{name}")
            if case.disk.has(path):
                return path
    return None


def with_libpython(main: World, python: Python, library: FsPath) -> World:
    """The same program with the Python of that libpython inside."""
    host = main.host
    if host is None:
        return main
    inside = main.python if main.python is not None else replace(python, command=main.process.executable)
    return replace(
        main,
        host=replace(host, needed=leaf(library), library=library, prefix=python.base_prefix, exports=True),
        python=replace(
            inside,
            version=".".join(python.version.split(".")[:2]),
            soabi=python.soabi,
            suffixes=python.suffixes,
            builtins=python.builtins,
            frozen=python.frozen,
            basis="read",
            silence="embedded, so its paths are predicted",
        ),
    )
