"""dev-shell moves what fails to nixpkgs, and only what nixpkgs is known to have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from a_mac import a_mac, a_mac_dist, an_extension, in_venv
from build import SITE, STORE_PYTHON, a_dist, an_object, facts
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath, Project, Venv

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
VENV = Venv(FsPath("/home/ada/app/.venv"), FsPath(STORE_PYTHON.rpartition("/")[0]), "3.12.1", "venv", False)


def world(name: str = "numpy", *, store: bool = True, venv: Venv | None = VENV, soname: str = "libz.so.1") -> Facts:
    return facts(
        a_dist(name, extensions=[EXT], top_level=("numpy",)),
        a_dist("frob", "1.0"),
        objects=[an_object(f"{SITE}/{EXT}", soname)],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        venv=venv,
        store=store,
        project=Project(FsPath("/home/ada/app"), ("shell.nix",)),
    )


def test_what_fails_comes_from_nixpkgs_and_the_rest_stays() -> None:
    (found,) = [one for one in diagnose(world()).offers if one.treatment.remedy.name == "dev-shell"]
    assert found.cures_all_errors
    assert not found.caused
    treatment = found.treatment
    assert treatment.basis == "assumed"
    (file,) = treatment.files
    assert file.name == "python-shell.nix", "the project's own shell.nix is not written over"
    assert "ps.numpy # 2.3.2 here" in file.text
    assert "frob" not in file.text
    assert "--system-site-packages" in treatment.instructions
    assert [dist.name for dist in treatment.after.main.dists] == ["frob"]


def test_the_tool_that_makes_the_venv_is_in_the_shell() -> None:
    text = {}
    for creator in ("venv", "uv"):
        made = world(venv=replace(VENV, creator=creator))
        (found,) = [one for one in diagnose(made).offers if one.treatment.remedy.name == "dev-shell"]
        text[creator] = found.treatment.files[0].text
    assert "    ]))\n    pkgs.uv\n  ];" in text["uv"]
    assert "    ]))\n  ];" in text["venv"]


GONE = "/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib/lib/libgfortran.5.dylib"


def on_a_mac() -> Facts:
    """numpy was compiled in a Nix shell whose gfortran was collected."""
    extension = "numpy.cpython-312-darwin.so"
    return in_venv(a_mac(a_mac_dist("numpy", extension), images=[an_extension(extension, GONE)]))


def test_on_macos_a_python_of_the_store_takes_what_fails_from_nixpkgs() -> None:
    (found,) = [one for one in diagnose(on_a_mac()).offers if one.treatment.remedy.name == "dev-shell"]
    assert [finding.rule.id for finding in found.cured] == ["NPD601"]
    assert "ps.numpy # 1.0 here" in found.treatment.files[0].text


def another_python_on_a_mac() -> Facts:
    made = on_a_mac()
    return replace(made, main=replace(made.main, process=replace(made.main.process, executable=FsPath("/opt/py"))))


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (world("mine"), "nothing that fails here is known to be in nixpkgs"),
        (world(store=False, soname="libsndfile.so.1"), "this Python is not Nix's"),
        (another_python_on_a_mac(), "only for a Python that is Nix's"),
        (world(venv=None), "there is no venv"),
        (world(venv=replace(VENV, base_exists=False)), "there is no venv"),
    ],
)
def test_where_it_has_no_form(made: Facts, says: str) -> None:
    (why,) = [one.why for one in diagnose(made).not_offered if one.remedy.name == "dev-shell"]
    assert says in why
