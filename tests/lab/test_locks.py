"""What is printed for projects with a lock, built by real Nix over stand-ins for the projects that read locks.

Each time the wheel fails in its venv; without the printed override the build refuses it, and what the override makes of
it imports.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import nixpkgs, scenario
from lab.accuracy import check
from lab.judgement import Environment
from lab.machine import HERE, survey
from lab.store import Store, build
from lab.wheels import uv

INPUTS = HERE / "inputs"
WHEEL = json.loads(nixpkgs.WHEELS.read_text())["3.12"]["kiwisolver"]
REFUSED = "could not satisfy dependency libstdc++.so.6"
VENV = "a_wheel_in_cpp_finds_no_libstdcxx_on_a_nix_python"
SYSTEM = "x86_64-linux"
PYPROJECT = f"""
[project]
name = "demo"
version = "1"
requires-python = ">=3.12,<3.13"
dependencies = ["kiwisolver=={WHEEL["version"]}"]
"""


@pytest.fixture(scope="module")
def store() -> Store:
    """The lab's store, built before."""
    return build(survey())


@pytest.fixture(scope="module")
def packages(store: Store) -> Path:
    """The lab's nixpkgs."""
    return nixpkgs.assemble(store)


@pytest.fixture
def patient(store: Store) -> Iterator[scenario.Patient]:
    """A venv whose wheel lacks libstdc++, seen to fail, and a project around it."""
    plan = scenario.load(VENV)
    made = scenario.make(VENV, plan, store)
    (made.work / "home").mkdir()
    command = [made.fill(word) for word in plan["disease"]["run"]]
    assert made.root.run(command, made.env, home=made.work / "home").code == 1
    project = made.work / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(PYPROJECT)
    yield made
    scenario.discard(made.work)


def printed(patient: scenario.Patient, remedy: str) -> str:
    """The text that the check of the project offers under this name."""
    project = patient.work / "project"
    (project / ".venv").symlink_to(patient.bench.path)
    place = Environment(remedy, remedy, patient.root, "", patient.env)
    report, _ = check(patient.store, project, place, home=patient.work / "home")
    (project / ".venv").unlink()
    offer = next(offer for offer in report["offers"] if offer["remedy"] == remedy)
    (file,) = offer["files"]
    text: str = file["text"]
    return text


def built(patient: scenario.Patient, packages: Path, output: str = "default") -> subprocess.CompletedProcess[str]:
    """`nix build` of the project's flake, every input that it names in the lab's form."""
    project = patient.work / "project"
    text = (project / "flake.nix").read_text()
    folders = {"nixpkgs": packages, **{path.name: path for path in INPUTS.iterdir()}}
    instead = [
        word
        for name, folder in folders.items()
        if f"{name}.url" in text
        for word in ("--override-input", name, f"path:{folder}")
    ]
    words = ["--no-write-lock-file", *instead, "--out-link", str(patient.work / "result")]
    return nixpkgs.nix(packages, "nix", "build", f"path:{project}#{output}", *words, cwd=patient.work)


def cures(patient: scenario.Patient, ended: subprocess.CompletedProcess[str]) -> None:
    """The environment that was built imports what failed, in the place where it failed."""
    assert ended.returncode == 0, ended.stderr[-3000:]
    python = patient.work / "result/bin/python3"
    code = "import kiwisolver; print(kiwisolver.__version__)"
    said = patient.root.run([python, "-c", code], home=patient.work / "home")
    assert (said.code, said.out.strip()) == (0, WHEEL["version"]), said.err


def uv_lock(patient: scenario.Patient) -> None:
    """A lock of uv's own making."""
    project = patient.work / "project"
    ended = uv(patient.store, "lock", "--project", project, "--python", patient.bench.python)
    assert ended.returncode == 0, ended.stderr


def test_the_flake_of_uv2nix_builds_and_cures(patient: scenario.Patient, packages: Path) -> None:
    """Written beside a real uv.lock as it stands in the report."""
    uv_lock(patient)
    text = printed(patient, "uv2nix")
    project = patient.work / "project"
    start, end = text.index("kiwisolver ="), text.index("      };\n      base")
    (project / "flake.nix").write_text(text[:start] + text[end:])
    refused = built(patient, packages)
    assert refused.returncode != 0
    assert REFUSED in refused.stderr
    (project / "flake.nix").write_text(text)
    cures(patient, built(patient, packages))


OWN_UV = """{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.pyproject-nix.url = "github:pyproject-nix/pyproject.nix";
  inputs.pyproject-nix.inputs.nixpkgs.follows = "nixpkgs";
  inputs.uv2nix.url = "github:pyproject-nix/uv2nix";
  inputs.uv2nix.inputs.nixpkgs.follows = "nixpkgs";
  inputs.uv2nix.inputs.pyproject-nix.follows = "pyproject-nix";
  outputs = {{ nixpkgs, pyproject-nix, uv2nix, ... }}: let
    inherit (nixpkgs) lib;
    workspace = uv2nix.lib.workspace.loadWorkspace {{ workspaceRoot = ./.; }};
    set = (nixpkgs.legacyPackages.{system}.callPackage pyproject-nix.build.packages {{
      python = nixpkgs.legacyPackages.{system}.python312;
    }}).overrideScope (lib.composeManyExtensions [
      (workspace.mkPyprojectOverlay {{ sourcePreference = "wheel"; }})
      {overlay}
    ]);
  in {{ packages.{system}.default = set.mkVirtualEnv "own" workspace.deps.default; }};
}}
"""


def test_the_overlay_for_a_project_of_uv2nix_builds_and_cures(patient: scenario.Patient, packages: Path) -> None:
    """Put last into its `composeManyExtensions`; the project's flake binds no `pkgs`."""
    uv_lock(patient)
    flake = patient.work / "project/flake.nix"
    flake.write_text(OWN_UV.format(system=SYSTEM, overlay=""))
    refused = built(patient, packages)
    assert refused.returncode != 0
    assert REFUSED in refused.stderr
    flake.write_text(OWN_UV.format(system=SYSTEM, overlay=printed(patient, "uv2nix")))
    cures(patient, built(patient, packages))


POETRY_LOCK = """# This file is automatically @generated by Poetry 1.8.5 and should not be changed by hand.

[[package]]
name = "kiwisolver"
version = "{version}"
description = "A fast implementation of the Cassowary constraint solver"
optional = false
python-versions = ">=3.10"
files = [
    {{file = "kiwisolver-{version}.tar.gz", hash = "sha256:{other}"}},
    {{file = "{file}", hash = "sha256:{digest}"}},
]

[metadata]
lock-version = "2.0"
python-versions = ">=3.12,<3.13"
content-hash = "{other}"
"""
OWN_POETRY = """{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.poetry2nix.url = "github:nix-community/poetry2nix";
  outputs = {{ nixpkgs, ... }}@inputs: let
    pkgs = nixpkgs.legacyPackages.{system};
    poetry2nix = inputs.poetry2nix.lib.mkPoetry2Nix {{ inherit pkgs; }};
  in {{
    packages.{system}.default = poetry2nix.mkPoetryEnv {{
      projectDir = ./.;
      python = pkgs.python312;
      preferWheels = true;
      {overrides}
    }};
  }};
}}
"""


def test_the_overrides_for_a_project_of_poetry2nix_build_and_cure(patient: scenario.Patient, packages: Path) -> None:
    """Among the arguments of `mkPoetryEnv`, with `preferWheels` as the report says."""
    project = patient.work / "project"
    lock = POETRY_LOCK.format(version=WHEEL["version"], file=WHEEL["file"], digest=digest(), other="0" * 64)
    (project / "poetry.lock").write_text(lock)
    (project / "flake.nix").write_text(OWN_POETRY.format(system=SYSTEM, overrides=""))
    refused = built(patient, packages)
    assert refused.returncode != 0
    assert REFUSED in refused.stderr
    text = printed(patient, "poetry2nix")
    (project / "flake.nix").write_text(OWN_POETRY.format(system=SYSTEM, overrides=text))
    cures(patient, built(patient, packages))


OWN_DREAM = """{{
  inputs.dream2nix.url = "github:nix-community/dream2nix";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.dream2nix.inputs.nixpkgs.follows = "nixpkgs";
  outputs = {{ nixpkgs, dream2nix, ... }}: {{
    packages.{system}.default = dream2nix.lib.evalModules {{
      packageSets.nixpkgs = nixpkgs.legacyPackages.{system};
      modules = [
        ./default.nix
        {{ paths.projectRoot = ./.; paths.projectRootFile = "flake.nix"; paths.package = ./.; }}
      ];
    }};
  }};
}}
"""
MODULE = """{{ config, dream2nix, ... }}: {{
  imports = [ dream2nix.modules.dream2nix.pip {more} ];
  deps = {{ nixpkgs, ... }}: {{ python = nixpkgs.python312; }};
  name = "demo";
  version = "1";
  pip.requirementsList = [ "kiwisolver=={version}" ];
  pip.flattenDependencies = true;
}}
"""


def test_the_module_for_a_project_of_dream2nix_builds_and_cures(patient: scenario.Patient, packages: Path) -> None:
    """Imported by the project's module; `pyEnv` is built, as the report says."""
    project = patient.work / "project"
    source = {
        "version": WHEEL["version"],
        "type": "url",
        "url": f"https://registry/{WHEEL['file']}",
        "sha256": digest(),
    }
    lock = {"sources": {"kiwisolver": source}, "targets": {"default": {"kiwisolver": []}}}
    (project / f"lock.{SYSTEM}.json").write_text(json.dumps({"fetchPipMetadata": lock}))
    (project / "flake.nix").write_text(OWN_DREAM.format(system=SYSTEM))
    (project / "default.nix").write_text(MODULE.format(version=WHEEL["version"], more=""))
    refused = built(patient, packages, "default.pyEnv")
    assert refused.returncode != 0
    assert REFUSED in refused.stderr
    (project / "python-libraries.nix").write_text(printed(patient, "dream2nix"))
    (project / "default.nix").write_text(MODULE.format(version=WHEEL["version"], more="./python-libraries.nix"))
    cures(patient, built(patient, packages, "default.pyEnv"))


def digest() -> str:
    """The wheel's SHA-256, as locks write it."""
    return base64.b64decode(WHEEL["hash"].removeprefix("sha256-")).hex()
