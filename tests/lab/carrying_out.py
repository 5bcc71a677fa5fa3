"""Remedies, carried out in the lab as their texts say: in another root, with other variables, or with other files.

Each function does one remedy to one patient, whether the tool offers it there or not, and says whether what had failed
works then; a text instead of an answer is the reason why the lab cannot do it there. What is printed is taken where
there is a print, and where there is none, what it would say.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab import nixpkgs, projects
from lab.attempt import NO_REGISTRY, NO_USER_SITE, NOT_LOST, OWN_PROGRAM, Answer, Attempt, undone
from lab.machine import environment
from lab.roots import Root
from lab.store import add
from lab.wheels import interpreters, tool

SMALL = ("kiwisolver",)
"""What is built from source in seconds."""


def library_path(attempt: Attempt) -> Answer:
    had = attempt.patient.env.get("LD_LIBRARY_PATH")
    folders = ":".join([*([had] if had else []), *attempt.libraries])
    return attempt.works(env={**attempt.patient.env, "LD_LIBRARY_PATH": folders})


def driver_libs(attempt: Attempt) -> Answer:
    had = attempt.patient.env.get("LD_LIBRARY_PATH")
    folders = f"{had}:/run/opengl-driver/lib" if had else "/run/opengl-driver/lib"
    return attempt.works(env={**attempt.patient.env, "LD_LIBRARY_PATH": folders})


def clean_path(attempt: Attempt) -> Answer:
    return attempt.works(env={**attempt.without("PYTHONPATH"), "PYTHONNOUSERSITE": "1"})


def unset_variable(attempt: Attempt) -> Answer:
    """Each variable in turn, or the line that sets one in a wrapper; PYTHONPATH is what clean-path is for."""
    wrapper = attempt.patient.work / "python"
    if wrapper.exists():
        with undone(attempt):
            wrapper.write_text(re.sub(r"^export .*\n", "", wrapper.read_text(), flags=re.MULTILINE))
            return attempt.works()
    names = [name for name in attempt.patient.env if name != "PYTHONPATH"]
    return any(attempt.works(env=attempt.without(name)) for name in names)


def nix_ld(attempt: Attempt) -> Answer:
    """With the machine's whole list; a situation of Debian is taken to a NixOS machine for it."""
    if attempt.patient.root.name == "debian" and not attempt.of_the_venv:
        return OWN_PROGRAM
    return attempt.works(root=Root("nixos-nix-ld", attempt.patient.store, attempt.patient.root.files))


def fhs_env(attempt: Attempt) -> Answer:
    """The printed environment, entered; where nothing is printed, one with the usual libraries."""
    offer = attempt.offer("fhs-env")
    if offer is not None:
        return _entered(attempt, offer["files"][0]["text"])
    if not attempt.of_the_venv:
        return OWN_PROGRAM
    return attempt.works(root=Root("fhs-env", attempt.patient.store, attempt.patient.root.files))


def _entered(attempt: Attempt, text: str) -> bool:
    """The disease inside of it; a Python of the environment's own makes the venv again first, as the text says."""
    patient = attempt.patient
    (patient.work / "fhs.nix").write_text(text)
    again, site = patient.work / "again", patient.site_packages
    command, script = attempt.disease, ["set -e"]
    if "pkgs.python3" in text:
        inner = again / site.relative_to(patient.bench.path)
        script += [f"python3 -m venv --without-pip {again}", f"rm -r {inner}", f"cp -r {site} {inner}"]
        anew = [word.replace(str(patient.bench.path), str(again)) for word in command]
        command = anew if attempt.of_the_venv else ["python3", *command[1:]]
    script += [f"export {name}={shlex.quote(value)}" for name, value in patient.env.items()]
    script += [f"{shlex.join(command)} && echo it-works", "exit"]
    entered = "nix-shell fhs.nix <<'END'\n" + "\n".join(script) + "\nEND"
    ended = nixpkgs.nix(nixpkgs.assemble(patient.store), "sh", "-c", entered, cwd=patient.work)
    shutil.rmtree(again, ignore_errors=True)
    return ended.stdout.strip().endswith("it-works")


def _objects(attempt: Attempt) -> Iterator[Path]:
    """Every ELF object of the patient's own, drivers and the like aside."""
    for path in attempt.patient.work.rglob("*"):
        own = "site-packages" in path.parts or path.parent.name == "bin"
        if own and path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF":
            yield path


def runpath(attempt: Attempt) -> Answer:
    """The offered edits, or every object with every folder."""
    offer = attempt.offer("runpath")
    with undone(attempt):
        if offer is not None:
            for edit in offer["edits"]:
                force = ["--force-rpath"] if edit["tag"] == "rpath" else []
                _patchelf(*force, "--set-rpath", ":".join(edit["after"]), edit["path"])
        else:
            for path in _objects(attempt):
                _patchelf("--add-rpath", ":".join(attempt.libraries), str(path))
        return attempt.works()


def _patchelf(*words: str) -> None:
    subprocess.run(["patchelf", *words], check=True, env=environment())


def fix_python(attempt: Attempt) -> Answer:
    with undone(attempt):
        like_fix_python(attempt.patient.bench.path, attempt.libraries)
        return attempt.works()


def like_fix_python(root: Path, libraries: Sequence[str]) -> None:
    """What the script does to every object below a venv, with the same program: see its page."""
    objects = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    objects = [path for path in objects if path.read_bytes()[:4] == b"\x7fELF"]
    folders = [
        str(path) for path in root.rglob("*") if path.is_dir() and (path.name == "lib" or path.suffix == ".libs")
    ]
    for path in objects:
        told = subprocess.run(["patchelf", "--print-rpath", path], capture_output=True, text=True, check=True)
        new = sorted({*libraries, *folders, *told.stdout.strip().split(":")} - {""})
        _patchelf("--set-rpath", ":".join(new), str(path))


def _anew(attempt: Attempt, python: Path, root: Root, *options: str) -> list[str]:
    """The disease in a venv made anew from a Python, with the same wheels."""
    patient = attempt.patient
    again = patient.work / "again"
    shutil.rmtree(again, ignore_errors=True)
    made = root.run([python, "-m", "venv", "--without-pip", *options, again], home=patient.work)
    if made.code:
        return ["false"]
    site = again / patient.site_packages.relative_to(patient.bench.path)
    shutil.rmtree(site)
    shutil.copytree(patient.site_packages, site)
    return [word.replace(str(patient.bench.path), str(again)) for word in attempt.disease]


def rebuild_venv(attempt: Attempt) -> Answer:
    if not attempt.of_the_venv:
        return OWN_PROGRAM
    python = interpreters(attempt.patient.store)[attempt.plan["python"]]
    return attempt.works(_anew(attempt, python, attempt.patient.root))


def standalone_python(attempt: Attempt) -> Answer:
    """On NixOS together with nix-ld, as its text says."""
    patient = attempt.patient
    nixos = patient.root.name.startswith("nixos")
    root = Root("nixos-nix-ld", patient.store, patient.root.files) if nixos else patient.root
    python = interpreters(patient.store)["standalone312"]
    command = _anew(attempt, python, root) if attempt.of_the_venv else [str(python), *attempt.disease[1:]]
    return attempt.works(command, root, attempt.without("LD_LIBRARY_PATH"))


def nix_python(attempt: Attempt) -> Answer:
    """The printed file where there is one, its hashes filled in as it says; else what nixpkgs has of the wheels."""
    patient, offer = attempt.patient, attempt.offer("nix-python")
    names = [wheel.partition("==")[0] for wheel in attempt.wheels]
    if not names:
        return NO_REGISTRY
    packages = nixpkgs.assemble(patient.store)
    listed = "".join(f" ps.{name}" for name in names)
    text = f"(import <nixpkgs> {{ }}).python312.withPackages (ps: [{listed} ])"
    file = patient.work / "nix-python.nix"
    file.write_text(offer["files"][0]["text"] if offer is not None else text)
    out = patient.work / ".nix-python"
    for _ in range(4):  # one definition after the other says its hash
        built = nixpkgs.nix(packages, "nix-build", str(file), "--out-link", out, cwd=patient.work)
        got = re.search(r"got:\s*(sha256-\S+)", built.stderr)
        if got is None:
            break
        file.write_text(file.read_text().replace("pkgs.lib.fakeHash", f'"{got[1]}"', 1))
    if built.returncode:
        return "the lab's nixpkgs does not have what is wanted"
    return attempt.works([str(out / "bin/python3"), "-c", f"import {attempt.module}"])


def dev_shell(attempt: Attempt) -> Answer:
    """The printed shell, or one of the same form; the venv made again from its Python, without what it brings."""
    patient, offer = attempt.patient, attempt.offer("dev-shell")
    names = [wheel.partition("==")[0] for wheel in attempt.wheels]
    if not names:
        return NO_REGISTRY
    packages = nixpkgs.assemble(patient.store)
    listed = "".join(f" ps.{name}" for name in names)
    environment_ = f"(pkgs.python312.withPackages (ps: [{listed} ]))"
    text = f"{{ pkgs ? import <nixpkgs> {{ }} }}: pkgs.mkShell {{ packages = [ {environment_} ]; }}"
    file = patient.work / "dev.nix"
    file.write_text(offer["files"][0]["text"] if offer is not None else text)
    asked = nixpkgs.nix(packages, "nix-shell", file, "--run", "command -v python3", cwd=patient.work)
    if asked.returncode:
        return "the lab's nixpkgs does not have what is wanted"
    command = _anew(attempt, Path(asked.stdout.strip()), patient.root, "--system-site-packages")
    for name in names:
        for path in (patient.work / "again").rglob(f"site-packages/{name.replace('-', '_')}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    unset = "unset PYTHONPATH" in file.read_text()  # the hook of the shell
    return attempt.works(command, env=attempt.without("PYTHONPATH") if unset else None)


def source_build(attempt: Attempt) -> Answer:
    """The command of the text, in its shell; uv in the place of pip."""
    patient, offer = attempt.patient, attempt.offer("source-build")
    if not attempt.wheels:
        return NO_REGISTRY
    if offer is None and attempt.module not in SMALL:
        return "it is not offered, and the build would take longer than the rest of the table"
    packages = nixpkgs.assemble(patient.store)
    text = "{ pkgs ? import <nixpkgs> { } }: pkgs.mkShell { nativeBuildInputs = [ pkgs.python312 ]; }"
    file = patient.work / "build.nix"
    file.write_text(offer["files"][0]["text"] if offer is not None else text)
    names = [word for wheel in attempt.wheels for word in ("--no-binary", wheel.partition("==")[0])]
    uv = tool(patient.store).path / "bin/uv"
    words = [uv, "pip", "install", "--reinstall", "--no-deps", "--python", patient.bench.python, *names]
    line = shlex.join(map(str, [*words, *attempt.wheels]))
    with undone(attempt):
        built = nixpkgs.nix(packages, "nix-shell", file, "--run", line, cwd=patient.work)
        if built.returncode:
            return "the lab's libraries have no headers to build it with"
        return attempt.works()


def uv2nix(attempt: Attempt) -> Answer:
    """What is printed for a project with a real lock of the same wheels: see `in_project`."""
    patient = attempt.patient
    if not attempt.wheels:
        return NO_REGISTRY
    packages = nixpkgs.assemble(patient.store, manylinux=True)
    offer = attempt.offer("uv2nix")
    if offer is None:
        return "it prints nothing that could be built"
    (patient.work / "project/flake.nix").write_text(offer["files"][0]["text"])
    built = projects.built(patient, packages)
    if built.returncode:
        return "the lab has not all the libraries of manylinux"
    return attempt.works([str(patient.work / "result/bin/python3"), "-c", f"import {attempt.module}"])


def in_project(attempt: Attempt) -> Attempt:
    """The same patient in a project with a lock, checked anew; itself where no lock can name what fails."""
    if not attempt.wheels:
        return attempt
    projects.make(attempt.patient, attempt.wheels)
    projects.lock(attempt.patient)
    return replace(attempt, report=projects.examined(attempt.patient))


def gc_root(attempt: Attempt) -> Answer:
    """The command of the text; a venv that has lost its base has nothing to keep."""
    offer = attempt.offer("gc-root")
    return NOT_LOST if offer is None else _shell(attempt, offer)


def restore_store_path(attempt: Attempt) -> Answer:
    """No cache has the lab's own copy: the same content is added again, as a cache would bring it."""
    offer = attempt.offer("restore-store-path")
    if offer is None:
        return NOT_LOST
    found = re.search(r"/nix/store/\w{32}-([^\s`]+)", offer["instructions"])
    assert found is not None
    added = add(attempt.patient.work / found[1])  # the scenario's own copy, of which the store had one
    assert str(added) == found[0]
    return _shell(attempt, offer)


def _shell(attempt: Attempt, offer: Mapping[str, Any]) -> bool:
    """The first block of commands is run, then the disease."""
    block = re.search(r"```console\n(.*?)```", offer["instructions"], re.S)
    assert block is not None
    for line in block[1].splitlines():
        subprocess.run(["sh", "-c", line.removeprefix("$ ")], check=True, env=environment(), capture_output=True)
    return attempt.works()


def homogeneous_user_site(attempt: Attempt) -> Answer:
    """A bare Python of Nix with the user site, and whatever Nix's packages were from pip."""
    if "PYTHONUSERBASE" not in attempt.patient.env:
        return NO_USER_SITE
    python = attempt.patient.words["nix312"]
    return attempt.works([python, *attempt.disease[1:]])


def container(attempt: Attempt) -> Answer:
    """Without an engine: the parts of the image on the Debian that the lab runs on.

    A Python that lives in a folder of its own, the same wheels, and the libraries of the packages that its file names.
    """
    patient, offer = attempt.patient, attempt.offer("container")
    if not attempt.of_the_venv:
        return OWN_PROGRAM
    text = offer["files"][0]["text"] if offer is not None else ""
    found = re.search(r"--no-install-recommends (.*?) &&", text)
    folder = patient.work / "image"
    folder.mkdir()
    for package in found[1].split() if found is not None else ():
        name = shlex.quote(package)
        planned = f"apt-get install --simulate --no-install-recommends {name} | sed -n 's/^Inst \\([^ ]*\\).*/\\1/p'"
        script = f"apt-get download -qq {name} $({planned}) && for deb in *.deb; do dpkg -x $deb .; done"
        if subprocess.run(
            ["sh", "-c", script], cwd=folder, env=environment(), capture_output=True, check=False
        ).returncode:
            return "a package of Debian could not be had"
    root = Root("debian", patient.store, patient.root.files)
    command = _anew(attempt, interpreters(patient.store)["standalone312"], root)
    return attempt.works(command, root, {"LD_LIBRARY_PATH": str(folder / "usr/lib/x86_64-linux-gnu")})


DONE: dict[str, Callable[[Attempt], Answer]] = {
    "clean-path": clean_path,
    "unset-variable": unset_variable,
    "driver-libs": driver_libs,
    "library-path": library_path,
    "runpath": runpath,
    "nix-ld": nix_ld,
    "standalone-python": standalone_python,
    "fhs-env": fhs_env,
    "fix-python": fix_python,
    "nix-python": nix_python,
    "uv2nix": uv2nix,
    "dev-shell": dev_shell,
    "source-build": source_build,
    "gc-root": gc_root,
    "restore-store-path": restore_store_path,
    "rebuild-venv": rebuild_venv,
    "container": container,
    "homogeneous-user-site": homogeneous_user_site,
}
"""In the order of the tool's list."""
