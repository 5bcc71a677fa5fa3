"""What the repository offers to Nix, evaluated and built by real Nix from the lab's nixpkgs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import nixpkgs
from lab.machine import REPOSITORY

SYSTEMS = {"x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git knows of, and nothing that make installed."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        source = REPOSITORY / name
        if source.is_file() and not name.startswith("tests/cases/"):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return folder


def flake(packages: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`nix` on a flake, with the lab's nixpkgs in the place of the one that it names."""
    instead = ["--no-write-lock-file", "--override-input", "nixpkgs", f"path:{packages}"]
    return nixpkgs.nix(packages, "nix", words[0], *words[1:2], *instead, *words[2:], cwd=folder)


def test_every_output_evaluates_on_every_system(packages: Path, checkout: Path) -> None:
    """`nix flake check` knows what each kind of output must be."""
    ended = flake(packages, checkout, "flake", "check", "--no-build", f"path:{checkout}")
    assert ended.returncode == 0, ended.stderr[-3000:]
    ended = flake(packages, checkout, "flake", "show", "--json", f"path:{checkout}")
    shown = json.loads(ended.stdout)
    for output in ("packages", "apps", "devShells", "checks", "formatter"):
        assert set(shown[output]) == SYSTEMS, output
    assert set(shown) > {"lib", "overlays", "nixosModules"}


def test_the_package_builds_with_manual_and_completions(packages: Path, checkout: Path, tmp_path: Path) -> None:
    """The program runs in an environment that has nothing, and a shell finds the rest where it looks."""
    ended = flake(packages, tmp_path, "build", f"path:{checkout}", "--no-link", "--json")
    assert ended.returncode == 0, ended.stderr[-3000:]
    out = Path(json.loads(ended.stdout)[0]["outputs"]["out"])
    said = subprocess.run([out / "bin/nixpydoctor", "demo"], env={}, capture_output=True, text=True, check=False)
    assert said.returncode == 0
    assert "libstdc++.so.6: a needed shared library cannot be found" in said.stdout
    for place in (
        "man/man1/nixpydoctor.1",
        "bash-completion/completions/nixpydoctor",
        "zsh/site-functions/_nixpydoctor",
        "fish/vendor_completions.d/nixpydoctor.fish",
    ):
        assert (out / "share" / place).is_file(), place


def test_nix_run_is_the_program(packages: Path, checkout: Path, tmp_path: Path) -> None:
    ended = flake(packages, tmp_path, "run", f"path:{checkout}", "--", "explain", "NPD101")
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert ended.stdout.startswith("NPD101 missing-library")


def test_without_flakes_the_same_package_and_a_shell(packages: Path, checkout: Path, tmp_path: Path) -> None:
    """`default.nix` and `shell.nix`, whose shell has no Python packages on PYTHONPATH."""
    ended = nixpkgs.nix(packages, "nix-build", "--no-out-link", str(checkout), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert (Path(ended.stdout.strip()) / "bin/nixpydoctor").exists()
    ask = "import os, sys; print(sys.version_info[:2], os.environ.get('PYTHONPATH'))"
    words = ["--pure", str(checkout / "shell.nix"), "--run", f'python3 -c "{ask}"']
    ended = nixpkgs.nix(packages, "nix-shell", *words, cwd=tmp_path)
    assert ended.stdout.strip() == "(3, 12) None", ended.stderr[-3000:]


def test_the_overlay_and_the_module_bring_the_program(packages: Path, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text(f"""{{
      inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
      inputs.doctor.url = "path:{checkout}";
      inputs.doctor.inputs.nixpkgs.follows = "nixpkgs";
      outputs = {{ nixpkgs, doctor, ... }}: {{
        packages.x86_64-linux.over =
          (import nixpkgs {{ system = "x86_64-linux"; overlays = [ doctor.overlays.default ]; }}).nixpydoctor;
        packages.x86_64-linux.machine = (nixpkgs.lib.nixosSystem {{
          system = "x86_64-linux";
          modules = [ doctor.nixosModules.default ];
        }}).config.system.path;
      }};
    }}""")
    for name in ("over", "machine"):
        ended = flake(packages, tmp_path, "build", f"path:{tmp_path}#{name}", "--no-link", "--json")
        assert ended.returncode == 0, ended.stderr[-3000:]
        assert (Path(json.loads(ended.stdout)[0]["outputs"]["out"]) / "bin/nixpydoctor").exists()


def test_a_project_has_its_python_among_its_checks(packages: Path, checkout: Path, tmp_path: Path) -> None:
    """`lib.check` builds for a healthy environment; for one whose wheels lack a library the build fails and says so."""
    (tmp_path / "flake.nix").write_text(f"""{{
      inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
      inputs.doctor.url = "path:{checkout}";
      inputs.doctor.inputs.nixpkgs.follows = "nixpkgs";
      outputs = {{ nixpkgs, doctor, ... }}:
        let
          pkgs = nixpkgs.legacyPackages.x86_64-linux;
          ps = pkgs.python3Packages;
          wheel = ps.buildPythonPackage {{
            inherit (ps.kiwisolver) pname version src;
            format = "wheel";
          }};
        in {{
          checks.x86_64-linux.healthy = doctor.lib.check {{
            inherit pkgs;
            python = pkgs.python3.withPackages (ps: [ ps.kiwisolver ]);
          }};
          checks.x86_64-linux.broken = doctor.lib.check {{
            inherit pkgs;
            python = pkgs.python3.withPackages (_: [ wheel ]);
          }};
        }};
    }}""")
    names = {name: f"path:{tmp_path}#checks.x86_64-linux.{name}" for name in ("healthy", "broken")}
    ended = flake(packages, tmp_path, "build", names["healthy"], "--no-link", "-L")
    assert ended.returncode == 0, ended.stderr[-3000:]
    ended = flake(packages, tmp_path, "build", names["broken"], "--no-link", "-L")
    assert ended.returncode != 0
    assert "needs libstdc++.so.6, which this process cannot find" in ended.stderr
