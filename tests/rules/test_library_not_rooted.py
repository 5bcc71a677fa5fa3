"""NPD609 speaks of a store path that images name and that nothing keeps, and of no other."""

from __future__ import annotations

from a_mac import PYTHON, SITE, a_mac, a_mac_dist, an_extension, an_image, in_venv
from nixpydoctor import replay
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath, join, store_path
from nixpydoctor.findings import Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.library_not_rooted import library_not_rooted

EXT = "numpy.cpython-312-darwin.so"
STORED = FsPath("/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib")
LIBRARY = f"{STORED}/lib/libgfortran.5.dylib"


def world(sure: bool = True, needed: str = LIBRARY, unrooted: FsPath = STORED) -> Facts:
    told = a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, needed), an_image(LIBRARY)])
    return replace(in_venv(told), unrooted={unrooted: sure})


def test_a_library_that_the_next_collection_may_take() -> None:
    (finding,) = library_not_rooted.check(Case(world()))
    assert (finding.subject, finding.severity) == (join(SITE, EXT), Severity.WARNING)
    assert finding.detail == "0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib"
    assert "works until nix-collect-garbage" in finding.message


def test_a_note_where_nix_could_not_be_asked() -> None:
    (finding,) = library_not_rooted.check(Case(world(sure=False)))
    assert finding.severity is Severity.NOTE
    assert "could not be found out" in finding.message


def test_a_root_cures_it() -> None:
    offers = diagnose(world()).offers
    (offer,) = [one for one in offers if one.treatment.remedy.name == "gc-root"]
    assert [finding.rule.id for finding in offer.cured] == ["NPD609"]
    wanted = f"nix-store --realise {STORED} --add-root /Users/ada/app/.venv/nix-base --indirect"
    assert wanted in offer.treatment.instructions


def test_a_saved_case_says_the_same() -> None:
    again = replay.load(replay.dump(diagnose(world()).facts))
    assert again.unrooted == {STORED: True}


def test_silent_where_every_path_has_a_root_or_nobody_names_it() -> None:
    assert not list(library_not_rooted.check(Case(replace(world(), unrooted={}))))
    assert not list(library_not_rooted.check(Case(world(needed="/usr/lib/libz.1.dylib"))))


def test_silent_about_the_pythons_own_path() -> None:
    """NPD303 speaks of that."""
    held = store_path(PYTHON)
    assert held is not None
    told = world(needed=f"{held}/lib/libpython3.12.dylib", unrooted=held)
    assert told.main.venv is not None
    told = replace(told, main=replace(told.main, venv=replace(told.main.venv, held=held, roots=())))
    assert not list(library_not_rooted.check(Case(told)))
