"""fhs-env holds both kinds of Python, with the libraries that they miss, and is refused where it cannot be made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from build import FHS_INTERP, SITE, STORE_PYTHON, a_dist, an_object, facts, fhs_loader, store_loader
from nixpydoctor.doctor import Diagnosis, Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, Loader, Platform, Project, Venv

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
VENV = Venv(FsPath("/home/ada/app/.venv"), FsPath(STORE_PYTHON.rpartition("/")[0]), "3.12.1", "venv", False)


def lacking(
    *sonames: str,
    store: bool = True,
    loader: Loader | str | None = "default",
    system: str = "linux",
    files: tuple[str, ...] = (),
) -> Facts:
    return facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", *sonames)],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        store=store,
        loader=loader,
        system=system,
        venv=VENV,
        project=Project(FsPath("/home/ada/app"), files),
    )


def trial(diagnosis: Diagnosis) -> Trial:
    (found,) = [one for one in diagnosis.offers if one.treatment.remedy.name == "fhs-env"]
    return found


def refusal(made: Facts) -> str:
    (why,) = [one.why for one in diagnose(made).not_offered if one.remedy.name == "fhs-env"]
    return why


def test_a_nix_python_gets_the_libraries_and_a_python_of_the_same_nixpkgs() -> None:
    found = trial(diagnose(lacking("libstdc++.so.6", "libz.so.1")))
    assert found.cures_all_errors
    assert not found.caused
    assert found.treatment.basis == "assumed"
    (file,) = found.treatment.files
    for attr in ("pkgs.python312", "pkgs.stdenv.cc.cc.lib", "pkgs.zlib", "pkgs.buildFHSEnv"):
        assert attr in file.text
    assert "glibc" not in file.text
    assert "python3 -m venv --clear /home/ada/app/.venv" in found.treatment.instructions


def test_a_python_of_others_gets_a_loader_and_then_what_its_wheels_lack() -> None:
    """The libraries are only missed once it starts: the second round names them."""
    made = lacking("libz.so.1", store=False, loader=None, system="nixos")
    found = trial(diagnose(made))
    assert found.cures_all_errors
    (file,) = found.treatment.files
    assert "pkgs.zlib" in file.text
    assert "python312" not in file.text
    assert "venv" not in found.treatment.instructions.replace("/.venv", "")
    assert found.treatment.after.main.process.interp == FHS_INTERP


def test_a_flake_gets_its_form_beside_the_file() -> None:
    names = [file.name for file in trial(diagnose(lacking("libz.so.1", files=("flake.nix",)))).treatment.files]
    assert names == ["fhs.nix", "flake.nix"]


@pytest.mark.parametrize(("release", "name"), [("2.35", "buildFHSUserEnv"), ("2.36", "buildFHSEnv")])
def test_the_old_name_is_for_old_nixpkgs_alone(release: str, name: str) -> None:
    made = lacking("libz.so.1", loader=store_loader(version=release), files=("flake.nix",))
    files = trial(diagnose(made)).treatment.files
    assert [f"pkgs.{name} {{" in file.text for file in files] == [True, True]


def with_platform(made: Facts, platform: Platform) -> Facts:
    return replace(made, platform=platform)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (with_platform(lacking("libz.so.1"), Platform("linux", "x86_64", "Debian 12", nix=False)), "needs Nix"),
        (with_platform(lacking("libz.so.1"), Platform("darwin", "arm64", "macOS", nix=True)), "Linux namespaces"),
        (with_platform(lacking("libz.so.1"), Platform("linux", "vax", "Debian", nix=True)), "no path of a standard"),
        (lacking("libnobody-knows.so.3"), "no library is missing that nixpkgs could supply"),
        (lacking("libz.so.1", loader=store_loader(family="musl")), "wants musl"),
        (lacking("libnobody-knows.so.3", store=False, loader=fhs_loader()), "this Python has a loader"),
    ],
)
def test_where_it_has_no_form(made: Facts, says: str) -> None:
    assert says in refusal(made)
