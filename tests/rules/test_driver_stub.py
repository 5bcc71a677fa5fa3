"""NPD515 speaks where a stub is mapped, and not where the driver's own library is."""

from __future__ import annotations

from build import SITE, a_dist, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.rules.driver_library import driver_library
from nixpydoctor.rules.driver_stub import driver_stub

EXT = "torch/_C.cpython-312-x86_64-linux-gnu.so"
STUBS, DRIVER = "/nix/store/c-cuda/lib/stubs", "/run/opengl-driver/lib"


def world(*folders: str) -> Facts:
    libraries = [a_library(f"{folder}/libcuda.so.1", "libc.so.6") for folder in (STUBS, DRIVER)]
    held = [an_object(f"{SITE}/{EXT}", "libcuda.so.1"), *libraries]
    return facts(a_dist("torch", extensions=[EXT]), objects=held, env={"LD_LIBRARY_PATH": ":".join(folders)})


def test_a_stub_before_the_driver_is_a_warning() -> None:
    case = Case(world(STUBS, DRIVER))
    (finding,) = driver_stub.check(case)
    assert (finding.severity, finding.detail) == (Severity.WARNING, "libcuda.so.1")
    assert STUBS in finding.message
    assert not list(driver_library.check(case))


def test_silent_where_the_driver_comes_first() -> None:
    assert not list(driver_stub.check(Case(world(DRIVER, STUBS))))
