"""A part for somebody's Nix file uses the names that are bound there, or says what has to be bound."""

from __future__ import annotations

import pytest

from locked_project import world
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.remedies.bindings import flake_input, packages

LEGACY = "nixpkgs.legacyPackages.x86_64-linux"


@pytest.mark.parametrize(
    ("text", "let"),
    [
        ("{ pkgs ? import <nixpkgs> { } }: pkgs.mkShell { }", ""),
        ("let pkgs = import nixpkgs { inherit system; }; in pkgs.mkShell { }", ""),
        (f"devShells.default = {LEGACY}.mkShell {{ }};", f"let pkgs = {LEGACY}; in "),
        (
            "default = nixpkgs.legacyPackages.${system}.mkShellNoCC { };",
            "let pkgs = nixpkgs.legacyPackages.${system}; in ",
        ),
        (
            'default = inputs.nixpkgs.legacyPackages."x86_64-linux".mkShell { };',
            'let pkgs = inputs.nixpkgs.legacyPackages."x86_64-linux"; in ',
        ),
        ("with import <nixpkgs> { }; mkShell { }", ""),
        ("{ pkgs, ... }: { devShells.a = pkgs.mkShell { }; devShells.b = stable.mkShell { }; }", ""),
        (f"# pkgs.mkShell\n/* p.mkShell */ {LEGACY}.mkShell {{ }}", f"let pkgs = {LEGACY}; in "),
    ],
)
def test_a_part_takes_what_the_call_of_mkshell_takes(text: str, let: str) -> None:
    found = packages(Case(world({"flake.nix": text}, "libz.so.1")), "flake.nix")
    assert (found.let, found.remark) == (let, "")


@pytest.mark.parametrize("text", ["", "{ outputs = inputs: inputs.parts.mkFlake { }; }", "p.mkShell q.mkShell"])
def test_where_nobody_can_tell_the_report_says_what_has_to_be_bound(text: str) -> None:
    made = world({"flake.nix": text}, "libz.so.1")
    found = packages(Case(made), "flake.nix")
    assert found.let == ""
    assert "`pkgs` being" in found.remark
    told = next(one for one in diagnose(made).offers if one.treatment.remedy.name == "library-path").treatment
    assert "among the attributes of its `mkShell` (`pkgs` being the packages of your nixpkgs)" in told.instructions


def test_the_part_of_library_path_begins_with_the_binding() -> None:
    made = world({"flake.nix": f"{LEGACY}.mkShell {{ }}"}, "libz.so.1")
    told = next(one for one in diagnose(made).offers if one.treatment.remedy.name == "library-path").treatment
    text = next(file.text for file in told.files if file.name == "flake.nix")
    assert text.startswith(f"LD_LIBRARY_PATH = let pkgs = {LEGACY}; in pkgs.lib.makeLibraryPath [\n")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("outputs = { self, nixpkgs }: { };", "nixpkgs"),
        ("outputs = { nixpkgs, ... }@inputs: inputs.nixpkgs.lib;", "nixpkgs"),
        ('inputs.nixpkgs.url = "x"; outputs = inputs: inputs.nixpkgs.lib.id { };', "inputs.nixpkgs"),
        ('inputs.nixpkgs.url = "x"; inputs.a.inputs.nixpkgs.follows = "nixpkgs";', "nixpkgs"),
        ("", "nixpkgs"),
    ],
)
def test_the_input_is_called_as_the_outputs_call_it(text: str, name: str) -> None:
    assert flake_input(Case(world({"flake.nix": text}, "libz.so.1"))) == name
