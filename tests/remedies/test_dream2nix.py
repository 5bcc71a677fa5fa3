"""dream2nix is for those who have it."""

from __future__ import annotations

from locked_project import refusal, trial, world


def test_a_project_that_uses_it_gets_the_override() -> None:
    found = trial(world({"default.nix": "dream2nix.modules.dream2nix.pip"}, "libGL.so.1"), "dream2nix")
    assert found.cures_all_errors
    (file,) = found.treatment.files
    assert file.name == "python-libraries.nix"
    assert "numpy.mkDerivation" in file.text
    assert "pkgs.libGL" in file.text


def test_it_is_not_proposed_to_others() -> None:
    assert "does not use it" in refusal(world({"flake.nix": "{ }"}, "libz.so.1"), "dream2nix")
