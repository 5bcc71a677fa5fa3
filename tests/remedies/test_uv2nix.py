"""uv2nix is for a project with a lock that it can read; what a wheel lacks becomes an override."""

from __future__ import annotations

from dataclasses import replace

import pytest

from locked_project import refusal, trial, world
from nixpydoctor.facts import Facts, Platform


def test_a_new_flake_has_the_override_for_what_is_missing() -> None:
    found = trial(world({"uv.lock": "version = 1\n"}, "libstdc++.so.6", "libsndfile.so.1"), "uv2nix")
    assert found.cures_all_errors
    assert found.treatment.basis == "assumed"
    (file,) = found.treatment.files
    assert file.name == "flake.nix"
    assert "numpy = prev.numpy.overrideAttrs" in file.text
    assert "pkgs.libsndfile" in file.text
    assert "pkgs.python312" in file.text
    assert file.text.count("{") == file.text.count("}")


def test_a_flake_that_has_it_gets_the_overlay_alone() -> None:
    found = trial(world({"uv.lock": "version = 1\n", "flake.nix": "inputs.uv2nix"}, "libz.so.1"), "uv2nix").treatment
    assert "inputs" not in found.files[0].text
    assert "overrideAttrs" in found.files[0].text
    assert "`flake.nix` uses uv2nix already" in found.instructions


def test_a_flake_without_it_is_not_written_over() -> None:
    found = trial(world({"uv.lock": "version = 1\n", "flake.nix": "{ }"}, "libz.so.1"), "uv2nix").treatment
    assert "You have a `flake.nix`" in found.instructions


def test_a_name_that_is_no_identifier_is_quoted() -> None:
    found = trial(world({"uv.lock": "version = 1\n"}, "libz.so.1", name="3to2"), "uv2nix")
    assert '"3to2" = prev."3to2".overrideAttrs' in found.treatment.files[0].text


def test_a_name_with_signs_of_nix_is_left_out() -> None:
    found = trial(world({"uv.lock": "version = 1\n"}, "libz.so.1", name='x"; evil'), "uv2nix")
    assert "evil" not in found.treatment.files[0].text


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (world({"pyproject.toml": ""}, "libz.so.1"), "has no uv.lock"),
        (world({"uv.lock": "version = 7\n"}, "libz.so.1"), "format 7"),
        (world({"uv.lock": "version = 1\n"}, "libnobody-has.so.3"), "would lack libnobody-has.so.3"),
        (world({"uv.lock": "version = 1\n"}, "libcuda.so.1"), "comes with the machine's driver"),
        (
            replace(world({"uv.lock": "version = 1\n"}, "libz.so.1"), platform=Platform("linux", "x86_64", "Debian")),
            "needs Nix",
        ),
    ],
)
def test_where_it_has_no_form(made: Facts, says: str) -> None:
    assert says in refusal(made, "uv2nix")
