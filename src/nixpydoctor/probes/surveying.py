"""Surveys the machine: everything that rules and remedies may know about one target, read once, nothing changed.

What takes time elsewhere is begun first and collected last: the target's Python and the loader answer their questions
while the folders are read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nixpydoctor import isolation
from nixpydoctor.disk import Disk
from nixpydoctor.facts import Elf, Facts, FsPath, Platform, Python, Unread, Venv, World
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import replace
from nixpydoctor.probes.described import asked, unasked
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.folders import has_library
from nixpydoctor.probes.layout import Layout, read_layout
from nixpydoctor.probes.nix import processor, read_platform, read_project
from nixpydoctor.probes.path_entries import named, provider
from nixpydoctor.probes.processes import Processes, kept
from nixpydoctor.probes.programs import find_program
from nixpydoctor.probes.python import TIMEOUT, Answer, Question
from nixpydoctor.probes.site import Site
from nixpydoctor.probes.sources import Elsewhere
from nixpydoctor.probes.venv import held, read_venv, rooted
from nixpydoctor.probes.wrappers import Program, follow
from nixpydoctor.target import Target

if TYPE_CHECKING:
    from nixpydoctor.probes.ahead import Ahead
    from nixpydoctor.probes.mac import Mac
    from nixpydoctor.probes.nixpkgs import Nixpkgs
    from nixpydoctor.probes.roots import Roots
    from nixpydoctor.probes.running import Seen
    from nixpydoctor.probes.store import StoreReader


def survey(
    target: Target,
    environ: Mapping[str, str],
    *,
    may_run: bool = True,
    progress: Callable[[str], None] = lambda message: None,
    timeout: float = TIMEOUT,
    mac: Mac | None = None,
    files: Files = HERE,
    process: Seen | None = None,
    ahead: Ahead | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Facts:
    """The facts about a target. With `may_run` false nothing is started: files tell what they can.

    `ahead` reads in a second process what will be wanted; `meanwhile` is called while it and the Python are at work.

    `mac` is given where the user says that the target belongs to a Mac, and to which. `files`: the file system that it
    lives in; nothing of one that is not this machine's own is ever started. `process`: the one that runs the target.
    """
    may_run = may_run and mac is None and not files.root
    made = _Survey(
        target, environ, may_run=may_run, progress=progress, timeout=timeout, files=files, process=process, ahead=ahead
    )
    facts = made.facts(mac, meanwhile)
    if not files.root:
        facts = replace(facts, started_with=dict(isolation.STARTED_WITH))
    return replace(facts, main=replace(facts.main, running=process.running)) if process is not None else facts


def _nobody(path: FsPath) -> None:
    """Nothing may be started: what the tool's own Python cannot parse stays unread."""


class _Survey:
    def __init__(
        self,
        target: Target,
        environ: Mapping[str, str],
        *,
        may_run: bool,
        progress: Callable[[str], None],
        timeout: float,
        files: Files,
        process: Seen | None = None,
        ahead: Ahead | None = None,
    ) -> None:
        self._seen = process
        self._ahead = ahead
        self._target = target
        self._files = files
        self._environ = environ
        self._may_run = may_run
        self._progress = progress
        self._timeout = timeout
        self._cwd = process.cwd if process is not None else "/" if files.root else _cwd()
        self._unread: list[Unread] = []
        self._site = Site(self._unread.append, files, self._ahead)
        self._disk = Disk(DiskReader(
            files,
            elsewhere=Elsewhere(target.command, environ) if may_run else _nobody,
            programs=lambda name: find_program(name, environ, files),
            loaders=lambda interp: self._processes.loader(interp),
            store=self._store,
            cached=self._cached,
            nixpkgs=self._nixpkgs,
            ahead=self._ahead,
        ))  # fmt: skip
        self._processes = Processes(self._disk, environ, may_run=may_run, note=self._unread.append, files=files)

    def facts(self, mac: Mac | None = None, meanwhile: Callable[[], object] = lambda: None) -> Facts:
        """Begin what takes time, read what is there, collect."""
        target = self._target
        if target.choice.kind == "host":
            meanwhile()
            return self._host_facts()
        self._progress("asking the Python")
        question = self._ask()
        venv = read_venv(target.venv_root, target.command, self._files) if target.venv_root is not None else None
        program = follow(target.command, self._environ, self._files)
        elf = self._processes.object(program.executable)
        self._processes.expect(elf)
        roots = self._roots(venv, elf)
        platform = self._platform(elf)
        layout = read_layout(program.executable, venv, program.env, self._cwd, elf, program.called, self._files)
        if elf is None and (found := self._mac(program, layout, mac)) is not None:
            return self._mac_facts(found, venv, program, layout, platform, question)
        self._progress("reading what is installed")
        folders = self._installed(layout)
        if self._ahead is not None:
            self._ahead.all([folder for folder in folders if not has_library(folder, self._files)], self._files)
        meanwhile()
        for folder in folders:
            self._site.scan(folder)
        project = read_project(target.project_root, self._unread.append, self._files)
        self._progress("waiting for the Python")
        answer = question.collect() if question is not None else None
        if answer is not None and answer.told is None and elf is not None:
            from nixpydoctor.probes.host import must_be_python

            must_be_python(target.command, elf, self._processes.loader, self._disk, self._files)
        given = program.env if answer is None or answer.told is None else {**program.env, **answer.environ}
        python = self._python(answer, layout, platform.machine, named(given, self._cwd))
        process = self._processes.become(answer, program)
        return Facts(
            main=World(process, python, rooted(venv, roots), *self._site.dists(python)),
            disk=self._disk,
            choice=target.choice,
            platform=platform,
            fhs_loader=self._processes.fhs_loader(platform.machine),
            project=project,
            unread=tuple(self._unread),
        )

    def _installed(self, layout: Layout) -> list[FsPath]:
        """The folders of sys.path that are nobody's project."""
        there = [FsPath(folder) for folder in layout.path if self._files.isdir(folder)]
        venv, user, base = self._target.venv_root, layout.user_site, layout.base_prefix
        return [folder for folder in there if provider(folder, venv, user, base, False, self._files) != "project"]

    def _mac(self, program: Program, layout: Layout, mac: Mac | None) -> Mac | None:
        """The Mac that the target belongs to; None where it belongs to none."""
        from nixpydoctor.probes.mac import of_mac  # only where there is no ELF program

        return of_mac(program.executable, layout.path, self._disk, mac, self._files)

    def _mac_facts(
        self, mac: Mac, venv: Venv | None, program: Program, layout: Layout, here: Platform, question: Question | None
    ) -> Facts:
        """A Python of macOS: asked on a Mac, told by its files elsewhere."""
        from nixpydoctor.probes import mac as macs

        roots = self._roots(venv, None)
        answer = question.collect() if question is not None else None
        if answer is not None and answer.told is None:
            answer = None  # a program of another system, or one whose base is gone
        python = self._python(answer, layout, mac.cpu, named(program.env, self._cwd))
        if answer is None:
            python = macs.told(python, mac, self._files)
        dists, hidden = self._site.dists(python)
        process = macs.process(program.executable, kept(program.env), mac, self._files)
        return Facts(
            main=World(process, python, rooted(venv, roots), dists, hidden),
            disk=self._disk,
            choice=self._target.choice,
            platform=macs.platform(mac, here),
            project=read_project(self._target.project_root, self._unread.append, self._files),
            unread=tuple(self._unread),
            unrooted=self._unrooted(macs.named_in_images(dists, self._disk, self._files)),
        )

    def _unrooted(self, paths: frozenset[FsPath]) -> Mapping[FsPath, bool]:
        """Which of these store paths nothing is known to keep."""
        from nixpydoctor.probes import roots  # only for a Mac

        if not roots.collected(self._environ, self._files):
            return {}
        return roots.unrooted(paths, self._environ, may_run=self._may_run, files=self._files)

    def _roots(self, venv: Venv | None, elf: Elf | None) -> Roots | None:
        """Begin to look for what keeps the part of a venv's Python that lies in the store."""
        path = held(venv, elf.interp if elf is not None else None, self._files) if venv is not None else None
        if path is None:
            return None
        from nixpydoctor.probes import roots  # only for Pythons of the store

        if not roots.collected(self._environ, self._files):
            return None
        return roots.Roots(path, self._environ, may_run=self._may_run, files=self._files)

    def _host_facts(self) -> Facts:
        """A program that embeds Python, and beside it the Python that its shell would start."""
        from nixpydoctor.probes.embedded import host_world  # only where somebody asks about a program

        self._progress("reading the program")
        target, beside = self._target, None
        program = follow(target.command, self._environ, self._files)
        process = self._processes.become(None, program)
        main = host_world(
            target.command,
            process,
            program.env,
            self._cwd,
            self._disk,
            self._site,
            self._files,
            self._seen.running if self._seen is not None else None,
        )
        if target.beside is not None:
            beside = self._beside(target.beside)
        platform = self._platform(self._processes.object(process.executable))
        return Facts(
            main=main,
            beside=beside,
            disk=self._disk,
            choice=target.choice,
            platform=platform,
            fhs_loader=self._processes.fhs_loader(platform.machine),
            project=read_project(target.project_root, self._unread.append, self._files),
            unread=tuple(self._unread),
        )

    def _beside(self, target: Target) -> World:
        """The shell's Python; both surveys share what is read of the machine."""
        other = _Survey(
            target,
            self._environ,
            may_run=self._may_run,
            progress=self._progress,
            timeout=self._timeout,
            files=self._files,
        )
        other._disk, other._processes, other._unread = self._disk, self._processes, self._unread
        other._site = self._site
        return other.facts().main

    def _platform(self, program: Elf | None) -> Platform:
        """The machine that runs the target."""
        return replace(read_platform(self._environ, self._files), machine=processor(program, self._files))

    def _cached(self, path: FsPath) -> bool | None:
        from nixpydoctor.probes.shared_cache import contains  # only where dyld is the loader

        return None if self._files.root else contains(path)

    def _store(self) -> StoreReader:
        from nixpydoctor.probes.store import StoreReader  # only where something is missing

        return StoreReader(self._environ, may_run=self._may_run, files=self._files)

    def _nixpkgs(self) -> Nixpkgs:
        from nixpydoctor.probes.nixpkgs import Nixpkgs  # only where a remedy names distributions of it

        return Nixpkgs(self._environ, self._target.project_root, self._files)

    def _ask(self) -> Question | None:
        """Start asking, unless nobody may or nobody is there."""
        if not self._may_run or not self._files.exists(self._target.command):
            return None
        return Question(self._target.command, self._environ, self._cwd, self._timeout)

    def _python(
        self, answer: Answer | None, layout: Layout, machine: str, variables: Mapping[str, tuple[str, ...]]
    ) -> Python:
        command, root = self._target.command, self._target.venv_root
        if answer is not None:
            return asked(command, answer, layout, machine, root, variables)
        why = "it does not exist"
        if not self._may_run:
            why = "nothing of a root is started" if self._files.root else "it was not started, as asked"
        return unasked(command, layout, why, machine, root, variables, self._files)


def _cwd() -> str:
    """The user's folder; the root where it was removed meanwhile."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"
