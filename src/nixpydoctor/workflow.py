"""The commands as sequences of the arrows: target, survey or replay, diagnosis. What `cli` calls."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from nixpydoctor import packaged
from nixpydoctor.facts import FsPath
from nixpydoctor.files import USUAL, Files
from nixpydoctor.light import dataclass, replace
from nixpydoctor.target import UsageError

if TYPE_CHECKING:
    from nixpydoctor.doctor import Diagnosis
    from nixpydoctor.facts import Facts
    from nixpydoctor.probes.ahead import Ahead
    from nixpydoctor.probes.mac import Mac

Report = Callable[[str], None]

_LARGEST = 512 * 1024 * 1024
"""Bytes of a facts file: far above any real one, and below what would take the machine down."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked of `check`."""

    target: str | None = None
    python: str | None = None
    may_run: bool = True
    imports: bool = False
    facts_file: str | None = None
    save_facts: str | None = None
    root: str | None = None
    """The folder that holds the file system of the target, which is not this machine's."""
    macos: str | None = None
    """The version of the Mac that the target belongs to, for example `15.4`."""
    target_arch: str | None = None
    """`arm64` or `x86_64`: what that Mac runs."""
    python_by: str = "--python"
    """Who names `python`: the option, a variable, or a file with settings."""
    pid: int | None = None
    """A process that runs the target."""
    library_from: tuple[str, ...] = ()
    """Folders in which `fix` may find missing libraries."""


def check(wish: Wish, environ: Mapping[str, str], cwd: str, progress: Report) -> Diagnosis:
    """Examine what is meant. Raises `UsageError` or `NothingToExamine`, each with a sentence."""
    if wish.imports and not wish.may_run:
        raise UsageError(
            "--imports runs the code of what is installed, and --no-exec forbids that: leave out one of them."
        )
    if wish.facts_file is not None:
        diagnosis = _diagnosed(_replayed(wish), progress)
    else:
        from nixpydoctor.probes.ahead import Ahead

        ahead = Ahead()
        try:
            diagnosis = _diagnosed(_surveyed(wish, environ, cwd, progress, ahead), progress)
        finally:
            ahead.end()
    if wish.save_facts is not None:
        # After the diagnosis: by now every question that a check of the file will ask has been asked.
        if wish.facts_file is None:
            _ask_for_graphs(diagnosis.facts)
        _save(diagnosis.facts, wish.save_facts, environ)
    return diagnosis


def seen(wish: Wish, environ: Mapping[str, str], cwd: str, progress: Report) -> Facts:
    """What is meant, surveyed or replayed, and not diagnosed. Raises as `check` does."""
    return _replayed(wish) if wish.facts_file is not None else _surveyed(wish, environ, cwd, progress)


def _diagnosed(facts: Facts, progress: Report) -> Diagnosis:
    from nixpydoctor.doctor import diagnose

    progress("examining")
    return diagnose(facts)


def demo() -> Diagnosis:
    """The diagnosis of a recorded environment that ships with the tool."""
    from nixpydoctor import replay
    from nixpydoctor.doctor import diagnose

    return diagnose(replay.load(packaged.data("demo.json")))


def _surveyed(wish: Wish, environ: Mapping[str, str], cwd: str, progress: Report, ahead: Ahead | None = None) -> Facts:
    from nixpydoctor import target

    if wish.root is not None:
        return _from_outside(wish, wish.root, cwd, progress)
    if wish.pid is not None:
        return _running(wish, wish.pid, environ, progress)
    found = target.find(wish.target, environ, cwd, wish.python, wish.python_by)
    if ahead is not None and found.venv_root is not None:
        from nixpydoctor.probes.ahead import of_venv

        ahead.begin(of_venv(found.venv_root, found.command))
    from nixpydoctor.probes.surveying import survey  # twice as much as what was imported so far

    facts = survey(
        found,
        environ,
        may_run=wish.may_run,
        progress=progress,
        mac=_mac(wish),
        ahead=ahead,
        meanwhile=_get_ready,
    )
    folders = tuple(_folder(said, cwd) for said in wish.library_from)
    facts = replace(facts, home=environ.get("HOME") or None, library_from=folders)
    return _imported(facts, progress) if wish.imports else facts


def _get_ready() -> None:
    """Import what is used after the survey."""
    import nixpydoctor.doctor
    import nixpydoctor.report.as_json  # noqa: F401


def _running(wish: Wish, pid: int, environ: Mapping[str, str], progress: Report) -> Facts:
    """What runs as a process: its own variables and folder count, not those of this shell."""
    from nixpydoctor import target
    from nixpydoctor.probes import running
    from nixpydoctor.probes.surveying import survey

    if wish.target is not None or wish.python is not None or wish.macos is not None or wish.target_arch is not None:
        raise UsageError("--pid names what runs: it goes with no TARGET, no --python, no --macos and no --target-arch.")
    seen = running.look(pid)
    found = target.find(seen.command, seen.env, seen.cwd)
    found = replace(found, choice=replace(found.choice, why=f"process {pid} runs it"))
    facts = survey(found, seen.env, may_run=wish.may_run, progress=progress, process=seen)
    facts = replace(facts, home=environ.get("HOME") or None)
    return _imported(facts, progress) if wish.imports else facts


def _from_outside(wish: Wish, root: str, cwd: str, progress: Report) -> Facts:
    """A target in another file system. The variables of this shell are not its own: it is seen as nobody's."""
    from nixpydoctor import target
    from nixpydoctor.probes.surveying import survey

    if wish.pid is not None:
        raise UsageError("--pid names what runs here, and of a --root nothing runs: leave out one of them.")
    if wish.imports:
        raise UsageError("--imports runs code, and of a --root nothing is started: leave out one of them.")
    files = below(root, cwd)
    for said in (wish.target, wish.python):
        _must_be_inside(said, files, cwd)
    found = target.find(wish.target, USUAL, "/", wish.python, files=files)
    top = files.root or "/"
    choice = replace(found.choice, why=f"{found.choice.why}, below the root {top}", root=top)
    return survey(replace(found, choice=choice), USUAL, may_run=False, progress=progress, mac=_mac(wish), files=files)


def below(root: str, cwd: str) -> Files:
    """The file system below a folder. Raises `UsageError` where there is no such folder."""
    path = os.path.join(cwd, root)
    if not root or not os.path.lexists(path):
        raise UsageError(f"--root {root} does not exist: name the folder that holds the target's file system.")
    if not os.path.isdir(path):
        raise UsageError(f"--root {root} is no folder: unpack the image, or mount it, and name that folder.")
    if not os.access(path, os.R_OK | os.X_OK):
        raise UsageError(f"--root {root} cannot be looked into: {os.strerror(errno.EACCES)}.")
    return Files(path)


def _must_be_inside(said: str | None, files: Files, cwd: str) -> None:
    """Raises `UsageError` for a path that names by this machine's name what the root has by its own."""
    if said is None or "\0" in said or files.lexists(os.path.join("/", said)):
        return
    folder, name = os.path.split(os.path.normpath(os.path.join(cwd, said)))
    real = os.path.join(os.path.realpath(folder), name)
    if files.root and real.startswith(f"{files.root}/") and os.path.lexists(real):
        inner = real.removeprefix(files.root)
        raise UsageError(f"{said} lies below the root, where its name is {inner}: say that name.")


def _mac(wish: Wish) -> Mac | None:
    """The Mac that was named. Raises `UsageError` for a version or a processor that no Mac has."""
    if wish.macos is None and wish.target_arch is None:
        return None
    from nixpydoctor.probes.mac import NEWEST, Mac

    version, cpu = wish.macos or NEWEST, wish.target_arch or "arm64"
    if (
        not all(part.isascii() and part.isdigit() for part in version.split("."))
        or not int(version.split(".")[0]) >= 10
    ):
        raise UsageError(f"--macos {version} is no version of macOS: give one like 15.4.")
    if cpu not in ("arm64", "x86_64"):
        raise UsageError(f"--target-arch {cpu} is no processor of a Mac: give arm64 or x86_64.")
    return Mac(version, "arm64" if cpu == "arm64" else "x86_64")


def _folder(said: str, cwd: str) -> FsPath:
    """A folder with libraries, links resolved: `result` of nix-build is one, and the store path is meant."""
    path = os.path.realpath(os.path.join(cwd, said))
    if not os.path.isdir(path):
        raise UsageError(f"--library-from {said} is no folder: name the one that holds the library.")
    return FsPath(path)


def _imported(facts: Facts, progress: Report) -> Facts:
    from nixpydoctor.probes.live import import_each

    names = sorted({name for dist in facts.main.dists for name in dist.top_level})
    jobs = min(len(os.sched_getaffinity(0)), 8) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return replace(facts, imported=import_each(facts, names, jobs=jobs, progress=progress))


# ── facts files ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _replayed(wish: Wish) -> Facts:
    from nixpydoctor import named_file, replay

    others = (wish.target, wish.python, wish.root, wish.pid)
    if wish.imports or any(other is not None for other in others):
        raise UsageError(
            "--facts replays what was recorded: it goes with no TARGET, no --python, no --root, no --pid "
            "and no --imports."
        )
    path = wish.facts_file or ""
    try:
        data = named_file.read(path, _LARGEST)
    except OSError as error:
        raise UsageError(f"The facts file {path} cannot be read: {error.strerror}.") from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path} is no facts file: it is larger than {_LARGEST // 2**20} MiB.")
    try:
        return replay.load(data, limit=_LARGEST)
    except replay.FactsFileError as error:
        raise UsageError(f"{path} is no facts file that this version can replay: {error}.") from error


def _ask_for_graphs(facts: Facts) -> None:
    """What `tree` and the picture of a page will ask: how each extension is opened, with the whole working."""
    from nixpydoctor.report.links import links

    links(facts, [path for dist in facts.main.dists for path in dist.extensions])


def _save(facts: Facts, path: str, environ: Mapping[str, str]) -> None:
    from nixpydoctor import replay
    from nixpydoctor.disguise import Owner

    data = replay.dump(facts, Owner(environ.get("HOME", ""), _user(environ)))
    if path.endswith(".gz"):
        import gzip

        data = gzip.compress(data, mtime=0)
    try:
        with open(path, "wb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"The facts cannot be written to {path}: {error.strerror}.") from error


def _user(environ: Mapping[str, str]) -> str:
    """The login name, which may stand in paths outside the home folder."""
    with suppress(ImportError, KeyError, OSError):
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    return environ.get("USER", environ.get("LOGNAME", ""))
