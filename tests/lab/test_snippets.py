"""Every Nix text that the tool prints: parsed, evaluated, built and entered by real Nix, with the promised effect."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import nixpkgs, scenario
from lab.accuracy import check
from lab.judgement import Environment
from lab.store import Store
from nixpydoctor.knowledge.sonames import expression


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


CPP = "a_wheel_in_cpp_finds_no_libstdcxx_on_a_nix_python"
"""A venv of a Nix Python with kiwisolver, which lacks libstdc++."""


def failing(patient: scenario.Patient) -> str:
    """The venv's Python, after its import was seen to fail."""
    plan = scenario.load(patient.work.name)
    command = [patient.fill(word) for word in plan["disease"]["run"]]
    assert patient.root.run(command, patient.env, home=patient.work / "home").code == 1
    return command[0]


@pytest.mark.parametrize("patient", [CPP], indirect=True)
def test_the_lines_for_a_flake_a_shell_and_devenv_cure(patient: scenario.Patient, packages: Path) -> None:
    """Each printed part, put where the report says, gives a shell in which the import works."""
    python = failing(patient)
    inside = f"{python} -c 'import kiwisolver; print(\"cured\")'"
    project = patient.work / "project"
    project.mkdir()
    (project / "venv").symlink_to(patient.bench.path)
    for name in ("flake.nix", "shell.nix", "devenv.nix"):
        (project / name).write_text("")
    place = Environment("project", "project", patient.root, "", patient.env)
    report, _ = check(patient.store, project, place, home=patient.work / "home")
    offer = next(offer for offer in report["offers"] if offer["remedy"] == "library-path")
    texts = {file["name"]: file["text"] for file in offer["files"]}
    assert set(texts) == {"flake.nix", "shell.nix", "devenv.nix"}

    (project / "shell.nix").write_text(
        f"{{ pkgs ? import <nixpkgs> {{ }} }}:\npkgs.mkShell {{\n{texts['shell.nix']}}}\n"
    )
    ended = nixpkgs.nix(packages, "nix-shell", "--run", inside, cwd=project)
    assert (ended.returncode, ended.stdout.strip()) == (0, "cured"), ended.stderr[-2000:]

    shell = f"pkgs.mkShell {{\n{texts['flake.nix']}}}"
    flake = (
        f'{{ inputs.nixpkgs.url = "path:{packages}"; outputs = {{ self, nixpkgs }}:\n'
        f"let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {{ devShells.x86_64-linux.default = {shell}; }}; }}\n"
    )
    (project / "flake.nix").write_text(flake)
    (project / "venv").unlink()
    ended = nixpkgs.nix(packages, "nix", "develop", f"path:{project}", "--command", "sh", "-c", inside, cwd=project)
    assert (ended.returncode, ended.stdout.strip()) == (0, "cured"), ended.stderr[-2000:]

    settings = f"let pkgs = import <nixpkgs> {{ }}; in {{\n{texts['devenv.nix']}}}"
    (project / "shell.nix").write_text(f"with (import <nixpkgs> {{ }}); mkShell {{ env = ({settings}).env; }}\n")
    ended = nixpkgs.nix(packages, "nix-shell", "--run", inside, cwd=project)
    assert (ended.returncode, ended.stdout.strip()) == (0, "cured"), ended.stderr[-2000:]


@pytest.mark.parametrize("patient", [CPP], indirect=True)
def test_the_python_with_libraries_cures_and_spares_its_children(patient: scenario.Patient, packages: Path) -> None:
    """A venv made again from it imports what failed; a shell that it starts has no variable; the check agrees."""
    failing(patient)
    place = Environment("argument", "argument", patient.root, "", patient.env)
    report, _ = check(patient.store, Path(patient.target), place, home=patient.work / "home")
    offers = [offer for offer in report["offers"] if offer["remedy"] == "library-path"]
    file = next(file for offer in offers for file in offer["files"] if file["name"] == "python-with-libraries.nix")
    (patient.work / file["name"]).write_text(file["text"])
    out = patient.work / ".nix-python"
    built = nixpkgs.nix(packages, "nix-build", file["name"], "--out-link", out, cwd=patient.work)
    assert built.returncode == 0, built.stderr[-2000:]

    venv = patient.work / "again"
    made = patient.root.run([out / "bin/python3", "-m", "venv", venv], home=patient.work / "home")
    assert made.code == 0, made.err
    shutil.rmtree(venv / "lib")
    shutil.copytree(patient.bench.path / "lib", venv / "lib")
    code = (
        "import kiwisolver, os, subprocess, sys; print('cured', sys.prefix, flush=True);"
        "subprocess.run(['sh', '-c', 'echo variable ${LD_LIBRARY_PATH-none}']);"
        "subprocess.run([sys.executable, '-c', 'import kiwisolver; print(1)'], check=True)"
    )
    ended = patient.root.run([venv / "bin/python", "-c", code], home=patient.work / "home")
    assert ended.out.splitlines() == [f"cured {venv}", "variable none", "1"], ended.err

    after, exit_code = check(patient.store, venv, place, home=patient.work / "home")
    loud = [finding for finding in after["findings"] if finding["severity"] != "note"]
    assert (exit_code, loud) == (0, [])


@pytest.mark.parametrize("patient", ["nix_ld_has_too_few_libraries"], indirect=True)
def test_the_shell_of_nix_ld_cures(patient: scenario.Patient, packages: Path) -> None:
    """With the variable of the printed shell nix-ld finds what its list on the machine lacks."""
    python = failing(patient)
    place = Environment("few", "few", patient.root, "", patient.env)
    report, _ = check(patient.store, Path(patient.target), place, home=patient.work / "home")
    files = [file for offer in report["offers"] if offer["remedy"] == "nix-ld" for file in offer["files"]]
    (patient.work / "shell.nix").write_text(next(file["text"] for file in files if file["name"] == "shell.nix"))
    asked = nixpkgs.nix(packages, "nix-shell", "--run", 'printf %s "$NIX_LD_LIBRARY_PATH"', cwd=patient.work)
    assert asked.stdout.endswith(":/run/current-system/sw/share/nix-ld/lib"), asked.stderr[-2000:]
    env = {"NIX_LD_LIBRARY_PATH": asked.stdout}
    ended = patient.root.run([python, "-c", "import kiwisolver; print('cured')"], env, home=patient.work / "home")
    assert (ended.code, ended.out.strip()) == (0, "cured"), ended.err


CARD = "a_wheel_for_a_graphics_card_does_not_find_the_driver_of_nixos"


@pytest.mark.parametrize("patient", [CARD], indirect=True)
def test_the_line_of_driver_libs_cures(patient: scenario.Patient) -> None:
    """A shell that runs the printed line starts a Python in which the import works."""
    python = failing(patient)
    place = Environment("card", "card", patient.root, "", patient.env)
    report, _ = check(patient.store, Path(patient.target), place, home=patient.work / "home")
    offer = next(offer for offer in report["offers"] if offer["remedy"] == "driver-libs")
    line = next(line for line in offer["instructions"].splitlines() if line.startswith("export "))
    command = f"set -u; {line}; exec {python} -c 'import labcuda; print(\"cured\")'"
    ended = patient.root.run(["/bin/sh", "-c", command], home=patient.work / "home")
    assert (ended.code, ended.out.strip()) == (0, "cured"), ended.err


HARMED = "a_needed_library_path_kills_debians_perl"


@pytest.mark.parametrize("patient", [HARMED], indirect=True)
def test_the_folders_of_a_harmful_variable_move_to_this_python_alone(patient: scenario.Patient, packages: Path) -> None:
    """perl dies of the variable and Python needs it; with the printed Python, and without it, both work."""
    home = patient.work / "home"
    report, _ = check(
        patient.store, Path(patient.target), Environment("h", "h", patient.root, "", patient.env), home=home
    )
    offer = next(offer for offer in report["offers"] if offer["remedy"] == "library-path")
    (file,) = offer["files"]
    (patient.work / file["name"]).write_text(file["text"])
    out = patient.work / ".nix-python"
    built = nixpkgs.nix(packages, "nix-build", file["name"], "--out-link", out, cwd=patient.work)
    assert built.returncode == 0, built.stderr[-2000:]
    code = (
        "import subprocess, sys; sys.path.insert(0, sys.argv[1]); import kiwisolver;"
        "subprocess.run(['/usr/bin/perl', '-e', 'print qq(both)'], check=True)"
    )
    ended = patient.root.run([out / "bin/python3", "-c", code, patient.site_packages], home=home)
    assert (ended.code, ended.out) == (0, "both"), ended.err


@pytest.mark.parametrize("patient", ["a_standalone_python_meets_no_loader_on_nixos"], indirect=True)
def test_the_module_of_nix_ld_counts_with_and_without_flakes(patient: scenario.Patient, packages: Path) -> None:
    """Imported by a configuration and among the modules of a flake, it enables nix-ld with the libraries."""
    module = next(file for file in offered(patient, "nix-ld")["files"] if file["name"].endswith(".nix"))
    machine = patient.work / "machine"
    machine.mkdir()
    (machine / "nix-ld.nix").write_text(module["text"])
    text = "(import <nixpkgs/nixos> { configuration = { imports = [ ./nix-ld.nix ]; }; }).config"
    built = nixpkgs.nix(packages, "nix-build", "--no-out-link", "--expr", f"{text}.system.path", cwd=machine)
    assert built.returncode == 0, built.stderr[-2000:]
    assert (Path(built.stdout.split()[-1]) / "share/nix-ld/lib/libstdc++.so.6").exists()

    (machine / "flake.nix").write_text(
        f'{{ inputs.nixpkgs.url = "path:{packages}"; outputs = {{ self, nixpkgs }}: {{\n'
        "nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./nix-ld.nix ]; }; }; }\n"
    )
    asked = f"path:{machine}#nixosConfigurations.box.config.programs.nix-ld.enable"
    enabled = nixpkgs.nix(packages, "nix", "eval", asked, cwd=machine)
    assert enabled.stdout.strip() == "true", enabled.stderr[-2000:]


@pytest.mark.parametrize("patient", [CPP], indirect=True)
def test_a_venv_made_in_the_fhs_environment_cures(patient: scenario.Patient, packages: Path) -> None:
    """The printed file for a Nix Python: entered, the venv made again with its Python imports what failed outside."""
    failing(patient)
    text = next(file["text"] for file in offered(patient, "fhs-env")["files"] if file["name"] == "fhs.nix")
    (patient.work / "fhs.nix").write_text(text)
    again = patient.work / "again"
    script = (
        f"python3 -m venv {again} && rm -r {again}/lib && cp -r {patient.bench.path}/lib {again}/lib"
        f" && {again}/bin/python -c 'import kiwisolver; print(\"cured\")'; exit\n"
    )
    entered = f"nix-shell fhs.nix <<'END'\n{script}END"
    ended = nixpkgs.nix(packages, "sh", "-c", entered, cwd=patient.work)
    assert ended.stdout.strip().endswith("cured"), ended.stderr[-2000:]


@pytest.mark.parametrize("patient", ["a_standalone_python_meets_no_loader_on_nixos"], indirect=True)
def test_the_fhs_environment_starts_a_python_of_others(patient: scenario.Patient, packages: Path) -> None:
    """With the loader and the libraries of the printed file the venv works as it is."""
    text = next(file["text"] for file in offered(patient, "fhs-env")["files"] if file["name"] == "fhs.nix")
    assert "python312" not in text
    (patient.work / "fhs.nix").write_text(text)
    python = patient.bench.path / "bin/python"
    entered = f"nix-shell fhs.nix <<'END'\n{python} -c 'import kiwisolver; print(\"cured\")'; exit\nEND"
    ended = nixpkgs.nix(packages, "sh", "-c", entered, cwd=patient.work)
    assert ended.stdout.strip().endswith("cured"), ended.stderr[-2000:]


@pytest.mark.parametrize("patient", [CPP], indirect=True)
def test_the_python_of_nix_cures_and_builds_what_nixpkgs_lacks(patient: scenario.Patient, packages: Path) -> None:
    """kiwisolver from nixpkgs, toolz by the printed definition once its hash is in place; both import."""
    failing(patient)
    site = patient.site_packages
    (site / "toolz.py").write_text("")
    folder = site / "toolz-1.0.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: toolz\nVersion: 1.0.0\n")
    (folder / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: setuptools (75.1.0)\nTag: py3-none-any\n")
    place = Environment("nix", "nix", patient.root, "", patient.env)
    report, _ = check(patient.store, Path(patient.target), place, home=patient.work / "home")
    offer = next(offer for offer in report["offers"] if offer["remedy"] == "nix-python")
    (file,) = offer["files"]
    assert "own.toolz" in file["text"]
    (patient.work / file["name"]).write_text(file["text"])
    out = patient.work / ".nix-python"
    words = ("nix-build", file["name"], "--out-link", str(out))
    stopped = nixpkgs.nix(packages, *words, cwd=patient.work)
    assert stopped.returncode != 0
    got = re.search(r"got:\s*(sha256-\S+)", stopped.stderr)
    assert got is not None, stopped.stderr[-2000:]
    text = file["text"].replace("pkgs.lib.fakeHash", f'"{got[1]}"')
    (patient.work / file["name"]).write_text(text)
    built = nixpkgs.nix(packages, *words, cwd=patient.work)
    assert built.returncode == 0, built.stderr[-2000:]
    code = "import kiwisolver, toolz; print(toolz.__version__)"
    ended = patient.root.run([out / "bin/python3", "-c", code], home=patient.work / "home")
    assert (ended.code, ended.out.strip()) == (0, "1.0.0"), ended.err
