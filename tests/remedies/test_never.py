"""What no remedy ever says, whatever is wrong: every remedy on every kind of machine, project and trouble."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from build import (
    FHS_INTERP,
    SITE,
    STORE_PYTHON,
    a_dist,
    a_glibc,
    a_library,
    an_object,
    facts,
    fhs_loader,
    store_loader,
)
from nixpydoctor import replay
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath, Loader, PathEntry, Project, Venv, leaf
from nixpydoctor.remedies import REMEDIES
from nixpydoctor.treatments import Reach, SetSearchPath, Treatment

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
ROOT = FsPath("/home/ada/app")
VENV = Venv(FsPath(f"{ROOT}/.venv"), FsPath(STORE_PYTHON.rpartition("/")[0]), "3.12.1", "venv", False)
STUB = Loader(FHS_INTERP, FHS_INTERP, "stub")
NIX_LD = fhs_loader(shim="nix-ld", real=FsPath("/nix/store/9xfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-glibc-2.40/lib/ld.so"))
PROJECTS = {
    "none": {},
    "all": dict.fromkeys(("flake.nix", "shell.nix", "devenv.nix", "devbox.json", ".envrc", "uv.lock"), ""),
    "poetry": {"poetry.lock": "", "flake.nix": "{ }"},
}  # fmt: skip
PYTHONS = {
    "nix": {"store": True},
    "nix with an old glibc": {"store": True, "loader": store_loader(version="2.35")},
    "others on NixOS without a loader": {"store": False, "loader": None, "system": "nixos"},
    "others on NixOS with stub-ld": {"store": False, "loader": STUB, "fhs": STUB, "system": "nixos"},
    "others on NixOS with nix-ld": {"store": False, "loader": NIX_LD, "fhs": NIX_LD, "system": "nixos"},
    "nix on NixOS": {"store": True, "system": "nixos", "fhs": NIX_LD},
    "others on Debian": {"store": False, "fhs": fhs_loader()},
}
NEEDS = {
    "C++": ("libstdc++.so.6", "libz.so.1"),
    "members of the C library": ("libc.musl-x86_64.so.1", "libnsl.so.1", "libthread_db.so.1"),
    "graphics and the driver": ("libGL.so.1", "libcuda.so.1"),
}
ENVIRONS = {
    "clean": {},
    "PYTHONHOME": {"PYTHONHOME": f"{ROOT}/.venv"},
    "host libraries": {"LD_LIBRARY_PATH": "/usr/lib:/lib/x86_64-linux-gnu"},
}


OTHERS_GLIBC = FsPath("/nix/store/cccccccccccccccccccccccccccccccc-glibc-2.39-5")
OTHERS = FsPath("/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-zlib-1.3.1")
"""A library of another nixpkgs: its RUNPATH names another C library than any Python here runs on."""
TAKES_FROM_NIXPKGS = ("library-path", "fix-python", "dev-shell", "source-build")
"""Remedies that give libraries of a nixpkgs to the Python that is there."""


def world(python: str, project: str, needs: str, environ: str) -> Facts:
    """One combination."""
    made = facts(
        a_dist(extensions=[EXT]),
        a_dist("frob", "1.0"),
        objects=[
            an_object(f"{SITE}/{EXT}", *NEEDS[needs]),
            a_library("/usr/lib/libstdc++.so.6", "libc.so.6"),
            an_object(f"{OTHERS}/lib/libz.so.1", "libc.so.6", soname="libz.so.1", runpath=f"{OTHERS_GLIBC}/lib"),
            *(replace(obj, path=FsPath(f"{OTHERS_GLIBC}/lib/{leaf(obj.path)}")) for obj in a_glibc(OTHERS_GLIBC)),
        ],
        stored={"zlib": (OTHERS,)},
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        venv=VENV,
        env=ENVIRONS[environ],
        project=Project(ROOT, tuple(PROJECTS[project])),
        **PYTHONS[python],  # type: ignore[arg-type]
    )
    if made.main.python is not None and environ == "clean" and project == "none":
        path = (PathEntry(FsPath("/nix/store/x-python3.11-y/lib/python3.11/site-packages"), "nix", "PYTHONPATH"),)
        made = replace(
            made, main=replace(made.main, python=replace(made.main.python, path=path + made.main.python.path))
        )
    texts = {FsPath(f"{ROOT}/{name}"): text for name, text in PROJECTS[project].items()}
    return replace(made, disk=made.disk.overlay({}, texts))


def recorded() -> Iterator[Facts]:
    """The cases of real machines."""
    for file in sorted((Path(__file__).parent.parent / "cases").glob("*/facts.json*")):
        yield replay.load(file.read_bytes())


def emitted(made: Facts) -> Iterator[Treatment]:
    """Every treatment of every remedy, offered or not."""
    for trial in diagnose(made).trials:
        yield trial.treatment


def said(treatment: Treatment) -> str:
    return "\n".join([treatment.instructions, *(file.text for file in treatment.files)])


def on_lists(text: str) -> Iterator[str]:
    """What stands on a library path or in a list of packages."""
    yield from re.findall(r"^\s*(?:\(?pkgs\.[\w.\-]+.*|[\w.\-]+)$", text, re.MULTILINE)
    yield from re.findall(r"LD_LIBRARY_PATH\s*=\s*(.*)", text)


def breach(treatment: Treatment, made: Facts) -> str:
    """The rule that a treatment breaks; empty where it breaks none."""
    name, text = treatment.remedy.name, said(treatment)
    store = (made.main.process.interp or "").startswith("/nix/store/")
    env = treatment.after.main.process.env
    had = made.main.process.env.get("LD_LIBRARY_PATH", "").split(":")
    new = set(env.get("LD_LIBRARY_PATH", "").split(":")).difference(had)
    loader = treatment.after.main.process.loader
    extra = [*new, *((loader.library_path or "").split(":") if loader is not None else ())]
    if any("glibc" in line or "musl" in line for line in on_lists(text)) or any("pkgs.glibc" in part for part in extra):
        return "a C library on a list"
    if store and any(part.startswith(("/usr/lib", "/lib")) for part in new):
        return "a host's folder for a store Python"
    if env.get("PYTHONHOME") != made.main.process.env.get("PYTHONHOME") and env.get("PYTHONHOME"):
        return "PYTHONHOME of a venv"
    if "nix-ld" in text and name in ("nix-ld", "standalone-python") and made.platform.system != "nixos":
        return "nix-ld off NixOS"
    if "buildFHSUserEnv" in text and not (loader is not None and (loader.version or "9") < "2.36"):
        return "the old name of buildFHSEnv"
    if name == "poetry2nix" and "poetry2nix" not in str(made.disk.text(FsPath(f"{ROOT}/flake.nix"))):
        return "poetry2nix for a new project"
    if any(isinstance(edit, SetSearchPath) and edit.path.startswith("/nix/store") for edit in treatment.edits):
        return "an edit in the store"
    if any(isinstance(edit, SetSearchPath) and f"{OTHERS}/lib" in edit.dirs for edit in treatment.edits):
        return "a library of another nixpkgs"
    its_own = "base = pkgs.python" in text  # a Python of the same nixpkgs as its libraries
    if name in TAKES_FROM_NIXPKGS and "<nixpkgs>" in text and not its_own and "the nixpkgs that" not in text:
        return "no word of which nixpkgs"
    return ""


def treated(
    made: Facts, *, name: str = "library-path", text: str = "", env: str = "", home: str = "", folder: str = ""
) -> Treatment:
    """A treatment as none should be."""
    process = made.main.process.setenv("LD_LIBRARY_PATH", env or None).setenv("PYTHONHOME", home or None)
    remedy = next(one for one in REMEDIES if one.name == name)
    edits = (SetSearchPath(FsPath(f"{SITE}/{EXT}"), "runpath", (folder,)),) if folder else ()
    after = replace(made, main=replace(made.main, process=process))
    return Treatment(remedy, Reach.SHELL, text, after, edits=edits)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"text": "[\n  pkgs.glibc\n]"}, "a C library on a list"),
        ({"text": 'LD_LIBRARY_PATH = "${pkgs.musl}/lib";'}, "a C library on a list"),
        ({"env": "/${pkgs.glibc}/lib"}, "a C library on a list"),
        ({"env": "/usr/lib"}, "a host's folder for a store Python"),
        ({"home": "/home/ada/app/.venv"}, "PYTHONHOME of a venv"),
        ({"name": "nix-ld", "text": "programs.nix-ld.enable = true;"}, "nix-ld off NixOS"),
        ({"text": "pkgs.buildFHSUserEnv { }"}, "the old name of buildFHSEnv"),
        ({"name": "poetry2nix"}, "poetry2nix for a new project"),
        ({"folder": f"{OTHERS}/lib"}, "a library of another nixpkgs"),
        ({"text": "{ pkgs ? import <nixpkgs> { } }: pkgs"}, "no word of which nixpkgs"),
    ],
)
def test_the_watch_sees_each_of_them(bad: dict[str, str], says: str) -> None:
    made = world("nix", "poetry", "C++", "clean")
    assert breach(treated(made, **bad), made) == says


COMBINATIONS = [pytest.param(*names, id="-".join(names)) for names in product(PYTHONS, PROJECTS, NEEDS, ENVIRONS)]


@pytest.mark.parametrize(("python", "project", "needs", "environ"), COMBINATIONS)
def test_what_is_never_emitted(python: str, project: str, needs: str, environ: str) -> None:
    made = world(python, project, needs, environ)
    diagnosis = diagnose(made)
    assert diagnosis.faults == ()
    for trial in diagnosis.trials:
        assert breach(trial.treatment, made) == "", said(trial.treatment)
    if (made.main.process.interp or "").startswith("/nix/store/"):
        offered = {trial.treatment.remedy.name for trial in diagnosis.offers}
        assert "nix-ld" not in offered, "nix-ld does nothing for a store Python"


def test_what_is_never_emitted_for_real_machines() -> None:
    for made in recorded():
        assert [breach(one, made) for one in emitted(made) if breach(one, made)] == []


def test_what_replaces_the_world_is_assumed_and_says_what() -> None:
    """Nothing that leaves the broken objects out, or was not simulated, claims to have been tried."""
    seen: set[str] = set()
    for names in product(PYTHONS, PROJECTS, ("C++",), ("clean",)):
        made = world(*names)
        for treatment in emitted(made):
            kept = {dist.key for dist in treatment.after.main.dists}
            seen.add(treatment.remedy.name)
            if "numpy" not in kept and treatment.remedy.name not in ("clean-path",):
                assert treatment.basis == "assumed"
                assert treatment.assumes
    assert seen >= {"fhs-env", "nix-python", "uv2nix", "dev-shell", "source-build", "container", "nix-ld"}


SPACED = "/home/ada/it's my app/.venv"
CALLS = re.compile(r"nixpydoctor (?:check|fix)[^`\n]*")


@pytest.mark.parametrize(
    ("python", "project", "needs"), [*product(PYTHONS, PROJECTS, ("C++", "graphics and the driver"))]
)
def test_a_target_with_a_space_is_one_word_of_every_command(python: str, project: str, needs: str) -> None:
    """As a shell reads what is printed; inside of quotes as the shell reads that then."""
    made = world(python, project, needs, "clean")
    seen = 0
    for treatment in emitted(replace(made, choice=replace(made.choice, target=SPACED))):
        for call in CALLS.findall(treatment.instructions):
            if "my app" not in call:
                continue
            line = next(one for one in treatment.instructions.split("`") if call in one)
            words = shlex.split(line.splitlines()[0] if "\n" in line else line)
            inner = next((word for word in words if word.startswith("nixpydoctor ")), None)
            assert SPACED in (shlex.split(inner) if inner is not None else words), (treatment.remedy.name, line)
            seen += 1
    assert seen


def test_each_remedy_is_in_the_list_once() -> None:
    names = [remedy.name for remedy in REMEDIES]
    assert len(names) == len(set(names))
