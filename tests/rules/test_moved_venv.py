"""NPD302 speaks where `activate` and the scripts name another place than the venv's own."""

from __future__ import annotations

from dataclasses import replace

from build import facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Facts, FsPath, Venv
from nixpydoctor.findings import Severity
from nixpydoctor.rules.moved_venv import moved_venv

ROOT = FsPath("/home/ada/app/.venv")
OLD = FsPath("/home/ada/old/.venv")
PIP = FsPath(f"{ROOT}/bin/pip")


def world(activates: FsPath | None, head: str = f"#!{OLD}/bin/python", *, old_there: bool = False) -> Facts:
    venv = Venv(ROOT, FsPath("/usr/bin"), "3.12.1", "venv", False, activates=activates, scripts={PIP: head})
    told = facts(venv=venv)
    return replace(
        told, disk=Disk.closed(texts={FsPath(f"{OLD}/pyvenv.cfg"): "home = /usr/bin\n"} if old_there else {})
    )


def test_scripts_that_name_the_old_place_cannot_start() -> None:
    (finding,) = moved_venv.check(Case(world(OLD)))
    assert finding.detail == ".venv"
    assert finding.severity is Severity.ERROR
    assert "moved here from /home/ada/old/.venv: 1 script (pip) cannot start" in finding.message


def test_only_the_activation_is_a_warning() -> None:
    (finding,) = moved_venv.check(Case(world(OLD, head=f"#!{ROOT}/bin/python")))
    assert finding.severity is Severity.WARNING


def test_a_copy_leads_to_the_original() -> None:
    (finding,) = moved_venv.check(Case(world(OLD, old_there=True)))
    assert finding.severity is Severity.WARNING
    assert "a copy of /home/ada/old/.venv" in finding.message


def test_silent_where_it_was_made() -> None:
    assert not list(moved_venv.check(Case(world(ROOT))))


def test_silent_where_nothing_can_start_anyway() -> None:
    told = world(OLD)
    assert told.main.venv is not None
    dead = replace(told.main.venv, base_exists=False)
    assert not list(moved_venv.check(Case(replace(told, main=replace(told.main, venv=dead)))))


def test_silent_where_activate_finds_its_own_folder() -> None:
    assert not list(moved_venv.check(Case(world(None))))


def test_silent_where_the_other_name_means_the_same_folder() -> None:
    told = world(OLD)
    assert told.main.venv is not None
    known = replace(told.main.venv, aliases=(OLD,))
    assert not list(moved_venv.check(Case(replace(told, main=replace(told.main, venv=known)))))
