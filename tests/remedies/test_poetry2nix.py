"""poetry2nix is for those who have it, never for a new project."""

from __future__ import annotations

from locked_project import refusal, trial, world
from nixpydoctor.doctor import diagnose

USES = {"poetry.lock": "", "flake.nix": "poetry2nix.lib.mkPoetry2Nix"}


def test_a_project_that_uses_it_gets_the_override_and_the_truth() -> None:
    found = trial(world(USES, "libz.so.1"), "poetry2nix")
    assert found.cures_all_errors
    (file,) = found.treatment.files
    assert "numpy = prev.numpy.overridePythonAttrs" in file.text
    assert "pkgs.zlib" in file.text
    assert "Nobody maintains poetry2nix" in found.treatment.instructions


def test_it_is_never_proposed_for_a_new_project() -> None:
    made = world({"poetry.lock": "", "flake.nix": "{ }", "shell.nix": "{ }"}, "libz.so.1")
    assert "nobody maintains it" in refusal(made, "poetry2nix")
    assert not any("poetry2nix" in offer.treatment.instructions for offer in diagnose(made).offers)


def test_a_lock_of_a_later_version_is_not_read() -> None:
    lock = '[[package]]\nname = "numpy"\n[metadata]\nlock-version = "VERSION"\n'
    known = world({**USES, "poetry.lock": lock.replace("VERSION", "2.1")}, "libz.so.1")
    assert trial(known, "poetry2nix").cures_all_errors
    later = world({**USES, "poetry.lock": lock.replace("VERSION", "3.0")}, "libz.so.1")
    assert "has version 3, and nothing after version 2" in refusal(later, "poetry2nix")


def test_without_a_lock_it_has_nothing_to_read() -> None:
    assert "has no poetry.lock" in refusal(world({"flake.nix": "poetry2nix"}, "libz.so.1"), "poetry2nix")
