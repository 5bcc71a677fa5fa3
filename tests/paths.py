"""Literal worlds in which sys.path matters: a venv's SITE behind what PYTHONPATH brings, and the files in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from build import SITE, STORE_PYTHON, SUFFIXES, a_source, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Dist, Facts, FsPath, PathEntry, Project, Python, Venv

STDLIB = FsPath(f"{STORE_PYTHON.removesuffix('/bin/python3.12')}/lib/python3.12")
STORE_SITE = FsPath("/nix/store/2numpyaaaaaaaaaaaaaaaaaaaaaaaaaa-python3.12-numpy-1.26.4/lib/python3.12/site-packages")
OLD_SITE = FsPath(STORE_SITE.replace("3.12-numpy", "3.11-numpy").replace("python3.12/site", "python3.11/site"))
USER_SITE = FsPath("/home/ada/.local/lib/python3.12/site-packages")
PROJECT = FsPath("/home/ada/app")
VENV = Venv(FsPath("/home/ada/app/.venv"), FsPath(STORE_PYTHON.rpartition("/")[0]), "3.12.1", "venv", False)
FROM_SHELL = PathEntry(STORE_SITE, "nix", "PYTHONPATH")
OLD_FROM_SHELL = PathEntry(OLD_SITE, "nix", "PYTHONPATH")
OWN = PathEntry(SITE, "venv")
USERS = PathEntry(USER_SITE, "user")


def at(location: FsPath, dist: Dist) -> Dist:
    """The distribution, made for SITE, in another place."""

    def moved(paths: Iterable[FsPath]) -> tuple[FsPath, ...]:
        return tuple(FsPath(path.replace(SITE, location)) for path in paths)

    return replace(
        dist,
        location=location,
        extensions=moved(dist.extensions),
        foreign=moved(dist.foreign),
        libraries=moved(dist.libraries),
    )


def world(
    *dists: Dist,
    before: Iterable[PathEntry] = (),
    after: Iterable[PathEntry] = (OWN,),
    hidden: tuple[Dist, ...] = (),
    files: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    venv: Venv | None = VENV,
    store: bool = True,
    project: bool = False,
    user_folder: FsPath | None = None,
) -> Facts:
    """Entries before and after the standard library, and sources, extensions (`.so`) and texts by their whole paths."""
    behind = tuple(after)
    library = {f"{STDLIB}/{name}": "" for name in ("os.py", "site.py", "random.py", "queue.py")}
    sources = {
        FsPath(path): a_source(text) for path, text in {**library, **(files or {})}.items() if path[-3:] == ".py"
    }
    objects = [an_object(path, "libc.so.6") for path in files or () if path.endswith(".so")]
    plain = facts(*dists, env=env, venv=venv, store=store, project=Project(PROJECT) if project else None)
    python = Python(
        command=FsPath("/home/ada/app/.venv/bin/python"),
        version="3.12.1",
        suffixes=SUFFIXES,
        path=(*before, PathEntry(STDLIB, "nix"), *behind),
        builtins=frozenset({"sys", "builtins", "_imp", "posix"}),
        frozen=frozenset({"os", "site"}),
        machine="x86_64",
        user_site=USER_SITE if USERS in behind else None,
        user_folder=user_folder,
        site_folders=tuple(entry.path for entry in behind if entry.path.endswith("-packages")),
    )
    started = [found[0] for found in plain.disk.recorded().objects.values() if isinstance(found, tuple)]
    disk = Disk.closed([*started, *objects], sources=sources, texts={FsPath(p): t for p, t in (texts or {}).items()})
    return replace(plain, main=replace(plain.main, python=python, hidden=hidden), disk=disk)


def case(*dists: Dist, **given: object) -> Case:
    """The case of such a world."""
    return Case(world(*dists, **given))  # type: ignore[arg-type]
