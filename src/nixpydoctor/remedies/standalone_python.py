"""standalone-python: the same wheels under a Python that uv or pyenv brought, instead of Nix's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.facts import Elf, Facts, FsPath, Object, Process, in_store
from nixpydoctor.findings import Finding
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import folder, symbolic, template, wanted
from nixpydoctor.remedies.nix_ld import shim
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy


@remedy("use a Python that is not Nix's")
def standalone_python(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """Replaces the world, so it is assumed, never proved; on NixOS it comes together with nix-ld."""
    python = case.facts.main.python
    interp = case.facts.fhs_interp
    venv = case.facts.main.venv
    base_gone = venv is not None and not venv.base_exists
    if interp is None or case.arch is None:
        yield NotHere("nothing is known here about the loader that such a Python would name")
        return
    if not base_gone and not in_store(case.process.interp or ""):
        yield NotHere("this Python is not Nix's: its interp is already the one that other distributions use")
        return
    if case.facts.main.host is not None:
        yield NotHere("the program brings its own Python: another one in a venv would change nothing for it")
        return
    minor = python.minor if python is not None else None
    if minor is None:
        yield NotHere("this Python's version is not known, and the wheels are made for one version only")
        return
    version = f"{minor[0]}.{minor[1]}"
    wants = case.facts.project.requires_python if case.facts.project is not None else None
    if wants is not None and not _admits(wants, version):
        yield NotHere(f"the project asks for Python {wants}, and the wheels that are installed are for {version}")
        return
    after = _after(case, interp, findings)
    if after is None:
        yield NotHere(f"no loader stands at {interp}, and on this machine nix-ld cannot be put there")
        return
    nixos = case.facts.platform.system == "nixos"
    envrc = template("standalone.envrc", version=version)
    assumes = [f"a standalone Python {version} that behaves like python-build-standalone's", "the same wheels in it"]
    if nixos:
        assumes.append("nix-ld on this NixOS machine, with the libraries named")
    yield Treatment(
        remedy=standalone_python,
        reach=Reach.SYSTEM if nixos and after[1] else Reach.PROJECT,
        instructions=template(
            "standalone_nixos.md" if nixos else "standalone.md",
            version=version,
            envrc=envrc,
            where=(
                "add these lines to your `.envrc`, in place of its `use nix` or `use flake`"
                if case.facts.project is not None and ".envrc" in case.facts.project.files
                else "save this as `.envrc` (direnv)"
            ),
            libraries=" ".join(dict.fromkeys(known.attr for known in wanted(case, findings))) or "its default ones",
        ),
        after=after[0],
        basis="assumed",
        assumes=tuple(assumes),
        files=(Snippet(".envrc", envrc),),
        scope="replaces the Python and its venv",
    )


def _admits(wants: str, version: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # 20 ms that most diagnoses need not pay

    try:
        return SpecifierSet(wants).contains(f"{version}.99") or SpecifierSet(wants).contains(f"{version}.0")
    except InvalidSpecifier:
        return True


def _after(case: Case, interp: FsPath, findings: Sequence[Finding]) -> tuple[Facts, bool] | None:
    """The facts with another Python, and whether nix-ld had to be assumed; None where nothing could start it."""
    path = FsPath("/${standalone-python}/bin/python3")
    loader = case.facts.fhs_loader
    changes: dict[FsPath, tuple[Object, ...]] = {}
    assumed = False
    if loader is None or loader.family == "stub":
        if case.facts.platform.system != "nixos":
            return None
        loader, changes = shim(case, interp, "")
        assumed = True
    if loader.shim == "nix-ld":
        libraries = wanted(case, findings)
        have = loader.library_path.split(":") if loader.library_path else []
        loader = replace(
            loader, library_path=":".join(dict.fromkeys([*have, *(folder(known) for known in libraries)])) or None
        )
        changes.update(symbolic(case, libraries))
    arch = case.arch
    if arch is not None:
        changes[path] = (
            Elf(
                path=path, identity=(-1, hash(path)), arch=arch, kind=3, interp=interp, needed=("libc.so.6",), pie=True
            ),
        )
    env = {name: value for name, value in case.process.env.items() if name != "LD_LIBRARY_PATH"}
    world = replace(
        case.facts.main,
        process=Process(path, interp, loader, env),
        venv=None,
        dists=tuple(dist for dist in case.facts.main.dists if dist.name != PYTHON),
    )
    return replace(case.facts, main=world, fhs_loader=loader, disk=case.disk.overlay(changes)), assumed
