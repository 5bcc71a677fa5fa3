"""NPD104 speaks where the loader stops at a file that is no object."""

from __future__ import annotations

import pytest

from a_mac import SITE as MAC_SITE
from a_mac import a_mac, a_mac_dist, an_extension, an_image
from build import SITE, a_dist, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.darwin import BUNDLE, EXECUTE, MachO, Signature
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import FsPath, Unread, join
from nixpydoctor.findings import Severity
from nixpydoctor.light import replace
from nixpydoctor.reader import Nothing
from nixpydoctor.rules.invalid_object import invalid_object

EXT = "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so"


def test_an_extension_that_is_a_text_file() -> None:
    bad = Unread(FsPath(f"{SITE}/{EXT}"), "invalid ELF header", fatal=True)
    (finding,) = invalid_object.check(Case(facts(a_dist(extensions=[EXT]), objects=[bad])))
    assert (finding.subject, finding.detail, finding.loads) == (f"{SITE}/{EXT}", "invalid ELF header", False)
    assert (finding.severity, finding.breaks) == (Severity.NOTE, ()), "no import here reaches it"


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


# ── macOS ────────────────────────────────────────────────────────────────────────────────────────────────────────────

MAC_EXT = "demo.cpython-312-darwin.so"
LIBRARY = "@loader_path/libb.dylib"


def on_a_mac(*images: MachO | Unread) -> Case:
    """A distribution with one extension, and what is on the disk."""
    told = a_mac(a_mac_dist("demo", MAC_EXT), images=[one for one in images if isinstance(one, MachO)])
    held = told.disk.recorded()
    slices = {**held.slices, **{one.path: one for one in images if isinstance(one, Unread)}}
    return Case(replace(told, disk=Disk(Nothing(), replace(held, slices=slices))))


@pytest.mark.parametrize(("kind", "name"), [(1, "an object file"), (10, "debug symbols"), (EXECUTE, "a program")])
def test_an_extension_of_macos_that_is_another_kind_of_file(kind: int, name: str) -> None:
    (finding,) = invalid_object.check(on_a_mac(an_image(MAC_EXT, kind=kind)))
    assert (finding.severity, finding.breaks) == (Severity.ERROR, ("demo",)), name
    assert finding.message == "demo 1.0: mach-o file, but not a dylib or bundle"


@pytest.mark.parametrize(
    ("library", "why"),
    [
        (Unread(join(MAC_SITE, "libb.dylib"), "not a mach-o file", False), "not a mach-o file"),
        (an_image("libb.dylib", kind=BUNDLE), "cannot link against bundle"),
        (an_image("libb.dylib", platform=2), "incompatible platform (have 'iOS', need 'macOS')"),
    ],
)
def test_a_library_of_macos_that_is_none(library: MachO | Unread, why: str) -> None:
    """Nobody else speaks of it, and the import fails."""
    case = on_a_mac(an_extension(MAC_EXT, LIBRARY), library)
    (finding,) = invalid_object.check(case)
    assert (finding.severity, finding.breaks) == (Severity.ERROR, ("demo",))
    assert finding.message.endswith(why)
    assert [one.rule.id for one in diagnose(case.facts, remedies=()).findings] == ["NPD104"]


def test_silent_on_macos_where_the_search_finds_another_or_another_rule_speaks() -> None:
    stale = an_image("libb.dylib", signature=Signature("stale"))
    assert not list(invalid_object.check(on_a_mac(an_extension(MAC_EXT, LIBRARY), stale)))
    there = an_extension(MAC_EXT, "@rpath/libb.dylib", rpaths=("@loader_path/bad", "@loader_path"))
    bad = Unread(join(MAC_SITE, "bad/libb.dylib"), "not a mach-o file", False)
    assert not list(invalid_object.check(on_a_mac(there, bad, an_image("libb.dylib"))))
