"""fix-python is told with our list, and modelled as its script works: RUNPATH for all, sorted, RPATH gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from build import GLIBC, SITE, STORE_PYTHON, a_dist, an_object, facts, fhs_loader
from nixpydoctor.doctor import Diagnosis, diagnose
from nixpydoctor.facts import Facts, FsPath, Platform, Venv
from nixpydoctor.treatments import Treatment

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
BUNDLED = "numpy.libs/libblas-12345678.so"
SOURCES = {"numpy/__init__.py": "from . import _multiarray\n"}
VENV = Venv(FsPath("/home/ada/app/.venv"), FsPath(STORE_PYTHON.rpartition("/")[0]), "3.12.1", "venv", False)


def world(*sonames: str, rpath: str = "$ORIGIN/../numpy.libs", store: bool = True, bundled_needs: str = "") -> Facts:
    return facts(
        a_dist(extensions=[EXT], libraries=[BUNDLED]),
        objects=[
            an_object(f"{SITE}/{EXT}", "libblas-12345678.so", *sonames, rpath=rpath),
            an_object(f"{SITE}/{BUNDLED}", *filter(None, [bundled_needs]), soname="libblas-12345678.so"),
            an_object(f"{SITE}/numpy/core/libinner.so", soname="libinner.so"),
        ],
        sources=SOURCES,
        venv=VENV,
        store=store,
        fhs=None if store else fhs_loader(),
    )


def treatment(diagnosis: Diagnosis) -> Treatment:
    """What is offered as fix-python."""
    (trial,) = [trial for trial in diagnosis.offers if trial.treatment.remedy.name == "fix-python"]
    assert trial.cures_all_errors
    return trial.treatment


def test_it_cures_and_its_list_holds_no_c_library() -> None:
    found = treatment(diagnose(world("libstdc++.so.6", "libz.so.1")))
    (libs,) = found.files
    assert "pkgs.stdenv.cc.cc.lib" in libs.text
    assert "pkgs.zlib" in libs.text
    assert "glibc" not in libs.text
    assert "--no-default-libs" in found.instructions
    assert found.basis == "assumed"
    assert not found.edits


def test_rpath_becomes_runpath_and_all_is_sorted() -> None:
    after = treatment(diagnose(world("libz.so.1"))).after.disk
    (ext,) = after.objects(FsPath(f"{SITE}/{EXT}")) or ()  # type: ignore[misc]
    assert ext.rpath is None
    assert ext.runpath == f"$ORIGIN/../numpy.libs:/${{pkgs.zlib}}/lib:{SITE}/numpy.libs"


def test_what_was_found_through_an_inherited_rpath_is_lost_and_said() -> None:
    """The bundled library has no RPATH of its own and finds a neighbour through the extension's."""
    made = world("libz.so.1", rpath="$ORIGIN/../numpy.libs:$ORIGIN/core", bundled_needs="libinner.so")
    (trial,) = [trial for trial in diagnose(made).trials if trial.treatment.remedy.name == "fix-python"]
    assert [finding.detail for finding in trial.caused] == ["libinner.so"]
    assert not trial.helps


def without_nix(made: Facts) -> Facts:
    return replace(made, platform=Platform("linux", "x86_64", "Debian 12", nix=False))


def without_venv(made: Facts) -> Facts:
    return replace(made, main=replace(made.main, venv=None))


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (without_nix(world("libz.so.1")), "needs Nix"),
        (without_venv(world("libz.so.1")), "this is none"),
        (world("libz.so.1", store=False), "loader is not the Nix store's"),
        (world("libnobody-knows.so.3"), "no library is missing that nixpkgs could supply"),
    ],
)
def test_where_it_has_no_form(made: Facts, says: str) -> None:
    diagnosis = diagnose(made)
    (why,) = [refusal.why for refusal in diagnosis.not_offered if refusal.remedy.name == "fix-python"]
    assert says in why


def test_a_copied_python_keeps_its_loader_by_assumption() -> None:
    made = world("libz.so.1")
    copy = FsPath("/home/ada/app/.venv/bin/python3.12")
    (program,) = made.disk.objects(STORE_PYTHON) or ()  # type: ignore[misc]
    disk = made.disk.overlay({copy: (replace(program, path=copy, runpath=f"{GLIBC}/lib"),)})
    process = replace(made.main.process, executable=copy)
    found = treatment(diagnose(replace(made, disk=disk, main=replace(made.main, process=process))))
    assert any("copy of Python" in sentence for sentence in found.assumes)
