"""Surveys the world of a program that embeds Python: its libpython, and the sys.path that this will compute.

Nothing is started. What an asked Python would say of itself is predicted by `embedding`, whose judge is a real host.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from nixpydoctor.disk import Disk
from nixpydoctor.embedding import SITES, Surroundings, predict
from nixpydoctor.facts import MACHINES, Arch, Elf, FsPath, Host, Process, Python, Running, Unread, World
from nixpydoctor.files import HERE, Files
from nixpydoctor.loader import start
from nixpydoctor.probes.building import configured, wished
from nixpydoctor.probes.described import FROZEN, soabi
from nixpydoctor.probes.host import Inside, binding_of, inside, uses_python, wanted
from nixpydoctor.probes.layout import builtins, suffixes
from nixpydoctor.probes.nix import processor
from nixpydoctor.probes.path_entries import entries, named
from nixpydoctor.probes.site import Site
from nixpydoctor.probes.starting import Starting, starting
from nixpydoctor.target import UsageError


def host_world(
    command: FsPath,
    process: Process,
    env: Mapping[str, str],
    cwd: str,
    disk: Disk,
    site: Site,
    files: Files = HERE,
    running: Running | None = None,
) -> World:
    """The process of a host with the Python that it will have. Raises `UsageError` for a program without any Python."""
    program = _program(command, process, disk, files)
    mapped = start(process, disk).objects if process.loader is not None else (program,)
    if running is not None:
        mapped = (program, *_objects(running, program, disk))
    found = inside(program, tuple(obj for obj in mapped if isinstance(obj, Elf)), files)
    if found is None:
        needed = wanted(program)
        if running is not None and needed is None:
            raise UsageError(
                f"Process {running.pid} runs {command}, in which no Python is: "
                "it has mapped no libpython, and contains none."
            )
        if needed is None:
            raise UsageError(
                f"{command} is a program that neither needs a libpython nor contains one: name a venv, a Python, a "
                f"project folder, or a program that embeds Python (if it is a Python, say --python {command})."
            )
        return World(process, host=Host(needed, None, None, binding=binding_of(program.path, files)))
    takers = (program, *(obj for obj in mapped if isinstance(obj, Elf) and obj is not program and uses_python(obj)))
    way = starting(command, takers, found.binding, cwd, files)
    around = Surroundings(env, cwd, env.get("HOME", ""))
    return _world(found, way, command, process, program, around, disk, site, files)


def _objects(running: Running, program: Elf, disk: Disk) -> Iterator[Elf]:
    """What a running process has mapped beside its program."""
    for path in running.mapped:
        found = disk.objects(path)
        for obj in found if isinstance(found, tuple) else ():
            if isinstance(obj, Elf) and obj.identity != program.identity:
                yield obj


def _program(command: FsPath, process: Process, disk: Disk, files: Files) -> Elf:
    found = disk.objects(process.executable)
    if isinstance(found, tuple) and found:
        if os.stat(files.at(process.executable)).st_mode & (stat.S_ISUID | stat.S_ISGID):
            raise UsageError(
                f"{command} is setuid: its loader passes over the variables of this shell, so what it would do "
                "cannot be told. Check a copy of it without that bit."
            )
        if not files.root:
            _must_be_for_this_machine(command, found[0].arch)
        return found[0]
    why = "it is not there" if found is None else found.reason if isinstance(found, Unread) else "it is empty"
    if isinstance(found, Unread) and is_script(process.executable, files):
        why = "it is a script, and which program it runs in the end cannot be told"
    raise UsageError(f"{command} cannot be examined as a program that embeds Python: {why}.")


def _must_be_for_this_machine(command: FsPath, arch: Arch) -> None:
    """A program of an x86 of 32 bits runs on one of 64; any other is for emulators and for `--root`."""
    machine = os.uname().machine
    own = MACHINES.get(machine)
    if own is None or arch in (own, MACHINES["i686"] if machine == "x86_64" else own):
        return
    names = {known: name for name, known in MACHINES.items()}
    other = names.get(arch, f"number {arch.machine} of the ELF standard")
    raise UsageError(
        f"{command} is built for another machine ({other}), and this one is {machine}: check it there, or "
        "with --root in the file system that it belongs to."
    )


def is_script(path: FsPath, files: Files = HERE) -> bool:
    """Whether the kernel would hand the file to the program that its first line names."""
    return files.start(path, 2) == b"#!"


def _world(
    found: Inside,
    way: Starting,
    command: FsPath,
    process: Process,
    program: Elf,
    around: Surroundings,
    disk: Disk,
    site: Site,
    files: Files,
) -> World:
    build = found.build
    outlook = predict(build, way.start, around, disk)
    user = next((entry.path for entry in outlook.path if entry.why == "user site"), None)
    stdlib = f"{outlook.base_prefix}/{build.stdlib}"
    tags = suffixes(stdlib if files.isdir(stdlib) else None, build.version[1], program, files)
    root = FsPath(outlook.venv) if outlook.venv is not None else None
    python = Python(
        command=command,
        version=".".join(map(str, build.version)),
        soabi=soabi(tags),
        suffixes=tags,
        prefix=FsPath(outlook.prefix),
        base_prefix=FsPath(outlook.base_prefix),
        path=entries(
            [entry.path for entry in outlook.path],
            root,
            user,
            outlook.base_prefix,
            named(around.env, around.cwd),
            files,
        ),
        builtins=builtins(stdlib, tags, files),
        machine=processor(program, files),
        user_site=FsPath(user) if user is not None else None,
        site_folders=tuple(FsPath(entry.path) for entry in outlook.path if entry.why in SITES),
        frozen=FROZEN if build.version > (3, 10) else frozenset(),
        basis="read",
        silence="embedded, so its paths are predicted",
    )
    host = Host(
        needed=found.needed,
        library=found.library,
        prefix=FsPath(build.prefix) if build.prefix else None,
        platlibdir=build.platlibdir,
        threads=build.threads,
        debian=build.debian,
        exports=found.exports,
        binding=found.binding,
        isolated=way.start.isolated,
        named=way.start.program_name,
        adds=(way.start.adds[0], FsPath(way.start.adds[1])) if way.start.adds is not None else None,
        sets=way.sets,
        configured=configured(program.path, build.version[1], files) if found.binding == "pyo3" else None,
        wished=wished(around.env, files),
        executable=outlook.executable,
        stdlib=outlook.stdlib,
        runs=outlook.runs,
    )
    dists, hidden = site.dists(python)
    return World(process, python, None, dists, hidden, host)
