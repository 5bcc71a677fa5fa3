"""driver-libs: the machine's own GPU driver for a Python that does not look where it is."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath, Object, in_store, join
from nixpydoctor.findings import Finding
from nixpydoctor.knowledge.drivers import OF_DISTRIBUTIONS, OPENGL_DRIVER, WSL
from nixpydoctor.light import replace
from nixpydoctor.remedies.common import matters, template
from nixpydoctor.treatments import NotHere, Reach, Treatment, remedy

_VARIABLE = "LD_LIBRARY_PATH"
_LINKS = FsPath("/${HOME}/.local/share/gpu-driver")
"""The folder of links, before it is made."""
_OF_DRIVER = ("libcuda.so", "libnvidia-", "libnvcuvid.so", "libnvoptix.so", "libcudadebugger.so", "libGLX_nvidia.so",
              "libEGL_nvidia.so")  # fmt: skip


@remedy("let this Python find the machine's GPU driver")
def driver_libs(case: Case, findings: Sequence[Finding]) -> Iterator[Treatment | NotHere]:
    """A folder that holds nothing but the driver; where there is none, a folder of links to it, or the driver first."""
    wanted = tuple(dict.fromkeys(f.detail for f in findings if _wants(case, f)))
    loader = case.process.loader
    if not wanted:
        return
    if loader is None or loader.family != "glibc":
        yield NotHere("the driver's libraries are made for glibc, and this Python runs on another C library")
        return
    for folder in (OPENGL_DRIVER, WSL):
        if all(case.there(join(FsPath(folder), soname)) for soname in wanted):
            yield _treatment(case, FsPath(folder), {}, "driver_libs.md", folder=folder)
            return
    for folder in OF_DISTRIBUTIONS:
        if all(case.there(join(FsPath(folder), soname)) for soname in wanted):
            if in_store(loader.real):
                yield _treatment(case, _LINKS, _links(case, FsPath(folder)), "driver_links.md", folder=folder)
            else:
                yield NotHere(f"the driver is in {folder}, where this Python looks by itself")
            return
    if case.facts.platform.system != "nixos":
        yield NotHere("no GPU driver is installed on this machine: install that of the distribution first")
        return
    yield replace(
        _treatment(case, FsPath(OPENGL_DRIVER), _expected(case, wanted), "driver_nixos.md", folder=OPENGL_DRIVER),
        reach=Reach.SYSTEM,
        basis="assumed",
        assumes=("an NVIDIA card, whose driver this configuration installs",),
    )


def _wants(case: Case, finding: Finding) -> bool:
    """A library that is missing and that somebody needs, or one in whose place a stub stands."""
    missing = finding.rule.id == "NPD509" and not finding.loads and matters(case, finding)
    return missing or finding.rule.id == "NPD515"


def _treatment(
    case: Case, place: FsPath, added: dict[FsPath, tuple[Object, ...]], text: str, **values: str
) -> Treatment:
    """The folder before all others: a stub of the driver must not be found first."""
    before = case.process.env.get(_VARIABLE, "")
    value = ":".join([place, *([before] if before else [])])
    world = replace(case.facts.main, process=case.process.setenv(_VARIABLE, value))
    return Treatment(
        remedy=driver_libs,
        reach=Reach.SHELL,
        instructions=template(text, target=shlex.quote(case.facts.choice.target), **values),
        after=replace(case.facts, main=world, disk=case.disk.overlay(added) if added else case.disk),
        scope="reaches every process of the shell",
    )


def _links(case: Case, folder: FsPath) -> dict[FsPath, tuple[Object, ...]]:
    """The driver's files of a folder at the place of their links: the same files under another name."""
    made: dict[FsPath, tuple[Object, ...]] = {}
    for name in sorted(case.disk.names(folder) or ()):
        found = case.object(join(folder, name)) if name.startswith(_OF_DRIVER) else None
        if found is not None:
            made[join(_LINKS, name)] = (replace(found, path=join(_LINKS, name)),)
    return made


def _expected(case: Case, wanted: Sequence[str]) -> dict[FsPath, tuple[Object, ...]]:
    """What a driver would put into its folder."""
    if case.arch is None:
        return {}
    paths = [join(FsPath(OPENGL_DRIVER), soname) for soname in wanted]
    return {
        path: (Elf(path, (-1, hash(path)), case.arch, 3, soname=soname, verdef=None),)
        for path, soname in zip(paths, wanted, strict=True)
    }
