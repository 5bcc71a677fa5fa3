"""fhs-env: a shell with the folders that other distributions have, the missing libraries among them (buildFHSEnv).

Inside, the C library of its nixpkgs reads a cache that lists `/usr/lib` (nixpkgs, build-fhsenv-bubblewrap): a Python of
the same nixpkgs finds what is there, and so does one that names the loader of other distributions.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, FsPath, in_store
from nixpydoctor.findings import Finding
from nixpydoctor.knowledge.sonames import Attribute
from nixpydoctor.light import replace
from nixpydoctor.remedies.bindings import flake_input
from nixpydoctor.remedies.common import (
    SYMBOLIC,
    attributes_in,
    folder,
    listed,
    number,
    python_attribute,
    symbolic,
    template,
    wanted,
)
from nixpydoctor.remedies.nix_ld import GLIBC, shim
from nixpydoctor.remedies.venvs import made_with
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

FILE = "fhs.nix"
_RENAMED = (2, 36)
"""Releases of nixpkgs with an older glibc, up to 22.11, call it buildFHSUserEnv; 23.05 has 2.37 and the new name."""
_DRIVER = FsPath("/run/opengl-driver/lib")
"""In the cache of each such environment; there on NixOS."""


@remedy("enter a shell with the folders of other distributions")
def fhs_env(case: Case, findings: Sequence[Finding]) -> tuple[Treatment | NotHere, ...]:
    """Both kinds of Python find the libraries there; only the one from nixpkgs has to be the environment's own."""
    interp = case.facts.fhs_interp
    why = _not_here(case)
    if why or interp is None:
        return (NotHere(why),)
    libraries = wanted(case, findings)
    own = in_store(case.process.interp or "") or not case.process.interp
    loader = case.process.loader
    if not libraries and (own or (loader is not None and loader.family != "stub")):
        return (NotHere("no library is missing that nixpkgs could supply, and this Python has a loader"),)
    after = _inside(case, libraries, interp)
    dirs = after.main.process.loader.system_dirs if after.main.process.loader is not None else ()
    named = [attr for attr in attributes_in(":".join(dirs)) if attr != "glibc"]
    old = own and loader is not None and loader.version is not None and number(loader.version) < _RENAMED
    values = {
        "builder": "buildFHSUserEnv" if old else "buildFHSEnv",
        "packages": listed((*([python_attribute(case)] if own else []), *named), "    "),
    }
    text = template("fhs.nix", **values)
    flake = template(
        "fhs.flake.nix", **values, nixpkgs=flake_input(case), system=f"{case.facts.platform.machine}-linux"
    )
    project = case.facts.project
    has_flake = project is not None and "flake.nix" in project.files
    return (
        Treatment(
            remedy=fhs_env,
            reach=Reach.PROJECT,
            instructions=template(
                "fhs_env.md",
                text=text,
                flake=f"\nOr in `flake.nix`, among its outputs:\n\n```nix\n{flake}```\n" if has_flake else "",
                develop=" or `nix develop .#fhs`" if has_flake else "",
                again=_again(case) if own else "",
                target=shlex.quote(case.facts.choice.target),
            ),
            after=after,
            basis="assumed",
            assumes=(
                "this user may make user namespaces",
                *(["the venv is made again inside, with the Python of the environment"] if own else []),
            ),
            files=(Snippet(FILE, text), *([Snippet("flake.nix", flake)] if has_flake else [])),
            scope="reaches only what is started inside of it",
        ),
    )


def _not_here(case: Case) -> str:
    """Why such an environment cannot be made or would not hold this Python; empty where it can."""
    platform, loader = case.facts.platform, case.process.loader
    if platform.system == "darwin":
        return "its sandbox is made of Linux namespaces"
    if not platform.nix:
        return "it needs Nix, and there is no Nix store here"
    if loader is not None and loader.family == "musl":
        return "the environment has glibc, and this Python wants musl"
    if case.facts.main.host is not None:
        return "the program that embeds this Python would have to be built inside as well"
    if case.arch is None or case.facts.fhs_interp is None:
        return f"no path of a standard loader is known for {platform.machine}"
    return ""


def _inside(case: Case, libraries: Sequence[Attribute], interp: FsPath) -> Facts:
    """The facts of the same process in the environment."""
    process, loader = case.process, case.process.loader
    driver = [_DRIVER] if case.facts.platform.system == "nixos" else []
    folders = [*(folder(known) for known in libraries), *driver]
    had = loader.system_dirs if loader is not None and loader.family == "glibc" else ()
    fhs, changes = shim(case, interp, "")
    fhs = replace(fhs, shim=None, system_dirs=_once(GLIBC, *folders))
    if process.interp == interp:
        loader = replace(fhs, system_dirs=_once(GLIBC, *(part for part in had if part.startswith(SYMBOLIC)), *folders))
    elif loader is not None:
        loader = replace(loader, system_dirs=_once(*had, *folders))
    main = replace(case.facts.main, process=replace(process, loader=loader))
    disk = case.disk.overlay({**changes, **symbolic(case, libraries)})
    return replace(case.facts, main=main, fhs_loader=fhs, disk=disk)


def _once(*folders: FsPath) -> tuple[FsPath, ...]:
    return tuple(dict.fromkeys(folders))


def _again(case: Case) -> str:
    """The commands that make the venv again from the environment's Python."""
    venv = case.facts.main.venv
    steps = made_with(case, venv, "python3") if venv is not None else []
    return template("fhs_env_venv.md", steps="".join(f"$ {step}\n" for step in steps)) if steps else ""
