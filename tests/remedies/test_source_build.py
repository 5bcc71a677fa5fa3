"""source-build is for what is known to build, and what it links names its libraries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from build import SITE, STORE_PYTHON, a_dist, an_object, facts
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Elf, Facts, FsPath, Platform, Venv

EXT = "lxml/etree.cpython-312-x86_64-linux-gnu.so"


def world(name: str = "lxml", soname: str = "libxslt.so.1", *, store: bool = True, creator: str = "venv") -> Facts:
    venv = Venv(FsPath("/home/ada/app/.venv"), FsPath(STORE_PYTHON.rpartition("/")[0]), "3.12.1", creator, False)  # type: ignore[arg-type]
    return facts(
        a_dist(name, "5.3.0", extensions=[EXT], top_level=("lxml",)),
        objects=[an_object(f"{SITE}/{EXT}", soname, rpath="$ORIGIN")],
        sources={"lxml/__init__.py": "from . import etree\n"},
        venv=venv,
        store=store,
    )


def test_it_names_inputs_and_the_same_version() -> None:
    (found,) = [one for one in diagnose(world()).offers if one.treatment.remedy.name == "source-build"]
    assert found.cures_all_errors
    assert found.treatment.basis == "assumed"
    text = found.treatment.files[0].text
    for attr in ("pkgs.python312", "pkgs.libxml2", "pkgs.libxslt", "pkgs.pkg-config"):
        assert attr in text
    assert "--no-binary lxml lxml==5.3.0" in found.treatment.instructions
    (obj,) = found.treatment.after.disk.objects(FsPath(f"{SITE}/{EXT}")) or ()  # type: ignore[misc]
    assert isinstance(obj, Elf)
    assert obj.runpath == "$ORIGIN:/${pkgs.libxslt}/lib"


def test_uv_has_flags_of_its_own() -> None:
    (found,) = [one for one in diagnose(world(creator="uv")).offers if one.treatment.remedy.name == "source-build"]
    assert "--no-binary lxml --reinstall-package lxml" in found.treatment.instructions


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (world("frob"), "nothing is known of how"),
        (world(soname="libnobody-has.so.3"), "no library is missing that nixpkgs could supply"),
        (world(store=False), "wants the C library of Nix"),
        (replace(world(), platform=Platform("linux", "x86_64", "Debian")), "needs Nix"),
    ],
)
def test_where_it_has_no_form(made: Facts, says: str) -> None:
    (why,) = [one.why for one in diagnose(made).not_offered if one.remedy.name == "source-build"]
    assert says in why
