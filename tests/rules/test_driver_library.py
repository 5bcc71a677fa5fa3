"""NPD509 speaks of the driver's libraries, and the rules about packages leave them to it."""

from __future__ import annotations

from build import SITE, a_dist, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, Facts
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.rules.driver_library import driver_library
from nixpydoctor.rules.missing_library import missing_library
from nixpydoctor.rules.unopenable_library import unopenable_library

EXT = "torch/_C.cpython-312-x86_64-linux-gnu.so"
IMPORTS = {"torch/__init__.py": "from . import _C\n"}


def world(*objects: Elf, needs: str = "libcuda.so.1", sources: dict[str, str] | None = None) -> Facts:
    held = [an_object(f"{SITE}/{EXT}", needs), *objects]
    return facts(a_dist("torch", extensions=[EXT]), objects=held, sources=sources or IMPORTS)


def found(facts: Facts) -> list[Finding]:
    return list(driver_library.check(Case(facts)))


def test_a_missing_driver_library_is_told_here_and_nowhere_else() -> None:
    facts = world()
    (finding,) = found(facts)
    assert (finding.severity, finding.breaks, finding.detail) == (Severity.ERROR, ("torch",), "libcuda.so.1")
    assert "nowhere on this machine" in finding.message
    assert not list(missing_library.check(Case(facts)))


def test_where_the_driver_is_the_message_says_so() -> None:
    (finding,) = found(world(a_library("/run/opengl-driver/lib/libcuda.so.1")))
    assert "lies in /run/opengl-driver/lib" in finding.message


def test_an_optional_part_is_a_note() -> None:
    (finding,) = found(world(sources={"torch/__init__.py": ""}))
    assert finding.severity is Severity.NOTE


def test_what_python_code_opens_by_name_is_told_here_as_well() -> None:
    code = "import ctypes\nctypes.CDLL('libnvidia-ml.so.1')\n"
    facts = world(needs="libc.so.6", sources={"torch/__init__.py": code})
    (finding,) = found(facts)
    assert (finding.detail, finding.breaks) == ("libnvidia-ml.so.1", ("torch",))
    assert not list(unopenable_library.check(Case(facts)))


def test_silent_about_libraries_that_packages_hold_and_where_the_driver_is_found() -> None:
    assert not found(world(needs="libGL.so.1"))
    driver = a_library("/run/opengl-driver/lib/libcuda.so.1", "libc.so.6")
    held = [an_object(f"{SITE}/{EXT}", "libcuda.so.1"), driver]
    env = {"LD_LIBRARY_PATH": "/run/opengl-driver/lib"}
    assert not found(facts(a_dist("torch", extensions=[EXT]), objects=held, sources=IMPORTS, env=env))
