"""Makers of literal worlds: every argument has a good default, every world is closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count

from nixpydoctor.disk import Disk
from nixpydoctor.edges import Source
from nixpydoctor.facts import (
    Arch,
    Choice,
    Dist,
    Elf,
    Facts,
    FsPath,
    Imported,
    Loader,
    PathEntry,
    Platform,
    Process,
    Project,
    Python,
    Unread,
    Venv,
    VersionNeed,
    World,
)

X86_64 = Arch(62, 64, True)
AARCH64 = Arch(183, 64, True)
GLIBC = "/nix/store/9xfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-glibc-2.40"
STORE_INTERP = FsPath(f"{GLIBC}/lib/ld-linux-x86-64.so.2")
FHS_INTERP = FsPath("/lib64/ld-linux-x86-64.so.2")
STORE_PYTHON = FsPath("/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1/bin/python3.12")
FHS_PYTHON = FsPath("/home/ada/.pyenv/versions/3.12.1/bin/python3.12")
SITE = FsPath("/home/ada/app/.venv/lib/python3.12/site-packages")
SUFFIXES = (".cpython-312-x86_64-linux-gnu.so", ".abi3.so", ".so")

_inodes = count(1000)


def an_object(
    path: str,
    *needed: str,
    soname: str | None = None,
    interp: str | None = None,
    rpath: str | None = None,
    runpath: str | None = None,
    arch: Arch = X86_64,
    wants: Iterable[tuple[str, str]] = (),
    defines: tuple[str, ...] | None = (),
) -> Elf:
    """A shared object, or a program where it has an interp. `wants` holds (soname, version) pairs."""
    return Elf(
        path=FsPath(path),
        identity=(1, next(_inodes)),
        arch=arch,
        kind=3,
        interp=interp,
        soname=soname,
        needed=needed,
        rpath=rpath,
        runpath=runpath,
        verneed=tuple(VersionNeed(name, version, False) for name, version in wants),
        verdef=defines,
        pie=interp is not None,
    )


def a_library(path: str, *needed: str, defines: tuple[str, ...] | None = ()) -> Elf:
    """A library whose soname is its file name."""
    return an_object(path, *needed, soname=path.rpartition("/")[2], defines=defines)


def a_glibc(root: str, release: str = "2.40") -> list[Elf]:
    """The members of a C library under `root`/lib, its loader included."""
    newest = int(release.partition(".")[2])
    versions = ("GLIBC_2.2.5", *(f"GLIBC_2.{minor}" for minor in range(3, newest + 1)), "GLIBC_PRIVATE")
    loader = a_library(f"{root}/lib/ld-linux-x86-64.so.2", defines=versions)
    rest = [a_library(f"{root}/lib/{name}", "libc.so.6", defines=versions) for name in ("libm.so.6", "libpthread.so.0")]
    return [loader, a_library(f"{root}/lib/libc.so.6", "ld-linux-x86-64.so.2", defines=versions), *rest]


def store_loader(**changes: object) -> Loader:
    """The loader of a store glibc: its own lib folder, no cache."""
    loader = Loader(STORE_INTERP, STORE_INTERP, "glibc", version="2.40", system_dirs=(FsPath(f"{GLIBC}/lib"),))
    return replace(loader, **changes)  # type: ignore[arg-type]


def fhs_loader(**changes: object) -> Loader:
    """A distribution's loader: /usr/lib by default directory."""
    loader = Loader(
        FHS_INTERP, FsPath("/usr/lib/ld-linux-x86-64.so.2"), "glibc", version="2.36", system_dirs=(FsPath("/usr/lib"),)
    )
    return replace(loader, **changes)  # type: ignore[arg-type]


def a_dist(
    name: str = "numpy",
    version: str = "2.3.2",
    *,
    extensions: Iterable[str] = (),
    libraries: Iterable[str] = (),
    programs: Iterable[str] = (),
    foreign: Iterable[str] = (),
    gone: Iterable[str] = (),
    top_level: tuple[str, ...] | None = None,
    requires: tuple[str, ...] = (),
) -> Dist:
    """A distribution in SITE; paths are given below it."""

    def below(paths: Iterable[str]) -> tuple[FsPath, ...]:
        return tuple(FsPath(path if path.startswith("/") else f"{SITE}/{path}") for path in paths)

    return Dist(
        name=name,
        version=version,
        location=SITE,
        installer="uv",
        requires=requires,
        top_level=(name,) if top_level is None else top_level,
        extensions=below(extensions),
        libraries=below(libraries),
        programs=below(programs),
        foreign=below(foreign),
        gone=below(gone),
    )


def a_source(text: str) -> Source:
    """A Python source as the import walk sees it."""
    from nixpydoctor.formats.source import parse

    source = parse(text.encode())
    assert isinstance(source, Source)
    return source


def facts(
    *dists: Dist,
    objects: Iterable[Elf | Unread] = (),
    sources: Mapping[str, str] | None = None,
    store: bool = True,
    loader: Loader | str | None = "default",
    fhs: Loader | None = None,
    env: Mapping[str, str] | None = None,
    venv: Venv | None = None,
    system: str = "linux",
    project: Project | None = None,
    unread: tuple[Unread, ...] = (),
    imported: tuple[Imported, ...] | None = None,
    python: Python | None = None,
    executable_needs: tuple[str, ...] = ("libc.so.6",),
    programs: Mapping[str, str] | None = None,
    loaders: Iterable[Loader] = (),
    symbols: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] | None = None,
    stored: Mapping[str, tuple[FsPath, ...]] | None = None,
) -> Facts:
    """A venv at SITE, on a store Python (or one of pyenv), with what is given in it and nothing else."""
    command = STORE_PYTHON if store else FHS_PYTHON
    interp = STORE_INTERP if store else FHS_INTERP
    if loader == "default":
        loader = store_loader() if store else fhs_loader()
    libc = [*a_glibc(GLIBC), *[replace(obj, path=FsPath(obj.path.replace(f"{GLIBC}/lib", "/usr/lib")))
                               for obj in a_glibc(GLIBC, "2.36")]]  # fmt: skip
    program = an_object(command, *executable_needs, interp=interp)
    held: list[Elf | Unread] = [program, *libc, *objects]
    if loader is None and not store:
        held = [obj for obj in held if not obj.path.startswith("/usr/lib/")]
    source_map = {FsPath(f"{SITE}/{path}"): a_source(text) for path, text in (sources or {}).items()}
    disk = Disk.closed(
        held,
        sources=source_map,
        programs={name: FsPath(path) for name, path in (programs or {}).items()},
        loaders=loaders,
        symbols={FsPath(path): names for path, names in (symbols or {}).items()},
        stored=stored,
    )
    assert not isinstance(loader, str)
    told = python or Python(
        command=command,
        version="3.12.1",
        soabi="cpython-312-x86_64-linux-gnu",
        suffixes=SUFFIXES,
        path=(PathEntry(SITE, "venv"),),
        builtins=frozenset({"sys", "builtins", "_imp", "posix"}),
        machine="x86_64",
    )
    return Facts(
        main=World(Process(command, interp, loader, env or {}), told, venv, dists),
        disk=disk,
        choice=Choice("/home/ada/app/.venv", "venv", "it was given"),
        platform=Platform(system, "x86_64", "Debian 12" if system == "linux" else "NixOS 25.11", nix=True),  # type: ignore[arg-type]
        fhs_loader=fhs,
        project=project,
        unread=unread,
        imported=imported,
    )
