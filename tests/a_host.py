"""A literal world in which a program embeds Python, with the shell's Python beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from build import FHS_INTERP, a_glibc, an_object, facts, fhs_loader
from nixpydoctor.facts import Dist, Elf, Facts, FsPath, Host, Process, Python, Venv, World

PROGRAM = FsPath("/home/ada/app/target/release/app")
LIBPYTHON = FsPath("/opt/python/lib/libpython3.12.so.1.0")
HOST = Host("libpython3.12.so.1.0", LIBPYTHON, FsPath("/opt/python"), executable="/usr/bin/python3")


def a_host(
    *dists: Dist,
    host: Host = HOST,
    version: str = "3.12",
    prefix: str = "/opt/python",
    beside: Iterable[Dist] | None = (),
    outside: str = "3.12.1",
    venv: Venv | None = None,
    env: Mapping[str, str] | None = None,
    objects: Iterable[Elf] = (),
    needed: tuple[str, ...] = ("libpython3.12.so.1.0", "libc.so.6"),
) -> Facts:
    """The program at PROGRAM; `beside` are the distributions of the shell's Python, None where there is none."""
    libc = [replace(obj, path=FsPath(obj.path.replace("/glibc/", "/usr/"))) for obj in a_glibc("/glibc", "2.36")]
    told = facts(
        *dists,
        store=False,
        env=env,
        objects=[
            *libc,
            an_object(PROGRAM, *needed, interp=FHS_INTERP, runpath="/opt/python/lib"),
            *([an_object(LIBPYTHON, soname=LIBPYTHON.rpartition("/")[2])] if host.library == LIBPYTHON else []),
            *objects,
        ],
    )
    assert told.main.python is not None
    inside = replace(
        told.main.python, command=PROGRAM, version=version, prefix=FsPath(prefix), base_prefix=FsPath(prefix)
    )
    main = World(Process(PROGRAM, FHS_INTERP, fhs_loader(), env or {}), inside, None, dists, host=host)
    if host.library is None:
        main = replace(main, python=None)
    shell: World | None = None
    if beside is not None:
        python: Python = replace(told.main.python, command=FsPath("/shell/bin/python3"), version=outside)
        shell = World(told.main.process, python, venv, tuple(beside))
    return replace(told, main=main, beside=shell)
