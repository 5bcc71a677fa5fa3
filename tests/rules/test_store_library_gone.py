"""NPD601 speaks of a lost library of the store, and leaves other missing ones to the general rule."""

from __future__ import annotations

from a_mac import PYTHON, SITE, a_mac, a_mac_dist, an_extension, an_image
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import FsPath, Venv, join, parent
from nixpydoctor.findings import Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.missing_library import missing_library
from nixpydoctor.rules.store_library_gone import store_library_gone

EXT = "numpy.cpython-312-darwin.so"
GONE = "/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib/lib/libgfortran.5.dylib"


def test_an_extension_whose_library_was_collected() -> None:
    case = Case(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, GONE)]))
    (finding,) = store_library_gone.check(case)
    assert (finding.subject, finding.severity) == (join(SITE, EXT), Severity.ERROR)
    assert (finding.detail, finding.hint) == (GONE, "gfortran.cc.lib")
    assert finding.breaks == ("numpy",)
    assert "which is not in this store" in finding.message
    assert not list(missing_library.check(case))


def test_a_library_that_a_bundled_one_needs_is_told_for_the_extension() -> None:
    bundled = an_image(".dylibs/libblas.dylib", GONE)
    extension = an_extension(EXT, "@loader_path/.dylibs/libblas.dylib")
    (finding,) = store_library_gone.check(Case(a_mac(a_mac_dist("numpy", EXT), images=[extension, bundled])))
    assert finding.subject == join(SITE, EXT)


def test_silent_where_it_is_there_and_about_names_of_other_places() -> None:
    there = a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, GONE), an_image(GONE)])
    assert not list(store_library_gone.check(Case(there)))
    other = Case(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, "@rpath/libomp.dylib")]))
    assert not list(store_library_gone.check(other))
    assert [finding.detail for finding in missing_library.check(other)] == ["@rpath/libomp.dylib"]


def test_bringing_the_path_back_is_offered_and_cures_it() -> None:
    told = a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, GONE)])
    root = FsPath("/Users/ada/app/.venv")
    venv = Venv(root, parent(PYTHON), "3.12.1", "venv", False, base=PYTHON, base_exists=True)
    offers = diagnose(replace(told, main=replace(told.main, venv=venv))).offers
    (offer,) = [one for one in offers if one.treatment.remedy.name == "restore-store-path"]
    assert [finding.rule.id for finding in offer.cured] == ["NPD601"]
    assert "nix-store --realise /nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib" in (
        offer.treatment.instructions
    )
