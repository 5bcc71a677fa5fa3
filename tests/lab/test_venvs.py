"""What the remedies for venvs say, carried out: a collection kills, a root protects, a cache restores."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import nixpkgs, scenario
from lab.accuracy import check
from lab.judgement import Environment
from lab.machine import NIX_CONFIG, cache, environment
from lab.roots import Root
from lab.store import Store, delete, private_copy
from lab.wheels import Bench, install, interpreters, make_venv, tool, uv


@pytest.fixture
def work(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of the test's own."""
    folder = cache() / "scenarios" / request.node.name.partition("[")[0]
    scenario.discard(folder)
    (folder / "home").mkdir(parents=True)
    yield folder
    scenario.discard(folder)


@pytest.fixture
def doomed(store: Store, work: Path) -> Iterator[Path]:
    """A Python of the store that nothing keeps; gone afterwards, with whatever a test made to keep it."""
    path = private_copy(interpreters(store)["nix312"].parent.parent, work)
    yield path
    for link in work.glob("*/nix-base"):
        link.unlink()
    if path.exists():
        delete(path)


def checked(store: Store, work: Path, venv: Path) -> tuple[set[str], dict[str, dict[str, Any]]]:
    """The rules that speak louder than a note, and the offers by name."""
    place = Environment(work.name, work.name, Root("debian", store), "", {})
    report, _ = check(store, venv, place, home=work / "home")
    assert not report["tool"]["faults"], report["tool"]["faults"]
    loud = {finding["rule"] for finding in report["findings"] if finding["severity"] != "note"}
    return loud, {offer["remedy"]: offer for offer in report["offers"]}


def steps(offer: dict[str, Any]) -> list[str]:
    """The commands of an offer."""
    return re.findall(r"^\$ (.+)$", offer["instructions"], re.M)


def run(store: Store, work: Path, commands: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """The commands as a person types them, in the folder of the project."""
    base = environment()
    env = {**base, "PATH": f"{tool(store).path}/bin:{base['PATH']}", "UV_CACHE_DIR": str(cache() / "uv"), **variables}
    script = "set -e\n" + "\n".join(commands)
    return subprocess.run(["bash", "-c", script], cwd=work, env=env, capture_output=True, text=True, check=False)


def starts(command: Path, *words: str) -> bool:
    """Whether a program of the venv can be started."""
    ended = subprocess.run(
        ["bash", "-c", '"$@"', "bash", command, *words], env=environment(), capture_output=True, check=False
    )
    return ended.returncode == 0


def test_a_root_protects_from_collection_and_a_cache_gives_a_lost_path_back(
    store: Store, work: Path, doomed: Path
) -> None:
    """gc-root before the collection, restore-store-path after it."""
    venv = make_venv(work / "venv", doomed / "bin" / "python3.12")
    loud, offers = checked(store, work, venv.path)
    assert loud == {"NPD303"}
    assert next(iter(offers)) == "gc-root"
    assert run(store, work, steps(offers["gc-root"])).returncode == 0
    assert checked(store, work, venv.path)[0] == set()
    with pytest.raises(subprocess.CalledProcessError):
        delete(doomed)

    binaries = f"file://{work}/binaries"
    subprocess.run(["nix", "copy", "--to", binaries, doomed], env=environment(), check=True, capture_output=True)
    (venv.path / "nix-base").unlink()
    delete(doomed)
    assert not starts(venv.python, "-c", "pass")
    loud, offers = checked(store, work, venv.path)
    assert loud == {"NPD301"}
    assert next(iter(offers)) == "restore-store-path"
    restore = steps(offers["restore-store-path"])
    refused = run(store, work, restore)
    assert refused.returncode != 0
    assert "don't know how to build these paths" in refused.stderr, "as the instructions foresee"
    config = f"{NIX_CONFIG}substitute = true\nsubstituters = {binaries}\nrequire-sigs = false\n"
    assert run(store, work, restore, NIX_CONFIG=config).returncode == 0
    assert starts(venv.python, "-c", "pass")
    assert checked(store, work, venv.path)[0] == set()


def test_a_collected_library_folder_comes_back(store: Store, work: Path) -> None:
    """restore-store-path for what a search path names, as tools write it that make no root."""
    libraries = private_copy(store["gccLib"], work)
    venv = make_venv(work / "venv", interpreters(store)["nix312"])
    install(store, venv, ["kiwisolver==1.5.1"], copies=True)
    (extension,) = venv.site_packages.glob("kiwisolver/_cext.*.so")
    subprocess.run(["patchelf", "--set-rpath", f"{libraries}/lib", extension], env=environment(), check=True)
    assert starts(venv.python, "-c", "import kiwisolver")
    binaries = f"file://{work}/binaries"
    subprocess.run(["nix", "copy", "--to", binaries, libraries], env=environment(), check=True, capture_output=True)
    delete(libraries)
    assert not starts(venv.python, "-c", "import kiwisolver")
    loud, offers = checked(store, work, venv.path)
    assert loud == {"NPD101"}
    config = f"{NIX_CONFIG}substitute = true\nsubstituters = {binaries}\nrequire-sigs = false\n"
    assert run(store, work, steps(offers["restore-store-path"]), NIX_CONFIG=config).returncode == 0
    assert starts(venv.python, "-c", "import kiwisolver")
    assert checked(store, work, venv.path)[0] == set()
    (venv.path / "nix-base").unlink()
    delete(libraries)


def test_a_python_that_was_compiled_in_a_nix_shell_needs_its_loader(store: Store, work: Path) -> None:
    """Its program lies outside of the store and names a loader in it: gc-root before, restore-store-path after."""
    glibc = private_copy(store["glibc"], work)
    python = work / "python"
    subprocess.run(["cp", "-r", interpreters(store)["standalone312"].parent.parent, python], check=True)
    loader = f"{glibc}/lib/ld-linux-x86-64.so.2"
    command = ["patchelf", "--set-interpreter", loader, str((python / "bin" / "python3.12").resolve())]
    subprocess.run(command, env=environment(), check=True)
    venv = make_venv(work / "venv", python / "bin" / "python3.12")
    loud, offers = checked(store, work, venv.path)
    assert "NPD303" in loud
    assert str(glibc) in offers["gc-root"]["instructions"]
    binaries = f"file://{work}/binaries"
    subprocess.run(["nix", "copy", "--to", binaries, glibc], env=environment(), check=True, capture_output=True)
    delete(glibc)
    assert not starts(venv.python, "-c", "pass")
    loud, offers = checked(store, work, venv.path)
    assert "NPD109" in loud
    config = f"{NIX_CONFIG}substitute = true\nsubstituters = {binaries}\nrequire-sigs = false\n"
    assert run(store, work, steps(offers["restore-store-path"]), NIX_CONFIG=config).returncode == 0
    assert starts(venv.python, "-c", "pass")
    assert not checked(store, work, venv.path)[0] & {"NPD109", "NPD303"}
    (venv.path / "nix-base").unlink()
    delete(glibc)


def test_a_venv_whose_base_was_collected_is_made_anew(store: Store, work: Path, doomed: Path) -> None:
    """rebuild-venv after the collection, with the Python of nixpkgs that its second command names."""
    venv = make_venv(work / "venv", doomed / "bin" / "python3.12")
    install(store, venv, ["pygments==2.19.2"])
    delete(doomed)
    assert not starts(venv.path / "bin" / "pygmentize", "-V")
    loud, offers = checked(store, work, venv.path)
    assert loud == {"NPD301"}
    offer = offers["rebuild-venv"]
    for file in offer["files"]:
        (work / file["name"]).write_text(file["text"])
    first, *rest = steps(offer)
    built = first.partition("# or: ")[2]
    variables = {"NIX_PATH": f"nixpkgs={nixpkgs.assemble(store)}"}
    ended = run(store, work, [built, *rest], **variables)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert starts(venv.path / "bin" / "pygmentize", "-V")
    assert checked(store, work, venv.path)[0] == set(), "and the link that the first command made keeps it"


@pytest.mark.parametrize("maker", ["venv", "uv", "virtualenv"])
def test_a_moved_venv_is_made_anew(store: Store, work: Path, maker: str) -> None:
    """Its scripts are dead before and live after; what was installed is installed again."""
    python = interpreters(store)["standalone312"]
    old = work / "old"
    if maker == "venv":
        make_venv(old, python)
    elif maker == "uv":
        assert uv(store, "venv", "-q", "--python", python, old).returncode == 0
    else:
        made = uv(store, "tool", "run", "-q", "virtualenv", "--python", python, old)
        assert made.returncode == 0, made.stderr
    install(store, Bench(old, ""), ["pygments==2.19.2"])
    venv = old.rename(work / "venv")
    script = venv / "bin" / "pygmentize"
    assert not starts(script, "-V")
    loud, offers = checked(store, work, venv)
    assert loud == {"NPD302"}
    (file,) = offers["rebuild-venv"]["files"]
    assert "pygments==2.19.2" in file["text"].lower().splitlines()
    (work / file["name"]).write_text(file["text"])
    virtualenv = (
        f'virtualenv() {{ "{shutil.which("uv", path=str(tool(store).path / "bin"))}" tool run -q virtualenv "$@"; }}'
    )
    ended = run(store, work, [virtualenv, *steps(offers["rebuild-venv"])])
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert starts(script, "-V")
    assert checked(store, work, venv)[0] == set()
