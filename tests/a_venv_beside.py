"""A literal world in which the shell has a venv that a program with an embedded Python does not use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from a_host import HOST, a_host
from build import a_dist
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Facts, FsPath, PathEntry, Venv

VENV = FsPath("/home/ada/app/.venv")
SITE = FsPath(f"{VENV}/lib/python3.12/site-packages")
USERS = FsPath("/home/ada/.local/lib/python3.12/site-packages")
FILES = {
    FsPath("/opt/python/lib/python3.12/os.py"): "",
    FsPath("/opt/python/bin/python3"): "",
    FsPath("/usr/bin/python3"): "",
    FsPath(f"{VENV}/pyvenv.cfg"): "home = /opt/python/bin\n",
    FsPath(f"{VENV}/bin/python3"): "",
    FsPath(f"{SITE}/requests/__init__.py"): "",
}


def world(version: str = "3.12", outside: str = "3.12.1", env: Mapping[str, str] | None = None) -> Facts:
    """A venv of the shell holds requests; the program starts with another python3 first on PATH."""
    requests = replace(a_dist("requests"), location=SITE)
    venv = Venv(VENV, FsPath("/opt/python/bin"), "3.12.1", "venv", False)
    told = a_host(
        beside=[requests],
        version=version,
        outside=outside,
        venv=venv,
        env={"PATH": "/usr/bin", **(env or {})},
        host=replace(HOST, executable="/usr/bin/python3"),
    )
    assert told.beside is not None
    assert told.beside.python is not None
    shell = replace(told.beside.python, command=FsPath(f"{VENV}/bin/python3"), path=(PathEntry(SITE, "venv"),))
    links = {FsPath(f"{VENV}/bin/python3"): FsPath("/opt/python/bin/python3")}
    disk = Disk.closed(texts=FILES, links=links)
    return replace(told, beside=replace(told.beside, python=shell), disk=disk)
