"""restore-store-path is offered where a store path is lost, on a machine that has a store."""

from __future__ import annotations

import pytest

from build import SITE, STORE_PYTHON, a_dist, a_library, an_object, facts
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Elf, Facts, FsPath, Project, Venv, parent, store_path
from nixpydoctor.light import replace

ROOT = FsPath("/home/ada/app/.venv")


def lost(base: str = STORE_PYTHON, *, exists: bool = False) -> Facts:
    venv = Venv(ROOT, parent(base), "3.12.1", "venv", False, base=FsPath(base), base_exists=exists)
    there = [an_object(STORE_PYTHON)] if exists else []
    return replace(facts(venv=venv), disk=Disk.closed(there))


def offer(told: Facts) -> Trial | None:
    offers = diagnose(told).offers
    return next((trial for trial in offers if trial.treatment.remedy.name == "restore-store-path"), None)


def test_it_is_expected_to_cure_a_collected_base_and_keeps_it_this_time() -> None:
    found = offer(lost())
    assert found is not None
    assert {finding.rule.id for finding in found.cured} == {"NPD301"}
    assert found.treatment.basis == "assumed"
    assert f"nix-store --realise {store_path(STORE_PYTHON)} --add-root {ROOT}/nix-base" in found.treatment.instructions
    assert not found.caused


def test_it_comes_before_making_everything_anew() -> None:
    names = [trial.treatment.remedy.name for trial in diagnose(lost()).offers]
    assert names.index("restore-store-path") < names.index("rebuild-venv")


@pytest.mark.parametrize("base", ["/usr/bin/python3.12", "/home/ada/.local/share/uv/python/x/bin/python3.12"])
def test_not_offered_for_what_was_never_in_the_store(base: str) -> None:
    assert offer(lost(base)) is None


def test_not_offered_where_nothing_is_lost_or_there_is_no_store() -> None:
    assert offer(lost(exists=True)) is None
    told = lost()
    assert offer(replace(told, platform=replace(told.platform, nix=False))) is None


LOST = "/nix/store/9zlaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-gcc-13.2.0-lib"
EXT = "numpy/_x.cpython-312-x86_64-linux-gnu.so"


def searching(folder: str, *others: Elf) -> Facts:
    """An extension whose runpath names a folder."""
    return facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libstdc++.so.6", "libc.so.6", runpath=folder), *others],
        sources={"numpy/__init__.py": "from . import _x\n"},
        project=Project(FsPath("/home/ada/app")),
    )


def test_a_library_folder_that_was_collected_comes_back() -> None:
    found = offer(searching(f"{LOST}/lib"))
    assert found is not None
    assert {finding.rule.id for finding in found.cured} == {"NPD101"}
    assert f"--realise {LOST} --add-root /home/ada/app/nix-base" in found.treatment.instructions


def test_a_name_in_a_file_is_one_word_of_the_command() -> None:
    """What an object names as its folder is anybody's text, and the command is made to be copied into a shell."""
    found = offer(searching("/nix/store/x;touch y/lib"))
    assert found is not None
    assert "--realise '/nix/store/x;touch y' --add-root" in found.treatment.instructions


def test_a_store_path_that_is_there_and_lacks_the_library_is_not_lost() -> None:
    assert offer(searching(f"{LOST}/lib", a_library(f"{LOST}/lib/libgomp.so.1"))) is None


def test_a_collected_loader_comes_back_with_its_c_library() -> None:
    interp = "/nix/store/8glaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-glibc-2.38/lib/ld-linux-x86-64.so.2"
    told = facts(store=False, loader=None, project=Project(FsPath("/home/ada/app")))
    process = replace(told.main.process, interp=FsPath(interp))
    found = offer(replace(told, main=replace(told.main, process=process)))
    assert found is not None
    assert {finding.rule.id for finding in found.cured} == {"NPD109"}
    assert not found.caused


def test_the_program_of_a_script_comes_back() -> None:
    script = FsPath(f"{ROOT}/bin/tool")
    venv = Venv(ROOT, parent(STORE_PYTHON), "3.12.1", "venv", False, base=STORE_PYTHON,
                scripts={script: f"#!{LOST}/bin/python3.12 -u"})  # fmt: skip
    found = offer(facts(venv=venv))
    assert found is not None
    assert {finding.rule.id for finding in found.cured} == {"NPD306"}
    assert f"--realise {LOST} " in found.treatment.instructions
