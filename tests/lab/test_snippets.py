"""Every Nix text that the tool prints: parsed, evaluated, built and entered by real Nix, with the promised effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import nixpkgs, scenario
from lab.accuracy import check
from lab.judgement import Environment
from lab.machine import survey
from lab.store import Store, build
from nixpydoctor.knowledge.sonames import expression


@pytest.fixture(scope="module")
def store() -> Store:
    """The lab's store, built before."""
    return build(survey())


@pytest.fixture(scope="module")
def packages(store: Store) -> Path:
    """The lab's nixpkgs."""
    return nixpkgs.assemble(store)


@pytest.fixture
def patient(store: Store, request: pytest.FixtureRequest) -> Iterator[scenario.Patient]:
    """A scenario, made."""
    made = scenario.make(request.param, scenario.load(request.param), store)
    (made.work / "home").mkdir()
    yield made
    scenario.discard(made.work)


def offered(patient: scenario.Patient, remedy: str) -> dict[str, Any]:
    """What the check offers under this name."""
    name = patient.work.name
    place = Environment(name, name, patient.root, "", patient.env)
    report, _ = check(patient.store, Path(patient.target), place, home=patient.work / "home")
    found: dict[str, Any] = next(offer for offer in report["offers"] if offer["remedy"] == remedy)
    return found


def test_every_attribute_that_the_tool_may_print_evaluates(packages: Path, tmp_path: Path) -> None:
    """Nix accepts the text for each attribute of the knowledge, in old and new spellings."""
    texts = [expression(attr) for attr in nixpkgs.libraries()]
    listed = "\n".join(f"({text})" for text in texts)
    file = tmp_path / "all.nix"
    file.write_text(f"let pkgs = import <nixpkgs> {{ }}; in pkgs.lib.makeLibraryPath [\n{listed}\n]\n")
    ended = nixpkgs.nix(packages, "nix-instantiate", "--eval", file, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.count(":") == len(texts) - 1


@pytest.mark.parametrize("patient", ["a_wheel_in_cpp_finds_no_libstdcxx_on_a_nix_python"], indirect=True)
def test_the_shell_of_library_path_cures(patient: scenario.Patient, packages: Path) -> None:
    """The import that fails outside works inside the shell that was printed."""
    plan = scenario.load(patient.work.name)
    command = [patient.fill(word) for word in plan["disease"]["run"]]
    assert patient.root.run(command, patient.env, home=patient.work / "home").code == 1
    shell = next(file for file in offered(patient, "library-path")["files"] if file["name"] == "shell.nix")
    (patient.work / "shell.nix").write_text(shell["text"])
    inside = f"{command[0]} -c 'import kiwisolver; print(\"cured\")'"
    ended = nixpkgs.nix(packages, "nix-shell", "--run", inside, cwd=patient.work)
    assert (ended.returncode, ended.stdout.strip()) == (0, "cured"), ended.stderr[-2000:]


@pytest.mark.parametrize("patient", ["a_standalone_python_meets_no_loader_on_nixos"], indirect=True)
def test_the_module_of_nix_ld_evaluates_and_its_libraries_build(patient: scenario.Patient, packages: Path) -> None:
    """The NixOS module that was printed is a function of `pkgs` with buildable libraries in it."""
    module = next(file for file in offered(patient, "nix-ld")["files"] if file["name"].endswith(".nix"))
    (patient.work / "module.nix").write_text(module["text"])
    text = "(import ./module.nix { pkgs = import <nixpkgs> { }; }).programs.nix-ld"
    enabled = nixpkgs.nix(packages, "nix-instantiate", "--eval", "--expr", f"{text}.enable", cwd=patient.work)
    assert enabled.stdout.strip() == "true", enabled.stderr
    built = nixpkgs.nix(packages, "nix-build", "--no-out-link", "--expr", f"{text}.libraries", cwd=patient.work)
    assert built.returncode == 0, built.stderr[-2000:]
    assert any((Path(path) / "lib" / "libstdc++.so.6").exists() for path in built.stdout.split())
