"""NPD407 speaks where an extension maps a libpython that is not the process's own."""

from __future__ import annotations

from a_host import LIBPYTHON, a_host
from build import SITE, a_dist, an_object
from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, Facts, FsPath
from nixpydoctor.findings import Severity
from nixpydoctor.rules.second_libpython import second_libpython

EXTENSION = FsPath(f"{SITE}/tool/core.abi3.so")


def world(soname: str, runpath: str, *more: Elf) -> Facts:
    extension = an_object(EXTENSION, soname, runpath=runpath)
    return a_host(a_dist("tool", extensions=[EXTENSION]), objects=[extension, *more])


def test_a_libpython_of_another_minor() -> None:
    other = an_object("/else/lib/libpython3.11.so.1.0", soname="libpython3.11.so.1.0")
    (finding,) = second_libpython.check(Case(world("libpython3.11.so.1.0", "/else/lib", other)))
    assert finding.severity is Severity.WARNING
    assert (finding.dist, finding.detail) == ("tool", "libpython3.11.so.1.0")


def test_silent_where_it_gets_the_one_that_is_there() -> None:
    """Its soname is loaded already: no file is looked for, wherever another copy lies."""
    other = an_object("/else/lib/libpython3.12.so.1.0", soname="libpython3.12.so.1.0")
    assert not list(second_libpython.check(Case(world(LIBPYTHON.rpartition("/")[2], "/else/lib", other))))


def test_silent_about_an_extension_that_needs_none() -> None:
    assert not list(second_libpython.check(Case(world("libc.so.6", "/else/lib"))))
