"""Asks a Python what it is, in one child, and falls back on what its files tell.

The child gets the user's environment and no `-I`: the answer shall be what a user's own start would give. It runs in an
empty folder and writes no bytecode (`-B`, PYTHONDONTWRITEBYTECODE), so nothing of the target changes.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Mapping
from typing import Any

from nixpydoctor import packaged
from nixpydoctor.facts import FsPath, PathEntry, Provider, Python, in_store
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import dataclass, replace
from nixpydoctor.probes.child import Child, Outcome
from nixpydoctor.probes.layout import Layout

TIMEOUT = 10.0
"""Seconds that a Python has to say what it is."""
AGAIN = 3.0
"""The same when it is asked once more without what runs at its start: that takes a Python a few hundredths."""

_TEXTS = ("implementation", "prefix", "base_prefix", "platform", "machine")
_LISTS = ("path", "suffixes", "builtins")
_LOADERS = ("ld-", "ld.so")
_ZIP = re.compile(r"/(?:python|pypy)3\d*t?\.zip\Z")
"""Where the standard library begins on sys.path: what stands before it comes from PYTHONPATH."""
_TOGETHER = re.compile(r"-(?:env|environment|profile|path)\Z")
"""The end of a store path's name where Nix put packages together."""
HOOK = ".__path_hook__"
"""The end of an entry that is no folder: setuptools' finder of an editable install answers to it."""
FROZEN = frozenset(
    [
        "__hello__",
        "__phello__",
        "_collections_abc",
        "_frozen_importlib",
        "_frozen_importlib_external",
        "_sitebuiltins",
        "abc",
        "codecs",
        "genericpath",
        "io",
        "ntpath",
        "os",
        "posixpath",
        "runpy",
        "site",
        "stat",
        "zipimport",
    ]
)
"""Top-level modules that every CPython from 3.11 on has frozen (`Tools/build/freeze_modules.py`)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking."""

    told: Mapping[str, Any] | None
    """The child's own words, checked for shape."""
    silence: str | None = None
    """Why the first question was not answered, as the rest of a sentence."""

    @property
    def executable(self) -> FsPath | None:
        """The program behind every wrapper, as the kernel knows it; None where a loader was called by name."""
        exe = self.told.get("exe") if self.told is not None else None
        if not isinstance(exe, str) or not exe.startswith("/") or exe.endswith(" (deleted)"):
            return None
        return None if os.path.basename(exe).startswith(_LOADERS) else FsPath(exe)

    @property
    def environ(self) -> Mapping[str, str]:
        """The loader's and Python's variables as the program behind every wrapper got them."""
        given = self.told.get("environ") if self.told is not None else None
        if not isinstance(given, dict):
            return {}
        return {name: value for name, value in given.items() if isinstance(value, str)}


class Question:
    """A Python that is being asked. Made early, collected late: it thinks while we read files."""

    def __init__(self, command: FsPath, environ: Mapping[str, str], cwd: str, timeout: float = TIMEOUT) -> None:
        self._command = command
        self._environ = {**environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self._cwd = cwd
        self._timeout = timeout
        self._marker = os.urandom(16).hex()
        self._script = packaged.text("probes/inside.py")
        self._child = self._ask(timeout=timeout)

    def collect(self) -> Answer:
        """The answer; where the Python gives none as a user starts it, that of a second start with `-I -S`."""
        told, silence = self._hear(self._child, self._timeout)
        if told is not None or silence is None:
            return Answer(told)
        if silence.startswith("it could not be started"):
            return Answer(None, silence)
        again = min(self._timeout, AGAIN)
        told, still = self._hear(self._ask("-I", "-S", timeout=again), again)
        if told is None:
            hangs = (silence, still) == (_late(self._timeout), _late(again))
            return Answer(None, f"{silence}; with -I -S there was none within {again:g} s" if hangs else silence)
        return Answer(told, f"{silence}; with -I -S it answered, so something that runs at its start is to blame")

    def _ask(self, *flags: str, timeout: float) -> Child:
        command = (self._command, "-B", *flags, "-c", self._script, self._marker)
        return Child(command, self._environ, timeout)

    def _hear(self, child: Child, timeout: float) -> tuple[Mapping[str, Any] | None, str | None]:
        outcome = child.finish(f"\n>{self._marker}\n".encode())
        if not outcome.complete:
            return None, _silence(outcome, self._command, timeout)
        text = outcome.stdout.partition(f"\n<{self._marker}\n".encode())[2]
        told = _checked(text.partition(b"\n>")[0])
        if told is None:
            return None, "its answer makes no sense"
        told["path"] = [self._place(entry, child.cwd) for entry in told["path"] if entry]
        return told, None

    def _place(self, entry: str, folder: str) -> str:
        """Relative elements of PYTHONPATH were completed with the child's folder: the user means the current one."""
        if entry == folder or entry.startswith(f"{folder}/"):
            return os.path.normpath(self._cwd + entry[len(folder) :])
        return (
            entry if entry.startswith("/") or entry.endswith(HOOK) else os.path.normpath(os.path.join(self._cwd, entry))
        )


def _checked(line: bytes) -> dict[str, Any] | None:
    """The answer where it has the shape of one: a Python may be anybody's program."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    texts = all(isinstance(told.get(name), str) for name in _TEXTS)
    lists = all(
        isinstance(told.get(name), list) and all(isinstance(part, str) for part in told[name]) for name in _LISTS
    )
    version = told.get("version")
    numbers = isinstance(version, list) and len(version) == 3 and all(isinstance(part, int) for part in version)
    return told if texts and lists and numbers else None


def _silence(outcome: Outcome, command: FsPath, timeout: float) -> str:
    """Why there is no answer, as the rest of a sentence."""
    if outcome.refused is not None:
        there = " although the file is there" if os.path.exists(command) else ""
        return f"it could not be started: {outcome.refused.strerror}{there}"
    if outcome.overflow:
        return "it printed more than anybody would read instead of an answer"
    if outcome.code is None:
        return _late(timeout)
    said = _last_line(outcome.stderr)
    if outcome.code < 0:
        return f"it was ended by {_signal(-outcome.code)}{said}"
    if outcome.code:
        return f"it ended with exit code {outcome.code}{said}"
    return f"it ended without an answer{said}"


def _late(timeout: float) -> str:
    return f"it gave no answer within {timeout:g} s and was ended"


def _last_line(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "surrogateescape").splitlines() if line.strip()]
    return f": {lines[-1][:300]}" if lines else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


# ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def unasked(
    command: FsPath,
    layout: Layout,
    why: str,
    machine: str,
    venv_root: FsPath | None,
    variables: Mapping[str, tuple[str, ...]],
    files: Files = HERE,
) -> Python:
    """The Python as its files describe it. `variables`: the folders that each variable names."""
    suffixes = layout.suffixes
    minor = layout.version.split(".")[1:2]
    return Python(
        command=command,
        version=layout.version,
        soabi=soabi(suffixes),
        suffixes=suffixes,
        prefix=FsPath(layout.prefix),
        base_prefix=FsPath(layout.base_prefix),
        path=entries(layout.path, venv_root, layout.user_site, layout.base_prefix, variables, files),
        builtins=layout.builtins,
        frozen=FROZEN if minor and int(minor[0]) > 10 else frozenset(),
        machine=machine,
        user_site=FsPath(layout.user_site) if layout.user_site else None,
        user_folder=FsPath(layout.user_folder) if layout.user_folder else None,
        site_folders=tuple(map(FsPath, layout.site_folders)),
        basis="read",
        silence=why,
    )


def asked(
    command: FsPath,
    answer: Answer,
    layout: Layout,
    machine: str,
    venv_root: FsPath | None,
    variables: Mapping[str, tuple[str, ...]],
) -> Python:
    """The Python as it described itself; where it did not, as its files do."""
    told = answer.told
    if told is None:
        silent = unasked(command, layout, answer.silence or "nothing came back", machine, venv_root, variables)
        return replace(silent, answered=False)
    path = list(told["path"])
    user = told.get("user_site") if told.get("enable_user_site") is True else None
    if answer.silence is not None:  # started with -S: what `site` would have added is told by the files
        path = list(dict.fromkeys([*path, *layout.path]))
        user = layout.user_site
    base = told["base_prefix"]
    folders = _texts(told.get("site_folders")) or layout.site_folders
    added = variables.get("NIX_PYTHONPATH", ())
    folder = told.get("user_folder")
    return Python(
        command=command,
        version=".".join(str(part) for part in told["version"]),
        implementation=told["implementation"],
        soabi=soabi(told["suffixes"]),
        suffixes=tuple(told["suffixes"]),
        prefix=FsPath(told["prefix"]),
        base_prefix=FsPath(base),
        path=entries(path, venv_root, user if isinstance(user, str) else None, base, variables),
        builtins=frozenset(told["builtins"]),
        frozen=frozenset(_texts(told.get("frozen"))),
        platform=told["platform"],
        machine=told["machine"],
        user_site=FsPath(user) if isinstance(user, str) else None,
        user_folder=FsPath(folder) if isinstance(folder, str) else None,
        site_folders=tuple(FsPath(one) for one in dict.fromkeys((*folders, *added)) if one in path),
        silence=answer.silence,
        answered=answer.silence is None,
    )


def soabi(suffixes: tuple[str, ...] | list[str]) -> str | None:
    """`cpython-312-x86_64-linux-gnu`, out of the first suffix (PEP 3149)."""
    first = suffixes[0] if suffixes else ""
    return first.strip(".").removesuffix(".so") if first.count(".") > 1 else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, list) else ()


def named(env: Mapping[str, str], cwd: str) -> Mapping[str, tuple[str, ...]]:
    """The folders that each variable puts on sys.path, absolute. An empty element is the current folder."""
    return {
        name: tuple(os.path.normpath(os.path.join(cwd, part)) for part in env[name].split(os.pathsep))
        for name in ("PYTHONPATH", "NIX_PYTHONPATH")
        if env.get(name)
    }


def entries(
    path: list[str] | tuple[str, ...],
    venv_root: FsPath | None,
    user_site: str | None,
    base_prefix: str,
    variables: Mapping[str, tuple[str, ...]],
    files: Files = HERE,
) -> tuple[PathEntry, ...]:
    """The elements of a `sys.path`, each with whoever put it there."""
    conda = files.isdir(f"{base_prefix}/conda-meta")
    begin = next((index for index, entry in enumerate(path) if _ZIP.search(entry)), len(path))
    made = []
    for index, entry in enumerate(path):
        by = ""
        if index < begin and entry in variables.get("PYTHONPATH", ()):
            by = "PYTHONPATH"
        elif index > begin and entry in variables.get("NIX_PYTHONPATH", ()):
            by = "NIX_PYTHONPATH"
        whose = provider(entry, venv_root, user_site, base_prefix, conda, files)
        made.append(PathEntry(FsPath(entry), whose, by, _in_archive(entry, files)))
    return tuple(made)


def _in_archive(path: str, files: Files) -> bool:
    """Whether the nearest thing that exists on the way up is a file."""
    while path.startswith("/") and not files.exists(path):
        path = os.path.dirname(path)
    return files.isfile(path)


def provider(
    path: str, venv_root: str | None, user_site: str | None, base_prefix: str, conda: bool, files: Files = HERE
) -> Provider:
    """Who put a folder on sys.path, told by where it lies."""
    if venv_root is not None and _below(path, venv_root):
        return "venv"
    if path.endswith(HOOK):
        return "hook"
    stored = path if in_store(path) else files.realpath(path)
    if in_store(stored):
        return "nix-env" if _TOGETHER.search(stored.split("/")[3]) else "nix"
    if user_site is not None and _below(path, user_site):
        return "user"
    if _below(path, "/usr") or _below(path, "/lib"):
        return "system"
    if _below(path, base_prefix):
        return "conda" if conda else "standalone"
    return "project"


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root.rstrip('/')}/")
