"""nix-ld: a loader at the path that programs of other distributions name, with a list of libraries."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, Facts, FsPath, Loader, Object, Process, join, leaf
from nixpydoctor.findings import Finding
from nixpydoctor.knowledge.sonames import Attribute, expression
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import attributes_in, folder, in_quotes, symbolic, template, wanted
from nixpydoctor.remedies.wrapped import packages_first, path_expression
from nixpydoctor.treatments import NotHere, Reach, Snippet, Treatment, remedy

GLIBC = FsPath("/${pkgs.glibc}/lib")
_VARIABLE = "NIX_LD_LIBRARY_PATH"
_LIST = "/run/current-system/sw/share/nix-ld/lib"
"""The machine's list, as nix-ld takes it without the variable."""
LIBC = ("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libresolv.so.2",
         "libanl.so.1", "libnsl.so.1", "libmvec.so.1", "libgcc_s.so.1")  # fmt: skip


@remedy("let nix-ld start programs made for other distributions")
def nix_ld(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """What stands at the FHS interp becomes nix-ld; who does not name that interp notices nothing."""
    if case.facts.platform.system != "nixos":
        yield NotHere(f"it is a NixOS module, and this machine runs {case.facts.platform.name or 'something else'}")
        return
    interp = case.facts.fhs_interp
    if interp is None:
        yield NotHere(f"no path of a standard loader is known for {case.facts.platform.machine}")
        return
    libraries = wanted(case, findings)
    after = with_shim(case, libraries, interp)
    path = after.fhs_loader.library_path if after.fhs_loader is not None else None
    listed = "\n".join(f"    {expression(attr)}" for attr in attributes_in(path or ""))
    module = template("nix_ld.nix", libraries=listed)
    old = case.process.loader
    if libraries and old is not None and old.shim == "nix-ld" and old == case.facts.fhs_loader:
        yield from _for_a_shell(case, libraries)
    yield Treatment(
        remedy=nix_ld,
        reach=Reach.SYSTEM,
        instructions=template("nix_ld.md", module=module, target=shlex.quote(case.facts.choice.target)),
        after=after,
        files=(Snippet("nix-ld.nix", module),),
        scope=f"reaches only programs whose interp is {interp}, and this Python's is {case.process.interp}",
    )


def _for_a_shell(case: Case, libraries: Sequence[Attribute]) -> Iterator[Treatment]:
    """The variable that nix-ld reads: it replaces the list of the machine, so that stands at its end."""
    loader = case.process.loader
    named = [name for name, value in case.process.env.items() if name.startswith(f"{_VARIABLE}_") and value]
    if loader is None or named:
        return  # one that names the system would win
    value = packages_first([*(folder(known) for known in libraries), *(loader.library_path or "").split(":"), _LIST])
    loader = replace(loader, library_path=value)
    process = replace(case.process.setenv(_VARIABLE, value), loader=loader)
    main = replace(case.facts.main, process=process)
    shell = template("nix_ld_shell.nix", libraries=path_expression(value))
    yield Treatment(
        remedy=nix_ld,
        reach=Reach.SHELL,
        instructions=template(
            "nix_ld_shell.md",
            shell=shell,
            check=in_quotes(f"nixpydoctor check {shlex.quote(case.facts.choice.target)}"),
        ),
        after=replace(case.facts, main=main, fhs_loader=loader, disk=case.disk.overlay(symbolic(case, libraries))),
        files=(Snippet("shell.nix", shell),),
        scope="reaches only what nix-ld starts",
    )


def with_shim(case: Case, libraries: Sequence[Attribute], interp: FsPath) -> Facts:
    """The facts after nix-ld stands at `interp` with these libraries in addition to those it has already."""
    old = case.facts.fhs_loader
    have = old.library_path.split(":") if old is not None and old.shim == "nix-ld" and old.library_path else []
    path = ":".join(dict.fromkeys([*have, *(folder(known) for known in libraries)]))
    added: Mapping[FsPath, tuple[Object, ...]] = {}
    if old is not None and old.shim == "nix-ld":
        loader = replace(old, library_path=path)
    else:
        loader, added = shim(case, interp, path)

    def moved(process: Process) -> Process:
        return replace(process, loader=loader) if process.interp == interp else process

    main = replace(case.facts.main, process=moved(case.process))
    if main.process == case.process:
        return replace(case.facts, fhs_loader=loader)
    disk = case.disk.overlay({**added, **symbolic(case, libraries)})
    return replace(case.facts, main=main, fhs_loader=loader, disk=disk)


def shim(case: Case, interp: FsPath, library_path: str) -> tuple[Loader, dict[FsPath, tuple[Object, ...]]]:
    """A nix-ld that is not installed yet, and the C library of nixpkgs that it would start."""
    arch = case.arch
    real = join(GLIBC, leaf(interp))
    loader = Loader(
        path=interp,
        real=real,
        family="glibc",
        shim="nix-ld",
        system_dirs=(GLIBC,),
        library_path=library_path or None,
        basis="assumed",
    )
    if arch is None:
        return loader, {}
    names = (*LIBC, leaf(interp))
    return loader, {
        path: (Elf(path=path, identity=(-1, hash(path)), arch=arch, kind=3, soname=name, verdef=None),)
        for name in names
        for path in (join(GLIBC, name),)
    }
