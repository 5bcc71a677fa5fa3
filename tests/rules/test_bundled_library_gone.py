"""NPD103 speaks where a library that the wheel itself brought is missing."""

from __future__ import annotations

from build import SITE, a_dist, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.findings import Severity
from nixpydoctor.rules.bundled_library_gone import bundled_library_gone
from nixpydoctor.rules.missing_library import missing_library

EXT = "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so"
BLAS = "libscipy_openblas64_-ff651d7f.so"


def test_a_library_that_record_lists_and_the_disk_lacks() -> None:
    world = facts(
        a_dist(extensions=[EXT], gone=[f"numpy.libs/{BLAS}"]),
        objects=[an_object(f"{SITE}/{EXT}", BLAS, rpath="$ORIGIN/../../numpy.libs")],
    )
    (finding,) = bundled_library_gone.check(Case(world))
    assert (finding.detail, finding.loads) == (BLAS, False)
    assert (finding.severity, finding.breaks) == (Severity.NOTE, ()), "no import here reaches it"
    assert f"needs {BLAS}, which its wheel brought" in finding.message
    assert not list(missing_library.check(Case(world))), "no system can supply it, so NPD101 does not speak"


def test_silent_about_a_library_that_systems_supply() -> None:
    world = facts(a_dist(extensions=[EXT]), objects=[an_object(f"{SITE}/{EXT}", "libstdc++.so.6")])
    assert not list(bundled_library_gone.check(Case(world)))
