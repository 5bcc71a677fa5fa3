"""Shells and outputs of flakes that the tool prints, entered and built by real Nix, and what that cures."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from lab import nixpkgs, scenario
from lab.accuracy import check
from lab.judgement import Environment
from lab.machine import REPOSITORY
from lab.roots import Root
from lab.store import Store
from lab.wheels import tool

SYSTEM = "x86_64-linux"
IMPORT = "import kiwisolver; print('cured')"


def offer(patient: scenario.Patient, remedy: str, target: Path | None = None) -> dict[str, Any]:
    """What the check offers under this name."""
    place = Environment(remedy, remedy, patient.root, "", patient.env)
    report, _ = check(patient.store, target or Path(patient.target), place, home=patient.work / "home")
    found: dict[str, Any] = next(offer for offer in report["offers"] if offer["remedy"] == remedy)
    return found


def cured(packages: Path, cwd: Path, *words: str | Path, script: str) -> None:
    """A command of Nix whose shell reads this script ends with the word that the import prints."""
    line = shlex.join(map(str, words))
    ended = nixpkgs.nix(packages, "sh", "-c", f"{line} <<'END'\n{script}\nexit\nEND", cwd=cwd)
    assert ended.stdout.strip().endswith("cured"), ended.stderr[-2000:] + ended.stdout[-2000:]


def test_the_shell_with_what_fails_from_nixpkgs_cures(patient: scenario.Patient, packages: Path) -> None:
    """dev-shell: the venv made again inside as the report says; what the shell has is not in it and imports."""
    offered = offer(patient, "dev-shell")
    (file,) = offered["files"]
    (patient.work / file["name"]).write_text(file["text"])
    steps = [line[2:] for line in offered["instructions"].splitlines() if line.startswith("$ ")]
    assert any("venv" in step for step in steps)
    again = [step for step in steps if "pip" not in step]
    code = f"{patient.bench.python} -c {shlex.quote(IMPORT)}"
    script = "; ".join(["set -e", *again, f"rm -rf {patient.site_packages}/kiwisolver*", code])
    ended = nixpkgs.nix(packages, "nix-shell", file["name"], "--run", script, cwd=patient.work)
    assert (ended.returncode, ended.stdout.strip()) == (0, "cured"), ended.stderr[-2000:]


def test_the_wheel_built_in_the_printed_shell_cures(patient: scenario.Patient, packages: Path) -> None:
    """source-build: the command of the report, in the shell of the report; what comes out works outside of it."""
    uv = tool(patient.store).path / "bin/uv"
    config = patient.bench.path / "pyvenv.cfg"
    config.write_text(f"{config.read_text()}uv = 0.9.0\n")  # so that the command is uv's: the lab's venvs have no pip
    offered = offer(patient, "source-build")
    (file,) = offered["files"]
    (patient.work / file["name"]).write_text(file["text"])
    (install,) = [line[2:] for line in offered["instructions"].splitlines() if line.startswith("$ uv ")]
    ended = nixpkgs.nix(
        packages, "nix-shell", file["name"], "--run", install.replace("uv", str(uv), 1), cwd=patient.work
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    said = patient.root.run([patient.bench.python, "-c", IMPORT], home=patient.work / "home")
    assert (said.code, said.out.strip()) == (0, "cured"), said.err


def test_what_the_machines_nixpkgs_has_is_named_and_not_built(patient: scenario.Patient, packages: Path) -> None:
    """nix-python with NIX_PATH: tomlkit, in no list of the tool's, comes from nixpkgs, and no hash has to be found."""
    folder = patient.site_packages / "tomlkit-0.15.2.dist-info"
    folder.mkdir()
    (patient.site_packages / "tomlkit.py").write_text("")
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: tomlkit\nVersion: 0.15.2\n")
    assert "own.tomlkit" in offer(patient, "nix-python")["files"][0]["text"]
    patient.env["NIX_PATH"] = f"nixpkgs={packages}"
    (file,) = offer(patient, "nix-python")["files"]
    assert "ps.tomlkit" in file["text"]
    (patient.work / file["name"]).write_text(file["text"])
    out = patient.work / ".nix-python"
    built = nixpkgs.nix(packages, "nix-build", file["name"], "--out-link", out, cwd=patient.work)
    assert built.returncode == 0, built.stderr[-2000:]
    code = f"import tomlkit; assert tomlkit.parse; {IMPORT}"
    said = patient.root.run([out / "bin/python3", "-c", code], home=patient.work / "home")
    assert (said.code, said.out.strip()) == (0, "cured"), said.err


def test_the_list_of_nix_ld_serves_a_nix_python_for_one_command(store: Store) -> None:
    """What the page of nix-ld says for a Python of Nix: nix-ld itself does nothing for it, its list does."""
    name = "a_wheel_finds_no_libz_on_a_nix_python"
    made = scenario.make(name, scenario.load(name), store)
    try:
        (made.work / "home").mkdir()
        root = Root("nixos-nix-ld", store)
        page = (REPOSITORY / "src/nixpydoctor/remedies/nix_ld.md").read_text()
        (line,) = re.findall(r"^LD_LIBRARY_PATH=\$.*", page, re.MULTILINE)
        line = line.replace(".venv/bin/python", str(made.bench.python)).replace("cv2", "av")
        for wanted, command in ((1, line.partition(" ")[2]), (0, line)):
            assert root.run(["/bin/sh", "-c", command], home=made.work / "home").code == wanted
    finally:
        scenario.discard(made.work)


FLAKE = """{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = {{ self, nixpkgs }}: {{
{outputs}  }};
}}
"""


def flake(patient: scenario.Patient, remedy: str) -> Path:
    """A project whose flake has the printed outputs, and its other files."""
    project = patient.work / "project"
    project.mkdir()
    (project / "flake.nix").write_text(FLAKE.format(outputs=""))
    (project / ".venv").symlink_to(patient.bench.path)
    files = {file["name"]: file["text"] for file in offer(patient, remedy, project)["files"]}
    (project / ".venv").unlink()
    outputs = files.pop("flake.nix")
    (project / "flake.nix").write_text(FLAKE.format(outputs=outputs))
    for name, text in files.items():
        (project / name).write_text(text)
    return project


def instead(packages: Path) -> list[str]:
    """The lab's nixpkgs in the place of the one that a flake names."""
    return ["--no-write-lock-file", "--override-input", "nixpkgs", f"path:{packages}"]


def test_the_part_for_a_flake_that_binds_no_pkgs_cures(patient: scenario.Patient, packages: Path) -> None:
    """library-path among the attributes of a `mkShell` that the flake calls by its whole name."""
    project = patient.work / "project"
    project.mkdir()
    shell = f"devShells.{SYSTEM}.default = nixpkgs.legacyPackages.{SYSTEM}.mkShell {{ PART }};\n"
    (project / "flake.nix").write_text(FLAKE.format(outputs=shell))
    (project / ".venv").symlink_to(patient.bench.path)
    files = {file["name"]: file["text"] for file in offer(patient, "library-path", project)["files"]}
    (project / ".venv").unlink()
    (project / "flake.nix").write_text(FLAKE.format(outputs=shell.replace("PART", files["flake.nix"])))
    words = ("develop", f"path:{project}", *instead(packages), "--command", str(patient.bench.python), "-c", IMPORT)
    ended = nixpkgs.nix(packages, "nix", *words, cwd=patient.work)
    assert (ended.returncode, ended.stdout.strip()) == (0, "cured"), ended.stderr[-2000:]


def test_the_environment_of_the_flake_cures(patient: scenario.Patient, packages: Path) -> None:
    """fhs-env as an output of a flake: entered, the venv made again with its Python imports what failed outside."""
    project = flake(patient, "fhs-env")
    again = patient.work / "again"
    script = (
        f"python3 -m venv {again} && rm -r {again}/lib && cp -r {patient.bench.path}/lib {again}/lib"
        f" && {again}/bin/python -c {shlex.quote(IMPORT)}"
    )
    words = ("nix", "develop", f"path:{project}#fhs", *instead(packages), "--command", "true")
    cured(packages, patient.work, *words, script=script)


def test_the_python_of_the_flake_cures(patient: scenario.Patient, packages: Path) -> None:
    """nix-python as an output of a flake, beside the file that it imports."""
    project = flake(patient, "nix-python")
    out = patient.work / ".nix-python"
    words = ("build", f"path:{project}#python", *instead(packages), "--out-link", str(out))
    ended = nixpkgs.nix(packages, "nix", *words, cwd=patient.work)
    assert ended.returncode == 0, ended.stderr[-2000:]
    said = patient.root.run([out / "bin/python3", "-c", IMPORT], home=patient.work / "home")
    assert (said.code, said.out.strip()) == (0, "cured"), said.err
