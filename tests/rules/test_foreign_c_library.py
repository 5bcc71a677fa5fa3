"""NPD107 speaks where musl meets glibc."""

from __future__ import annotations

from build import SITE, a_dist, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.findings import Severity
from nixpydoctor.rules.foreign_c_library import foreign_c_library
from nixpydoctor.rules.missing_library import missing_library

EXT = "fast/_fast.abi3.so"


def test_a_musllinux_wheel_in_a_glibc_process() -> None:
    world = facts(a_dist("fast", extensions=[EXT]), objects=[an_object(f"{SITE}/{EXT}", "libc.musl-x86_64.so.1")])
    (finding,) = foreign_c_library.check(Case(world))
    assert finding.detail == "libc.musl-x86_64.so.1"
    assert "built for musl" in finding.message
    assert "runs on glibc" in finding.message
    assert (finding.severity, finding.breaks) == (Severity.NOTE, ()), "no import here reaches it"
    assert not list(missing_library.check(Case(world))), "no library path cures it, so NPD101 does not speak"


def test_silent_about_a_manylinux_wheel() -> None:
    world = facts(a_dist("fast", extensions=[EXT]), objects=[an_object(f"{SITE}/{EXT}", "libc.so.6")])
    assert not list(foreign_c_library.check(Case(world)))
