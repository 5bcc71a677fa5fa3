"""What a command becomes when it is started: the program behind its wrappers, its loader, the variables that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nixpydoctor.disk import Disk
from nixpydoctor.facts import ENVIRONMENT, FHS_INTERPS, MACHINES, Elf, FsPath, Loader, Process, Unread
from nixpydoctor.files import Files
from nixpydoctor.light import replace
from nixpydoctor.probes.loader import LoaderProbe
from nixpydoctor.probes.python import Answer
from nixpydoctor.probes.wrappers import Program


class Processes:
    """The programs and loaders of one machine, each loader looked at once."""

    def __init__(
        self,
        disk: Disk,
        environ: Mapping[str, str],
        *,
        may_run: bool,
        note: Callable[[Unread], None],
        files: Files,
    ) -> None:
        self._disk = disk
        self._environ = environ
        self._may_run = may_run
        self._note = note
        self._files = files
        self._loaders: dict[FsPath, LoaderProbe] = {}

    def become(self, answer: Answer | None, program: Program) -> Process:
        """The process that the command becomes; behind a wrapper that only a shell can read, it tells itself."""
        executable, env = program.executable, program.env
        elf = self.object(executable)
        wrapped = bool(program.wrappers) or elf is None
        if answer is not None and answer.executable is not None and wrapped:
            executable = answer.executable
            elf = self.object(executable)
            told = {**answer.environ}
            told.pop("PYTHONDONTWRITEBYTECODE", None)
            env = {**{name: value for name, value in env.items() if not name.startswith(("LD_", "NIX_PYTHON"))}, **told}
        interp = FsPath(elf.interp) if elf is not None and elf.interp is not None else None
        self.expect(elf)
        loader = self.loader(interp) if interp is not None else None
        if loader is not None and program.library_path is not None and executable == program.executable:
            loader, env = _called(loader, env, program.library_path)
        return Process(executable, interp, loader, kept(env))

    def object(self, path: FsPath) -> Elf | None:
        """The ELF file at a path; None where there is none that can be read."""
        found = self._disk.objects(path)
        return found[0] if isinstance(found, tuple) and found else None

    def expect(self, elf: Elf | None) -> None:
        """Begin to look at an object's loader: collected when somebody asks for it."""
        if elf is not None and elf.interp is not None:
            self._probe(FsPath(elf.interp))

    def _probe(self, interp: FsPath) -> LoaderProbe:
        if interp not in self._loaders:
            self._loaders[interp] = LoaderProbe(
                interp, self._environ, may_run=self._may_run, note=self._note, files=self._files
            )
        return self._loaders[interp]

    def loader(self, interp: FsPath) -> Loader | None:
        """What stands at an interp; None where that is no loader."""
        return self._probe(interp).collect()

    def fhs_loader(self, machine: str) -> Loader | None:
        """The loader of a distribution's own programs, by its psABI name."""
        arch = MACHINES.get(machine)
        return self.loader(FsPath(FHS_INTERPS[arch.machine, arch.bits])) if arch is not None else None


def _called(loader: Loader, env: Mapping[str, str], path: str) -> tuple[Loader, Mapping[str, str]]:
    """A loader that gets its library path on the command line, and the environment as far as it still decides."""
    given = env.get("LD_LIBRARY_PATH", "")
    if given and f"{path}:".startswith(f"{given}:"):
        return replace(loader, library_path=path[len(given) + 1 :] or None), env
    left = {name: value for name, value in env.items() if name != "LD_LIBRARY_PATH"}
    return replace(loader, library_path=path or None), left


def kept(env: Mapping[str, str]) -> Mapping[str, str]:
    """The published part of an environment: nothing else is ever shown or saved."""
    systems = ("NIX_LD_", "NIX_LD_LIBRARY_PATH_")
    return {
        name: value
        for name, value in env.items()
        if name in ENVIRONMENT or (name.startswith(systems) and name.endswith(("_linux", "-linux")))
    }
