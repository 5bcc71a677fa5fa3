"""library-path cures a store Python that lacks libraries, and is not offered where it would not."""

from __future__ import annotations

from build import SITE, a_dist, an_object, facts, fhs_loader
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
SOURCES = {"numpy/__init__.py": "from . import _multiarray\n"}


def lacking(*sonames: str, store: bool = True) -> Facts:
    return facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", *sonames)],
        sources=SOURCES,
        store=store,
        fhs=None if store else fhs_loader(),
    )


def test_it_cures_and_names_exactly_the_libraries_that_are_missing() -> None:
    diagnosis = diagnose(lacking("libstdc++.so.6", "libz.so.1"))
    offer = diagnosis.offers[0]
    assert offer.treatment.remedy.name == "library-path"
    assert [finding.detail for finding in offer.cured] == ["libstdc++.so.6", "libz.so.1"]
    assert offer.cures_all_errors
    assert not offer.caused
    (snippet,) = offer.treatment.files
    assert "pkgs.stdenv.cc.cc.lib" in snippet.text
    assert "pkgs.zlib" in snippet.text
    assert "glibc" not in snippet.text


def test_what_the_variable_holds_already_is_kept_in_front() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libz.so.1")],
        sources=SOURCES,
        env={"LD_LIBRARY_PATH": "/mine"},
    )
    after = diagnose(world).offers[0].treatment.after
    assert after.main.process.env["LD_LIBRARY_PATH"].split(":")[0] == "/mine"


def test_not_offered_to_a_python_on_the_distributions_own_c_library() -> None:
    diagnosis = diagnose(lacking("libstdc++.so.6", store=False))
    assert all(offer.treatment.remedy.name != "library-path" for offer in diagnosis.offers)
    assert any("C library" in refusal.why for refusal in diagnosis.not_offered)


def test_not_offered_for_a_library_that_no_package_may_supply() -> None:
    diagnosis = diagnose(lacking("libcuda.so.1"))
    assert all(offer.treatment.remedy.name != "library-path" for offer in diagnosis.offers)
