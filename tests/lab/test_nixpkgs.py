"""The lab's nixpkgs: real Nix builds and enters what the tool's snippets use, and it does what it does in nixpkgs."""

from __future__ import annotations

import json
from pathlib import Path

from lab import nixpkgs
from lab.roots import Root
from lab.store import Store
from lab.wheels import install, make_venv, standalone

TOOLZ = """
  toolz = pkgs.python3Packages.buildPythonPackage {
    pname = "toolz";
    version = "1.0.0";
    pyproject = true;
    src = pkgs.python3Packages.fetchPypi {
      pname = "toolz";
      version = "1.0.0";
      hash = HASH;
    };
    build-system = [ pkgs.python3Packages.setuptools ];
    pythonImportsCheck = [ "toolz" ];
  };
"""
TOOLZ_HASH = "sha256-LIbj2aBHmKxVZ5O87YOIFilqLwhQF2ZOSZXLQKEEegI="


def entered(packages: Path, folder: Path, shell: str, command: str) -> str:
    """What a command prints inside `nix-shell` of this text."""
    (folder / "shell.nix").write_text(f"{{ pkgs ? import <nixpkgs> {{ }} }}:\n{shell}\n")
    ended = nixpkgs.nix(packages, "nix-shell", "--pure", "--run", command, cwd=folder)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout.strip()


def built(packages: Path, folder: Path, expression: str) -> Path:
    """The store path of an expression over `pkgs`."""
    text = f"let pkgs = import <nixpkgs> {{ }}; in {expression}"
    ended = nixpkgs.nix(packages, "nix-build", "--no-out-link", "--expr", text, cwd=folder)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return Path(ended.stdout.split()[-1])


def refused(packages: Path, folder: Path, expression: str) -> str:
    """What Nix says of an expression that it cannot build."""
    text = f"let pkgs = import <nixpkgs> {{ }}; in {expression}"
    ended = nixpkgs.nix(packages, "nix-build", "--no-out-link", "--expr", text, cwd=folder)
    assert ended.returncode != 0
    return ended.stderr


def test_with_packages_holds_its_packages_and_what_they_require(packages: Path, tmp_path: Path) -> None:
    """Compiled and pure ones, their requirements unnamed; the environment is its own prefix."""
    shell = "pkgs.mkShell { packages = [ (pkgs.python3.withPackages (ps: [ ps.numpy ps.pandas ps.requests ])) ]; }"
    program = "import numpy, pandas, requests, urllib3, sys; print(numpy.arange(4).sum(), sys.prefix)"
    said = entered(packages, tmp_path, shell, f"python3 -c '{program}'")
    assert said.startswith("6 /nix/store/")
    assert said.endswith("-env")


def test_a_package_set_of_another_minor_is_its_own(packages: Path, tmp_path: Path) -> None:
    """python311 has its own wheels, and packages of 3.12 do not get into its environments."""
    shell = "pkgs.mkShell { packages = [ (pkgs.python311.withPackages (ps: [ ps.numpy ])) ]; }"
    said = entered(packages, tmp_path, shell, "python3 -c 'import numpy, sys; print(sys.version_info[:2])'")
    assert said == "(3, 11)"


def test_packages_as_inputs_of_a_shell_leak_through_pythonpath(packages: Path, tmp_path: Path) -> None:
    """As in nixpkgs: a bare package brings the Python and its hook, an environment brings none."""
    leak = "pkgs.mkShell { buildInputs = [ pkgs.python3Packages.numpy ]; }"
    said = entered(packages, tmp_path, leak, 'echo "$PYTHONPATH $PYTHONNOUSERSITE $_PYTHON_SYSCONFIGDATA_NAME"')
    assert "numpy" in said
    assert said.endswith(" 1 _sysconfigdata__linux_x86_64-linux-gnu")
    tight = "pkgs.mkShell { packages = [ (pkgs.python3.withPackages (ps: [ ps.numpy ])) ]; }"
    assert entered(packages, tmp_path, tight, 'echo "${PYTHONPATH-unset}"') == "unset"


def test_a_fake_hash_yields_the_real_one_and_the_real_one_builds(packages: Path, tmp_path: Path) -> None:
    """The way by which a person learns the hash of a source."""
    fake = refused(packages, tmp_path, f"let {TOOLZ.replace('HASH', 'pkgs.lib.fakeHash')} in toolz")
    assert "hash mismatch in fixed-output derivation" in fake
    assert f"got:    {TOOLZ_HASH}" in fake
    real = TOOLZ.replace("HASH", f'"{TOOLZ_HASH}"')
    shell = f"let {real} in pkgs.mkShell {{ packages = [ (pkgs.python3.withPackages (ps: [ toolz ])) ]; }}"
    assert entered(packages, tmp_path, shell, "python3 -c 'import toolz; print(toolz.__version__)'") == "1.0.0"


def test_a_wheel_needs_its_libraries_named(packages: Path, tmp_path: Path) -> None:
    """autoPatchelfHook refuses what no input supplies; with the input the wheel loads."""
    wheel = json.loads(nixpkgs.WHEELS.read_text())["3.12"]["kiwisolver"]
    python, abi, platform = wheel["file"].removesuffix(".whl").split("-")[-3:]
    source = f"""pkgs.python3Packages.fetchPypi {{
        pname = "kiwisolver"; version = "{wheel["version"]}"; hash = "{wheel["hash"]}"; format = "wheel";
        python = "{python}"; abi = "{abi}"; platform = "{platform}"; dist = "{python}";
      }}"""

    def package(inputs: str, check: str = "kiwisolver") -> str:
        return f"""(pkgs.python3Packages.buildPythonPackage {{
          pname = "kiwisolver"; version = "{wheel["version"]}"; format = "wheel"; src = {source};
          pythonImportsCheck = [ "{check}" ]; {inputs} }})"""

    hook = "nativeBuildInputs = [ pkgs.autoPatchelfHook ];"
    said = refused(packages, tmp_path, package(hook))
    assert "auto-patchelf could not satisfy dependency libstdc++.so.6" in said
    assert "libstdc++.so.6: cannot open shared object file" in refused(packages, tmp_path, package(""))
    built(packages, tmp_path, package(f"{hook} buildInputs = [ pkgs.stdenv.cc.cc.lib ];"))


def test_build_fhs_env_starts_what_wants_the_usual_folders(store: Store, packages: Path, tmp_path: Path) -> None:
    """A standalone Python finds its loader and the libraries of the environment, which the host's loader never sees."""
    fhs = 'pkgs.buildFHSEnv { name = "fhs"; targetPkgs = pkgs: [ pkgs.libGL pkgs.zlib ]; runScript = "bash"; }'
    program = built(packages, tmp_path, fhs) / "bin" / "fhs"
    inside = f"""{standalone(store, "3.12")} -c 'import ctypes; print(ctypes.CDLL("libGL.so.1"))'"""
    ended = nixpkgs.nix(packages, str(program), "-c", f"{inside}; ls -d /.host-etc /usr/lib/libz.so.1", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "<CDLL 'libGL.so.1'" in ended.stdout
    shell = f"({fhs}).env".replace('"bash"', '"echo inside"')
    assert entered(packages, tmp_path, shell, "echo unreached") == "inside"


def test_the_old_name_of_build_fhs_env_is_gone(packages: Path, tmp_path: Path) -> None:
    """As in today's nixpkgs."""
    assert "buildFHSUserEnv" in refused(packages, tmp_path, '(pkgs.buildFHSUserEnv { name = "fhs"; })')


def test_make_wrapper_sets_what_it_is_told(packages: Path, tmp_path: Path) -> None:
    """For one program, and before what the variable holds already."""
    text = """pkgs.symlinkJoin {
      name = "wrapped"; paths = [ pkgs.python3 ]; nativeBuildInputs = [ pkgs.makeWrapper ];
      postBuild = ''wrapProgram $out/bin/python3.12 \\
        --prefix LD_LIBRARY_PATH : ${pkgs.lib.makeLibraryPath [ pkgs.zlib ]}'';
    }"""
    python = built(packages, tmp_path, text) / "bin" / "python3.12"
    ask = "import os, ctypes; ctypes.CDLL('libz.so.1'); print(os.environ['LD_LIBRARY_PATH'])"
    ended = nixpkgs.nix(packages, "env", "LD_LIBRARY_PATH=/before", str(python), "-c", ask, cwd=tmp_path)
    assert ended.stdout.strip().endswith("-lab-zlib/lib:/before"), ended.stderr
    script = built(packages, tmp_path, 'pkgs.writeShellScriptBin "say" "echo \\"$1\\""')
    assert nixpkgs.nix(packages, str(script / "bin" / "say"), "a b", cwd=tmp_path).stdout == "a b\n"


def test_nix_develop_enters_the_shell_of_a_flake(packages: Path, tmp_path: Path) -> None:
    """The flake form, with the lab's nixpkgs in the place of the one that it names."""
    (tmp_path / "flake.nix").write_text("""{
      inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
      outputs = { self, nixpkgs }: let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
        devShells.x86_64-linux.default = pkgs.mkShell {
          packages = [ (pkgs.python3.withPackages (ps: [ ps.kiwisolver ])) ];
          LD_LIBRARY_PATH = pkgs.lib.makeLibraryPath [ pkgs.stdenv.cc.cc.lib pkgs.zlib ];
          shellHook = "export HOOKED=yes";
        };
      };
    }""")
    ask = "import os, kiwisolver; print(os.environ['HOOKED'], os.environ['LD_LIBRARY_PATH'].count('/nix/store'))"
    words = ["develop", f"path:{tmp_path}", "--no-write-lock-file", "--override-input", "nixpkgs", f"path:{packages}"]
    ended = nixpkgs.nix(packages, "nix", *words, "-c", "python3", "-c", ask, cwd=tmp_path)
    assert (ended.returncode, ended.stdout.strip()) == (0, "yes 2"), ended.stderr[-3000:]


def test_nix_shell_with_names_alone(packages: Path, tmp_path: Path) -> None:
    """`nix-shell -p`, which needs `runCommandCC` and a set that holds itself."""
    words = ["-p", "python3.withPackages (ps: [ ps.pyyaml ])", "--run", "python3 -c 'import yaml; print(1)'"]
    ended = nixpkgs.nix(packages, "nix-shell", *words, cwd=tmp_path)
    assert ended.stdout == "1\n", ended.stderr[-2000:]


def test_a_module_is_merged_as_nixos_does(packages: Path, tmp_path: Path) -> None:
    """Lists grow, a condition counts, a forced value wins; an unknown option or a wrong type is an error."""

    def says(body: str, ask: str) -> tuple[str, str]:
        text = f"""(import <nixpkgs/nixos> {{ configuration = {{ pkgs, lib, ... }}: {{ {body} }}; }}).config.{ask}"""
        ended = nixpkgs.nix(packages, "nix-instantiate", "--eval", "--expr", text, cwd=tmp_path)
        return ended.stdout.strip(), ended.stderr

    def held(body: str) -> int:
        text = f"""builtins.length (import <nixpkgs/nixos> {{
          configuration = {{ pkgs, ... }}: {{ {body} }}; }}).config.programs.nix-ld.libraries"""
        ended = nixpkgs.nix(packages, "nix-instantiate", "--eval", "--expr", text, cwd=tmp_path)
        return int(ended.stdout)

    assert held("programs.nix-ld.libraries = [ pkgs.libGL ];") == held("") + 1 > 1
    assert says("programs.nix-ld.enable = lib.mkIf false true;", "programs.nix-ld.enable")[0] == "false"
    forced = "imports = [ { programs.nix-ld.enable = true; } ]; programs.nix-ld.enable = lib.mkForce false;"
    assert says(forced, "programs.nix-ld.enable")[0] == "false"
    assert "does not exist" in says("programs.nix-lb.enable = true;", "programs.nix-ld.enable")[1]
    assert "not of the type" in says('programs.nix-ld.enable = "yes";', "programs.nix-ld.enable")[1]


def test_a_flake_of_a_machine_takes_the_module(packages: Path, tmp_path: Path) -> None:
    """`nixosSystem` with a module beside it: the folder that nix-ld reads gets built."""
    (tmp_path / "nix-ld.nix").write_text("{ pkgs, ... }: { programs.nix-ld.enable = true; }")
    (tmp_path / "flake.nix").write_text("""{
      inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
      outputs = { nixpkgs, ... }: {
        nixosConfigurations.machine = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./nix-ld.nix ];
        };
      };
    }""")
    attribute = f"path:{tmp_path}#nixosConfigurations.machine.config.system.path"
    words = ["build", attribute, "--no-link", "--json", "--no-write-lock-file"]
    ended = nixpkgs.nix(packages, "nix", *words, "--override-input", "nixpkgs", f"path:{packages}", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr[-3000:]
    (made,) = json.loads(ended.stdout)
    assert (Path(made["outputs"]["out"]) / "share/nix-ld/lib/libz.so.1").exists()


def test_nix_ld_of_a_module_starts_a_wheel_in_the_nixos_root(store: Store, packages: Path, tmp_path: Path) -> None:
    """The folder that the module builds becomes the machine's list, and a wheel in C++ loads with it."""
    module = "{ programs.nix-ld.enable = true; programs.nix-ld.libraries = with pkgs; [ stdenv.cc.cc.lib zlib ]; }"
    system = built(packages, tmp_path, f"(import <nixpkgs/nixos> {{ configuration = {module}; }}).config.system.path")
    bench = make_venv(tmp_path / "venv", standalone(store, "3.12"))
    install(store, bench, ["kiwisolver==1.4.9"])
    import_it: list[str | Path] = [bench.python, "-c", "import kiwisolver; print(1)"]
    few = Root("nixos-nix-ld-few", store).run(import_it, {}, home=tmp_path)
    assert "libstdc++.so.6: cannot open shared object file" in few.err
    env = {"NIX_LD_LIBRARY_PATH": f"{system}/share/nix-ld/lib", "NIX_LD": f"{system}/share/nix-ld/lib/ld.so"}
    ended = Root("nixos-nix-ld-few", store).run(import_it, env, home=tmp_path)
    assert (ended.code, ended.out) == (0, "1\n"), ended.err
