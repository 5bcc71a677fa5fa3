"""NPD105 speaks where the library that is really chosen does not define a needed version."""

from __future__ import annotations

from build import GLIBC, SITE, a_dist, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.rules.version_not_provided import version_not_provided

EXT = "fast/_fast.cpython-312-x86_64-linux-gnu.so"


def wanting(version: str) -> Facts:
    extension = an_object(f"{SITE}/{EXT}", "libc.so.6", wants=[("libc.so.6", version)])
    return facts(a_dist("fast", extensions=[EXT]), objects=[extension])


def test_a_glibc_that_is_too_old_is_named_with_its_path() -> None:
    (finding,) = version_not_provided.check(Case(wanting("GLIBC_2.41")))
    assert finding.detail == "GLIBC_2.41"
    assert f"{GLIBC}/lib/libc.so.6" in finding.message
    assert not finding.loads
    assert (finding.severity, finding.breaks) == (Severity.NOTE, ()), "no import here reaches it"


def test_silent_where_the_version_is_there() -> None:
    assert not list(version_not_provided.check(Case(wanting("GLIBC_2.40"))))


def test_the_first_library_found_decides_even_if_a_newer_one_follows() -> None:
    extension = an_object(f"{SITE}/{EXT}", "libstdc++.so.6", wants=[("libstdc++.so.6", "GLIBCXX_3.4.32")])
    world = facts(
        a_dist("fast", extensions=[EXT]),
        objects=[
            extension,
            a_library("/old/libstdc++.so.6", defines=("GLIBCXX_3.4.30",)),
            a_library("/new/libstdc++.so.6", defines=("GLIBCXX_3.4.30", "GLIBCXX_3.4.32")),
        ],
        env={"LD_LIBRARY_PATH": "/old:/new"},
    )
    (finding,) = version_not_provided.check(Case(world))
    assert finding.detail == "GLIBCXX_3.4.32"
