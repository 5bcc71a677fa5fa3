"""NPD106 speaks where an extension is for another processor."""

from __future__ import annotations

from build import AARCH64, SITE, X86_64, a_dist, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Arch, Facts
from nixpydoctor.findings import Severity
from nixpydoctor.rules.wrong_machine import wrong_machine

EXT = "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so"


def built_for(arch: Arch) -> Facts:
    return facts(a_dist(extensions=[EXT]), objects=[an_object(f"{SITE}/{EXT}", "libc.so.6", arch=arch)])


def test_an_aarch64_wheel_under_an_x86_64_python() -> None:
    (finding,) = wrong_machine.check(Case(built_for(AARCH64)))
    assert finding.detail == "aarch64 (64 bits, little endian)"
    assert "aarch64" in finding.message
    assert not finding.loads
    assert (finding.severity, finding.breaks) == (Severity.NOTE, ()), "no import here reaches it"


def test_silent_about_the_own_machine() -> None:
    assert not list(wrong_machine.check(Case(built_for(X86_64))))
