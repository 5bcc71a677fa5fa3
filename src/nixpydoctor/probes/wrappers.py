"""Follows a command through symbolic links and nixpkgs' wrappers to the ELF file that runs in the end.

Two kinds of wrapper are read, neither is run: the shell scripts of `makeWrapper`, and the small programs of
`makeBinaryWrapper`, which carry the command line that made them as a text (`generateDocString` in nixpkgs'
make-binary-wrapper.sh).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from nixpydoctor.facts import FsPath
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import dataclass

MAX_HOPS = 20
_LARGEST = 1 << 18
"""Bytes: a wrapper is far smaller, and a Python that is that small is a wrapper."""
_MADE_BY = b"makeCWrapper "

_LOADERS = ("ld-", "ld.so")
_LOADER_VALUES = ("--library-path", "--argv0", "--preload", "--audit", "--inhibit-rpath", "--glibc-hwcaps-prepend",
                  "--glibc-hwcaps-mask")  # fmt: skip
"""Options of a loader that a value follows."""

_ARGUMENTS = {
    "--set": 2, "--set-default": 2, "--unset": 1, "--prefix": 3, "--suffix": 3, "--argv0": 1, "--chdir": 1,
    "--add-flag": 1, "--add-flags": 1, "--append-flag": 1, "--append-flags": 1, "--run": 1,
}  # fmt: skip
"""Options of makeCWrapper and how many words follow; any other has none."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a command runs in the end."""

    executable: FsPath
    """The last file of the chain, symbolic links resolved; need not exist, need not be ELF."""
    env: Mapping[str, str]
    """The environment as the wrappers leave it."""
    wrappers: tuple[FsPath, ...] = ()
    """The wrappers passed through."""
    library_path: str | None = None
    """What a wrapper that calls the loader by name gives it as `--library-path`, instead of LD_LIBRARY_PATH."""
    called: FsPath | None = None
    """The wrapper whose name the program is given as its own (`--inherit-argv0`): there Python looks for its prefix."""


def follow(command: str, environ: Mapping[str, str], files: Files = HERE) -> Program:
    """What runs when `command` is called. A chain that goes round in a circle ends where it began to."""
    env = dict(environ)
    here = files.realpath(command)
    passed: list[FsPath] = []
    inherits = True
    given: str | None = None
    while len(passed) < MAX_HOPS and here not in passed:
        step = _unwrapped(here, env, files)
        if step is None:
            break
        passed.append(FsPath(here))
        here, env, path = files.realpath(step[0]), step[1], step[2]
        given = path if path is not None else given
        inherits = inherits and step[3]
    return Program(FsPath(here), env, tuple(passed), given, passed[0] if passed and inherits else None)


_Step = tuple[str, dict[str, str], str | None, bool]
"""The next program, its environment, the library path that a loader is given for it, whether it inherits the name."""


def _unwrapped(path: str, env: Mapping[str, str], files: Files) -> _Step | None:
    """What comes next, or None where `path` is no wrapper that can be read."""
    data = _small(path, files)
    if data.startswith(b"#!"):
        from nixpydoctor.probes.shell import Script  # few Pythons are shell scripts

        script = Script(env)
        target = script.run(data.decode("utf-8", "surrogateescape"))
        if target is None or not target.startswith("/"):
            return None
        if not os.path.basename(target).startswith(_LOADERS):
            return target, script.env, None, False
        called = _by_loader(script.arguments)
        return (called[0], script.env, called[1], False) if called is not None else None
    place = data.find(_MADE_BY) if data.startswith(b"\x7fELF") else -1
    if place < 0:
        return None
    text = data[place : data.find(b"\0", place)].decode("utf-8", "surrogateescape")
    recipe = text.partition("\n\n")[0]
    inner = _c_wrapper(recipe, env)
    return (*inner, None, "--inherit-argv0" in recipe) if inner is not None else None


def _by_loader(arguments: list[str | None]) -> tuple[str, str | None] | None:
    """The program that a loader is called with, and its `--library-path` (ld.so(8)); None where it names none."""
    given: str | None = None
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word is None or not word.startswith("--"):
            return (word, given) if word is not None and word.startswith("/") else None
        option, sign, value = word.partition("=")
        if option in _LOADER_VALUES and not sign:
            at += 1
            value = (arguments[at] if at < len(arguments) else None) or ""
        if option == "--library-path":
            given = value
        at += 1
    return None


def _small(path: str, files: Files) -> bytes:
    """A file's bytes where it is small enough for a wrapper, else nothing."""
    try:
        here = files.at(path)
        status = os.stat(here)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return b""
        with open(here, "rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""


def _c_wrapper(text: str, env: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    import shlex

    try:
        words = shlex.split(text.replace("\\\n", " "))
    except ValueError:
        return None
    if len(words) < 2 or not words[1].startswith("/"):
        return None
    out = dict(env)
    for option, values in _options(words[2:]):
        _apply(out, option, values)
    return words[1], out


def _options(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    at = 0
    while at < len(words):
        count = _ARGUMENTS.get(words[at], 0)
        values = words[at + 1 : at + 1 + count]
        if len(values) == count:
            yield words[at], values
        at += 1 + count


def _apply(env: dict[str, str], option: str, values: list[str]) -> None:
    match option, values:
        case "--set", [name, value]:
            env[name] = value
        case "--set-default", [name, value]:
            env.setdefault(name, value)
        case "--unset", [name]:
            env.pop(name, None)
        case "--prefix", [name, separator, value]:
            env[name] = f"{value}{separator}{env[name]}" if env.get(name) else value
        case "--suffix", [name, separator, value]:
            env[name] = f"{env[name]}{separator}{value}" if env.get(name) else value
