"""NPD104 speaks where the loader stops at a file that is no object."""

from __future__ import annotations

from build import SITE, a_dist, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.rules.invalid_object import invalid_object

EXT = "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so"


def test_an_extension_that_is_a_text_file() -> None:
    bad = Unread(FsPath(f"{SITE}/{EXT}"), "invalid ELF header", fatal=True)
    (finding,) = invalid_object.check(Case(facts(a_dist(extensions=[EXT]), objects=[bad])))
    assert (finding.subject, finding.detail, finding.loads) == (f"{SITE}/{EXT}", "invalid ELF header", False)


def test_a_text_file_on_the_library_path_ends_the_search_though_the_library_is_behind_it() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[
            an_object(f"{SITE}/{EXT}", "libz.so.1"),
            Unread(FsPath("/bad/libz.so.1"), "file too short", fatal=True),
            a_library("/good/libz.so.1"),
        ],
        env={"LD_LIBRARY_PATH": "/bad:/good"},
    )
    (finding,) = invalid_object.check(Case(world))
    assert finding.detail == "libz.so.1"
    assert "file too short" in finding.message


def test_silent_about_an_unreadable_candidate_that_the_loader_skips() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[
            an_object(f"{SITE}/{EXT}", "libz.so.1"),
            Unread(FsPath("/bad/libz.so.1"), "Permission denied", fatal=False),
            a_library("/good/libz.so.1"),
        ],
        env={"LD_LIBRARY_PATH": "/bad:/good"},
    )
    assert not list(invalid_object.check(Case(world)))
