"""embed-nix as it is printed: real Nix makes the one environment, the program is built in it and imports both.

Two parts of nixpkgs stand in for what this lab has not: `fetchgit` hands out a folder instead of a repository on the
net, held to the hash like nixpkgs' own, and `cargo` and `rustc` are this machine's.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import nixpkgs, scenario
from lab.hosts import CRATE
from lab.judgement import Environment
from lab.machine import cache, environment, survey
from lab.store import build
from lab.test_scenarios import examined, prove

FORMS = (
    "a_program_embeds_another_minor_than_the_nix_environment",
    "a_program_of_the_distribution_meets_numpy_of_nix",
    "a_program_takes_the_user_sites_numpy_and_misses_nixs",
)
PROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "pyphi"
version = "1.2.1.dev1470"
dependencies = ["numpy"]
"""
OVERLAY = """{{ overlays ? [ ], ... }}@given:
import {packages} (given // {{
  overlays = overlays ++ [ (final: previous: {{
    fetchgit = {{ url, rev, hash }}:
      assert url == "https://github.com/wmayner/pyphi" && builtins.stringLength rev == 40;
      derivation {{
        name = "source";
        system = builtins.currentSystem;
        builder = "/bin/sh";
        args = [ "-c" "/bin/cp -r {source} $out" ];
        outputHashMode = "recursive";
        outputHashAlgo = "sha256";
        outputHash = hash;
      }};
    cargo = {cargo};
    rustc = {rustc};
  }}) ];
}})
"""


@pytest.mark.parametrize("name", FORMS)
def test_the_program_built_in_the_printed_environment_imports_both(name: str, tmp_path: Path) -> None:
    store = build(survey())
    patient = scenario.make(name, scenario.load(name), store)
    try:
        plan = scenario.load(name)
        prove(patient, plan["disease"])
        report, _ = examined(patient, Environment(name, name, patient.root, plan["python"], patient.env))
        (offer,) = (offer for offer in report["offers"] if offer["remedy"] == "embed-nix")
    finally:
        scenario.discard(patient.work)
    app = tmp_path / "app"
    shutil.copytree(CRATE, app)
    (file,) = offer["files"]
    text = file["text"]
    (command,) = re.findall(r"```sh\n(.*?)```", offer["instructions"], re.DOTALL)
    folder = packages(nixpkgs.assemble(store), tmp_path)
    env = environment(NIX_PATH=f"nixpkgs={folder}", CARGO_TARGET_DIR=str(cache() / "cargo-embed-nix"))
    env["PYTHONPATH"] = "/what/the/shell/had"
    for _ in range(3):  # the build says the hash of the revision
        (app / file["name"]).write_text(text)
        built = subprocess.run(["sh", "-c", command], cwd=app, env=env, capture_output=True, text=True, check=False)
        got = re.search(r"got:\s*(sha256-\S+)", built.stderr)
        if got is None:
            break
        text = text.replace("pkgs.lib.fakeHash", f'"{got[1]}"', 1)
    assert built.returncode == 0, built.stderr[-3000:]
    program = f"{env['CARGO_TARGET_DIR']}/release/host"
    shell = ["nix-shell", file["name"], "--run", f"{program} pyphi numpy"]
    ran = subprocess.run(shell, cwd=app, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr[-2000:]
    assert ran.stdout.endswith("imported pyphi\nimported numpy\n")


def packages(whole: Path, work: Path) -> Path:
    """The lab's nixpkgs with the two stand-ins."""
    source = work / "pyphi"
    (source / "pyphi").mkdir(parents=True)
    (source / "pyphi" / "__init__.py").write_text("import numpy\n")
    (source / "pyproject.toml").write_text(PROJECT)
    tools = {}
    for name in ("cargo", "rustc"):
        folder = work / name / "bin"
        folder.mkdir(parents=True)
        (folder / name).symlink_to(shutil.which(name) or name)
        tools[name] = str(folder.parent)
    (work / "nixpkgs").mkdir()
    (work / "nixpkgs" / "default.nix").write_text(OVERLAY.format(packages=whole, source=source, **tools))
    return work / "nixpkgs"


def test_the_program_imports_both_in_the_printed_shell() -> None:
    """library-path, in the form of the story in which it is offered: the wheel's libraries are what is missing."""
    store = build(survey())
    name = FORMS[2]
    patient = scenario.make(name, scenario.load(name), store)
    try:
        plan = scenario.load(name)
        prove(patient, plan["disease"])
        report, _ = examined(patient, Environment(name, name, patient.root, plan["python"], patient.env))
        offer = next(offer for offer in report["offers"] if offer["remedy"] == "library-path")
        (text,) = [file["text"] for file in offer["files"] if file["name"] == "shell.nix"]
        (patient.work / "shell.nix").write_text(text)
        given = {**patient.env, "HOME": str(patient.work / "home")}
        words = [f"{key}={value}" for key, value in given.items()]
        inside = shlex.join(["env", *words, patient.words["host"], "pyphi", "numpy"])
        ran = nixpkgs.nix(nixpkgs.assemble(store), "nix-shell", "--run", inside, cwd=patient.work)
    finally:
        scenario.discard(patient.work)
    assert (ran.returncode, ran.stdout) == (0, "imported pyphi\nimported numpy\n"), ran.stdout + ran.stderr[-2000:]
