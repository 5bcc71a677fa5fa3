"""NPD407 speaks where an extension maps a libpython that is not the process's own."""

from __future__ import annotations

from a_host import LIBPYTHON, PROGRAM, a_host
from a_mac import PYTHON, a_mac, a_mac_dist, an_extension, an_image
from build import SITE, a_dist, an_object
from nixpydoctor.case import Case
from nixpydoctor.darwin import EXECUTE
from nixpydoctor.facts import Elf, Facts, FsPath, Host
from nixpydoctor.findings import Severity
from nixpydoctor.light import replace
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


def test_a_program_that_starts_with_two() -> None:
    """A library of it was linked with another Python."""
    plugin = an_object("/opt/app/libplugin.so", "libpython3.11.so.1.0", soname="libplugin.so", runpath="/else/lib")
    other = an_object("/else/lib/libpython3.11.so.1.0", soname="libpython3.11.so.1.0")
    needed = ("libpython3.12.so.1.0", "/opt/app/libplugin.so")
    (finding,) = second_libpython.check(Case(a_host(objects=[plugin, other], needed=needed)))
    assert finding.severity is Severity.WARNING
    assert "starts with 2 libpythons" in finding.message
    assert finding.detail == "libpython3.11.so.1.0 libpython3.12.so.1.0"


def test_a_static_host_meets_an_extension_that_brings_one() -> None:
    """Its functions are the program's, which came first: worth knowing, no more."""
    host = Host(None, PROGRAM, FsPath("/opt/python"))
    other = an_object("/else/lib/libpython3.12.so.1.0", soname="libpython3.12.so.1.0")
    extension = an_object(EXTENSION, "libpython3.12.so.1.0", runpath="/else/lib")
    dist = a_dist("tool", extensions=[EXTENSION])
    facts = a_host(dist, host=host, needed=("libc.so.6",), objects=[extension, other])
    (finding,) = second_libpython.check(Case(facts))
    assert finding.severity is Severity.NOTE


def test_silent_where_it_gets_the_one_that_is_there() -> None:
    """Its soname is loaded already: no file is looked for, wherever another copy lies."""
    other = an_object("/else/lib/libpython3.12.so.1.0", soname="libpython3.12.so.1.0")
    assert not list(second_libpython.check(Case(world(LIBPYTHON.rpartition("/")[2], "/else/lib", other))))


def test_silent_about_an_extension_that_needs_none() -> None:
    assert not list(second_libpython.check(Case(world("libc.so.6", "/else/lib"))))


# ── macOS ────────────────────────────────────────────────────────────────────────────────────────────────────────────

MAC_EXT = "tool.cpython-312-darwin.so"
STORE_LIBPYTHON = "/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1/lib/libpython3.12.dylib"
FRAMEWORK = "/opt/homebrew/Frameworks/Python.framework/Versions/3.12/Python"


def on_a_mac(needed: str, *images: str) -> Case:
    """A Python that has its libpython in a library, and an extension that needs one."""
    python = an_image(PYTHON, STORE_LIBPYTHON, kind=EXECUTE)
    told = a_mac(
        a_mac_dist("tool", MAC_EXT), images=[an_extension(MAC_EXT, needed), *(an_image(path) for path in images)]
    )
    disk = told.disk.overlay({}, slices={PYTHON: (python,), FsPath(STORE_LIBPYTHON): (an_image(STORE_LIBPYTHON),)})
    return Case(replace(told, disk=disk))


def test_an_extension_of_macos_that_links_another_libpython() -> None:
    for other in (FRAMEWORK, "/opt/homebrew/lib/libpython3.12.dylib"):
        (finding,) = second_libpython.check(on_a_mac(other, other))
        assert (finding.severity, finding.detail) == (Severity.WARNING, other)


def test_silent_on_macos_where_it_is_the_pythons_own_or_another_library() -> None:
    assert not list(second_libpython.check(on_a_mac(STORE_LIBPYTHON)))
    assert not list(second_libpython.check(on_a_mac("@rpath/libomp.dylib")))
