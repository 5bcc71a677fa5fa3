"""Reads what is to be explained and looks at the machine that it speaks of, where that is this one."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from nixpydoctor import named_file
from nixpydoctor.explain.answer import Explanation, explain
from nixpydoctor.files import HERE, Files
from nixpydoctor.knowledge.messages import Message
from nixpydoctor.landmarks import has_python, is_venv, named_like_python
from nixpydoctor.light import replace
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import Sign, Told, read
from nixpydoctor.symptoms.sieve import Sieve
from nixpydoctor.target import NothingToExamine, UsageError
from nixpydoctor.workflow import Wish, below, check

Report = Callable[[str], None]

_SONAME = re.compile(r"lib[\w+-]{1,80}\.so[\w.]{0,20}")
_CHUNK = 1024 * 1024
HOW = (
    "Give a rule's id or name, a remedy's name, a few words, or an error text: as an argument, with --file FILE, or on "
    "stdin (command 2>&1 | nixpydoctor explain)."
)


def text_of(file: str | None) -> Sieve:
    """A file's text or that of stdin. Raises `UsageError` where there is none."""
    if file is not None and file != "-":
        return _of_file(file)
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError(f"There is nothing to explain: stdin is closed. {HOW}")
    if sys.stdin.isatty():
        raise UsageError(f"There is nothing to explain yet. {HOW}")
    sieve = Sieve()
    try:
        while data := os.read(sys.stdin.fileno(), _CHUNK):
            sieve.feed(data)
    except OSError as error:
        raise UsageError(f"The text on stdin cannot be read: {error.strerror}.") from error
    return sieve


def _of_file(file: str) -> Sieve:
    sieve = Sieve()
    try:
        mode = os.stat(file).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise UsageError(f"{file} is no file with a text in it.")
        for data in named_file.pieces(file):
            sieve.feed(data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{file} cannot be read: {reason}.") from error
    return sieve


def told_by(text: str) -> Told:
    """What a text tells. Raises `UsageError` for what is no text."""
    if not text.strip():
        raise UsageError(f"There is nothing to explain: the text is empty. {HOW}")
    told = read(text, RULES)
    if told.decisive is None and _is_binary(text):
        raise UsageError("That is no text: a program, an archive or a picture. Give the message that was printed.")
    return told


def sentence(words: str) -> str:
    """The words as a message: the bare name of a library is asked for because it is missing."""
    return f"{words}: cannot open shared object file: No such file or directory" if _SONAME.fullmatch(words) else words


def told_of(message: Message, words: str) -> Told:
    """The answer to a question in words: as if the text held that message."""
    return Told(1, Sign(1, words, message, (), {}))


def told_of_failure(text: str, last_words: str) -> Told:
    """What the errors of a command tell; where they tell nothing, how it ended."""
    told = read(text, RULES)
    ended = read(last_words, RULES) if told.decisive is None else told
    return told if ended.decisive is None else ended


def _is_binary(text: str) -> bool:
    start = text[:4096]
    strange = sum(1 for char in start if char == "\ufffd" or (char < " " and char not in "\t\n\r\x1b\b\f"))
    return strange * 10 > len(start)


def answer(
    told: Told,
    environ: Mapping[str, str],
    cwd: str,
    progress: Report,
    *,
    look: bool = True,
    python: str | None = None,
    command: str | None = None,
    host: str | None = None,
    root: str | None = None,
) -> Explanation:
    """The explanation; where the text's own paths exist here, with a diagnosis of the Python that they name.

    `python` names it outright. Where the text came from a command, `command` is the Python that was started, or `host`
    is a program that may embed one. With `root` the text came from the machine whose files lie below that folder.
    """
    plain = explain(told, RULES)
    if plain.foreign or not look:
        return plain
    if host is not None:
        with suppress(UsageError, NothingToExamine):  # most programs embed no Python
            return explain(told, RULES, check(Wish(host), environ, cwd, progress))
    files = below(root, cwd) if root is not None else HERE
    wish = _wish(told, "/" if root is not None else cwd, python, command, files)
    if isinstance(wish, str):
        return explain(told, RULES, None, wish)
    if not plain.causes and python is None:
        return plain  # no rule could confirm it
    try:
        looked = check(replace(wish, root=root), environ, cwd, progress)
    except (UsageError, NothingToExamine) as error:
        if python is not None:
            raise
        return explain(told, RULES, None, _clause(str(error)))
    return explain(told, RULES, looked)


def _clause(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _wish(told: Told, cwd: str, python: str | None, command: str | None, files: Files) -> Wish | str:
    """Which Python to examine, or why none."""
    if python is not None:
        embeds = files.isfile(python) and not named_like_python(python, files)
        return Wish(python) if embeds else Wish(python=python)
    places = [[os.path.expanduser(path) for path in group] for group in _named(told, cwd, files)]
    named = [group for group in places if group]
    if named and not any(files.lexists(path) for path in named[0]):
        return "the paths in the text do not exist here"
    for path in (path for group in named for path in group):
        if files.isdir(path) and (is_venv(path, files) or has_python(path, files)):
            return Wish(path)
        if files.lexists(path) and os.path.basename(path).startswith(("python", "pypy")):
            return Wish(python=path)
    return Wish(python=command) if command is not None and files.lexists(command) else Wish()


def _named(told: Told, cwd: str, files: Files) -> Iterator[tuple[str, ...]]:
    """Venvs and Pythons of the text in groups: where an earlier one names any, a later one tells of something else."""
    said = told.decisive.said.get("path", "") if told.decisive is not None else ""
    if "/bin/" in said:
        path = os.path.normpath(os.path.join(cwd, os.path.expanduser(said)))
        root = os.path.dirname(os.path.dirname(path))
        yield (root if is_venv(root, files) else path,)
    yield told.clues.sites
    yield told.clues.executables
    yield tuple(root for root in told.clues.roots if not root.startswith("/nix/store/"))
