"""Tells from files alone what a Python would say of itself: prefix, version, sys.path, suffixes.

The folder layout is that of `sysconfig`'s posix_prefix scheme, with Debian's `deb_system` beside it; the order of
sys.path is that of getpath.py and `site`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping

from nixpydoctor.facts import Elf, FsPath, Venv
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import dataclass
from nixpydoctor.probes.disk import MAX_TEXT

_FOLDER = re.compile(r"(?:python|pypy)3\.(\d+)t?")
_TAGGED = re.compile(r"\w+(\.(?:cpython-|pypy|graalpy)[^.]*\.so)")
_TRIPLETS = {62: "x86_64-linux-gnu", 183: "aarch64-linux-gnu", 3: "i386-linux-gnu", 243: "riscv64-linux-gnu",
             40: "arm-linux-gnueabihf", 21: "powerpc64le-linux-gnu", 22: "s390x-linux-gnu"}  # fmt: skip
"""e_machine → Debian's multiarch triplet, which CPython puts into its suffixes (PEP 3149 and configure.ac)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A Python as its files describe it."""

    prefix: str
    base_prefix: str
    version: str
    """`3.12`, or `3.12.1` where pyvenv.cfg says so; empty where nothing tells."""
    stdlib: str | None
    path: tuple[str, ...]
    suffixes: tuple[str, ...]
    builtins: frozenset[str]
    user_site: str | None
    """Where it is switched on and exists."""
    user_folder: str | None = None
    """Where it exists."""
    site_folders: tuple[str, ...] = ()
    """What `site` adds, in its order."""


def read_layout(
    executable: FsPath,
    venv: Venv | None,
    env: Mapping[str, str],
    cwd: str,
    program: Elf | None,
    called: FsPath | None = None,
    files: Files = HERE,
) -> Layout:
    """What can be told of the Python at `executable`, started under the name `called`, without starting it."""
    stdlib = _stdlib(executable, venv, called, files)
    minor = _minor(stdlib, executable, venv, files)
    base = os.path.dirname(os.path.dirname(stdlib)) if stdlib else os.path.dirname(os.path.dirname(executable))
    prefix = str(venv.root) if venv is not None else base
    folder = _user_folder(base, env, minor, files)
    off = env.get("PYTHONNOUSERSITE") or (venv is not None and not venv.system_site)
    user = None if off else folder
    sites = tuple(dict.fromkeys(_sites(base, venv, minor, user, env, files)))
    tags = suffixes(stdlib, minor, program, files)
    return Layout(
        prefix=prefix,
        base_prefix=base,
        version=_version(venv, minor),
        stdlib=stdlib,
        path=tuple(dict.fromkeys(_path(base, stdlib, minor, sites, env, cwd, files))),
        suffixes=tags,
        builtins=builtins(stdlib, tags, files) if stdlib else frozenset(),
        user_site=user,
        user_folder=folder,
        site_folders=sites,
    )


def site_folders(prefix: str, minor: int | None, files: Files = HERE) -> Iterator[str]:
    """Folders that `site` would add for this prefix, as far as they exist."""
    if minor is None:
        return
    for folder in (f"{prefix}/lib/python3.{minor}/site-packages", f"{prefix}/lib/python3.{minor}t/site-packages"):
        if files.isdir(folder):
            yield folder
    if prefix == "/usr":
        for folder in (f"/usr/local/lib/python3.{minor}/dist-packages", "/usr/lib/python3/dist-packages"):
            if files.isdir(folder):
                yield folder


def named_in_pth(folder: str, files: Files = HERE) -> Iterator[str]:
    """Folders that the .pth files of a site folder add; their `import` lines are code and stay unread (`site`)."""
    try:
        held = os.listdir(files.at(folder))
    except OSError:
        return
    for name in sorted(name for name in held if name.endswith(".pth") and not name.startswith(".")):
        text = files.text(os.path.join(folder, name), MAX_TEXT) or ""
        for line in text.splitlines():
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                path = os.path.normpath(os.path.join(folder, line.rstrip()))
                if "\0" not in path and files.exists(path):
                    yield path


def _stdlib(executable: str, venv: Venv | None, called: str | None, files: Files) -> str | None:
    """The folder that holds os.py: beside the venv's home, what the executable is called, or the executable."""
    starts = [os.path.dirname(path) for path in (called, executable) if path is not None]
    if venv is not None and venv.home is not None:
        starts.insert(0, str(venv.home))  # as it is written: getpath.py resolves no link in it either
    wanted = _FOLDER.fullmatch(os.path.basename(executable))
    said = venv.version.split(".")[1:2] if venv is not None and venv.version else []
    minors = [*([wanted[1]] if wanted else []), *said]
    for start in starts:
        found = sorted(_libraries(os.path.dirname(start), files), reverse=True)
        for minor in minors:
            for number, path in found:
                if str(number) == minor:
                    return path
        if found:
            return found[0][1]
    return None


def _libraries(prefix: str, files: Files) -> Iterator[tuple[int, str]]:
    """(minor version, folder) of each standard library below `prefix`."""
    for lib in ("lib", "lib64"):
        try:
            names = os.listdir(files.at(f"{prefix}/{lib}"))
        except OSError:
            continue
        for name in names:
            match = _FOLDER.fullmatch(name)
            if match is not None and files.isfile(f"{prefix}/{lib}/{name}/os.py"):
                yield int(match[1]), f"{prefix}/{lib}/{name}"


def _minor(stdlib: str | None, executable: str, venv: Venv | None, files: Files) -> int | None:
    for name in (os.path.basename(stdlib or ""), os.path.basename(executable)):
        match = _FOLDER.fullmatch(name)
        if match is not None:
            return int(match[1])
    parts = venv.version.split(".") if venv is not None and venv.version else []
    if len(parts) > 1 and parts[1].isdigit():
        return int(parts[1])
    found = sorted(_venv_minors(venv, files)) if venv is not None else []
    return found[-1] if found else None


def _venv_minors(venv: Venv, files: Files) -> Iterator[int]:
    """Versions whose site-packages a venv holds: all that is left to go by when its base is gone."""
    try:
        names = os.listdir(files.at(f"{venv.root}/lib"))
    except OSError:
        return
    for name in names:
        match = _FOLDER.fullmatch(name)
        if match is not None:
            yield int(match[1])


def _version(venv: Venv | None, minor: int | None) -> str:
    if venv is not None and venv.version:
        parts = venv.version.split(".")[:3]
        known = minor is None or parts[1:2] == [str(minor)]
        if known and parts[:1] == ["3"] and all(part.isdigit() for part in parts):
            return ".".join(parts)
    return f"3.{minor}" if minor is not None else ""


def _path(
    base: str,
    stdlib: str | None,
    minor: int | None,
    sites: tuple[str, ...],
    env: Mapping[str, str],
    cwd: str,
    files: Files,
) -> Iterator[str]:
    if env.get("PYTHONPATH"):
        yield from (os.path.normpath(os.path.join(cwd, part)) for part in env["PYTHONPATH"].split(os.pathsep))
    if minor is not None:
        yield f"{base}/lib/python3{minor}.zip"
    if stdlib is not None:
        yield stdlib
        yield f"{stdlib}/lib-dynload"
    for folder in sites:
        yield folder
        yield from named_in_pth(folder, files)


def _sites(
    base: str, venv: Venv | None, minor: int | None, user: str | None, env: Mapping[str, str], files: Files
) -> Iterator[str]:
    """As main() of Lib/site.py goes: the venv's, the user's, the prefix's."""
    if venv is not None:
        yield from site_folders(venv.root, minor, files)
    if venv is None or venv.system_site:
        if user:
            yield user
        yield from site_folders(base, minor, files)
    if venv is None:  # nixpkgs' sitecustomize adds it, outside of venvs only
        yield from (part for part in env.get("NIX_PYTHONPATH", "").split(os.pathsep) if part)


def _user_folder(base: str, env: Mapping[str, str], minor: int | None, files: Files) -> str | None:
    """The user site where it exists, switched on or not (PEP 370; `osx_framework_user` of sysconfig)."""
    if minor is None:
        return None
    home = env.get("HOME", "~")
    framework = "Python.framework/Versions/" in base
    usual = f"{home}/Library/Python/3.{minor}" if framework else f"{home}/.local"
    folder = f"{env.get('PYTHONUSERBASE') or usual}/lib/python{'' if framework else f'3.{minor}'}/site-packages"
    return folder if files.isdir(folder) else None


def suffixes(stdlib: str | None, minor: int | None, program: Elf | None, files: Files = HERE) -> tuple[str, ...]:
    """As the standard library's own extensions carry them; else derived from version and machine."""
    for name in _listed(f"{stdlib}/lib-dynload", files) if stdlib else ():
        match = _TAGGED.fullmatch(name)
        if match is not None:
            free_threaded = re.match(r"\.cpython-\d+d?td?-", match[1]) is not None
            return (match[1], ".so") if free_threaded or "pypy" in match[1] else (match[1], ".abi3.so", ".so")
    triplet = _TRIPLETS.get(program.arch.machine) if program is not None else None
    if minor is None or triplet is None:
        return ()
    if program is not None and "ld-musl" in (program.interp or ""):
        triplet = triplet.replace("-gnu", "-musl")
    return (f".cpython-3{minor}{'m' if minor < 8 else ''}-{triplet}.so", ".abi3.so", ".so")


def builtins(stdlib: str, tags: tuple[str, ...], files: Files = HERE) -> frozenset[str]:
    """Modules of the standard library that no file provides: they can only be compiled into the program."""
    folders = (stdlib, f"{stdlib}/lib-dynload")
    stems = {name.partition(".")[0] for folder in folders for name in _listed(folder, files)}
    return frozenset(sys.stdlib_module_names) - stems if tags and stems else frozenset()


def _listed(folder: str, files: Files) -> list[str]:
    try:
        return sorted(os.listdir(files.at(folder)))
    except OSError:
        return []
