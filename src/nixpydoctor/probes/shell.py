"""Reads the few shell statements that a wrapper script is made of: assignments, `export`, `unset` and `exec`.

It is no shell. What nixpkgs' make-wrapper.sh writes is understood, parameter expansions included (POSIX 2.6.2, and
bash's substitution); any other statement is passed over, so what it would do to the environment is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_ASSIGN = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)=(.*)", re.S)
_EXPORT = re.compile(r"export\s+[A-Za-z_][\w\s]*")
_UNSET = re.compile(r"unset\s+([A-Za-z_]\w*)\s*")
_EXEC = re.compile(r"exec\s+(.*)", re.S)
_NAME = re.compile(r"[A-Za-z_]\w*")
_DEPTH = 8


class Unclear(Exception):  # noqa: N818 - it says what was met
    """A word that only a shell can expand."""


class Script:
    """A wrapper script's effect on an environment."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self.arguments: list[str | None] = []
        """What `exec` passes to the program; None for a word that only a shell can expand."""

    def run(self, text: str) -> str | None:
        """The program that the script's `exec` names, with `env` changed on the way; None where it names none."""
        for line in text.replace("\\\n", " ").splitlines():
            statement = line.strip()
            try:
                target = self._statement(statement)
            except Unclear:
                continue
            if target is not None:
                return target
        return None

    def _statement(self, statement: str) -> str | None:
        if assignment := _ASSIGN.fullmatch(statement):
            value, rest = self._word(assignment[2], 0)
            if not assignment[2][rest:].strip():
                self.env[assignment[1]] = value
        elif unset := _UNSET.fullmatch(statement):
            self.env.pop(unset[1], None)
        elif command := _EXEC.fullmatch(statement):
            return self._command(command[1])
        return None

    def _command(self, text: str) -> str | None:
        """The program of `exec [-a NAME] PROGRAM …`."""
        at = 0
        words: list[str] = []
        while len(words) < 3 and at < len(text):
            at += len(text[at:]) - len(text[at:].lstrip())
            if words[:1] == ["-a"] and len(words) == 1:
                at = _skip(text, at)  # `$0` is not known here, and it does not matter
                words.append("")
                continue
            word, at = self._word(text, at)
            words.append(word)
            if words[0] != "-a":
                break
        program = words[-1] if words and words[0] != "-a" else words[2] if len(words) == 3 else None
        if program is not None:
            self.arguments = list(self._rest(text, at))
        return program

    def _rest(self, text: str, at: int) -> Iterator[str | None]:
        while at < len(text):
            at += len(text[at:]) - len(text[at:].lstrip())
            if at >= len(text):
                return
            end = _skip(text, at)
            word: str | None
            try:
                word, at = self._word(text, at)
            except Unclear:
                word, at = None, end
            yield word

    def _word(self, text: str, at: int, stop: str = " \t;&|", depth: int = 0) -> tuple[str, int]:
        """One expanded word from `at`, and where it ends. Raises `Unclear`."""
        out: list[str] = []
        while at < len(text) and text[at] not in stop:
            char = text[at]
            if char == "'" and stop != '"':
                end = text.find("'", at + 1)
                if end < 0:
                    raise Unclear
                out.append(text[at + 1 : end])
                at = end + 1
            elif char == '"' and stop != '"':
                inner, at = self._word(text, at + 1, '"', depth)
                out.append(inner)
                at += 1
            elif char == "\\":
                out.append(text[at + 1 : at + 2])
                at += 2
            elif char == "$":
                value, at = self._parameter(text, at + 1, depth)
                out.append(value)
            elif char in "`(":
                raise Unclear
            else:
                out.append(char)
                at += 1
        return "".join(out), at

    def _parameter(self, text: str, at: int, depth: int) -> tuple[str, int]:
        if depth > _DEPTH:
            raise Unclear
        if text[at : at + 1] != "{":
            name = _NAME.match(text, at)
            if name is None:
                raise Unclear
            return self.env.get(name[0], ""), name.end()
        name = _NAME.match(text, at + 1)
        if name is None:
            raise Unclear
        value, at = self.env.get(name[0]), name.end()
        operator = re.compile(r":?[-+]|/|#|%|").match(text, at)
        sign = operator[0] if operator is not None else ""
        word, at = self._word(text, at + len(sign), "/}" if sign == "/" else "}", depth + 1)
        other = ""
        if sign == "/" and text[at : at + 1] == "/":
            other, at = self._word(text, at + 1, "}", depth + 1)
        if text[at : at + 1] != "}":
            raise Unclear
        return _expanded(value, sign, word, other), at + 1


def _expanded(value: str | None, sign: str, word: str, other: str) -> str:
    """The outcome of `${name<sign>word}`; patterns are taken literally, as make-wrapper.sh quotes them."""
    text = value or ""
    match sign:
        case "+":
            return "" if value is None else word
        case ":+":
            return word if text else ""
        case "-":
            return word if value is None else text
        case ":-":
            return text or word
        case "/":
            return text.replace(word, other, 1) if word else text
        case "#":
            return text.removeprefix(word)
        case "%":
            return text.removesuffix(word)
    return text


def _skip(text: str, at: int) -> int:
    """The end of the word at `at`, unexpanded."""
    quote = text[at : at + 1]
    if quote in ("'", '"'):
        end = text.find(quote, at + 1)
        return len(text) if end < 0 else end + 1
    word = re.compile(r"\S*").match(text, at)
    return word.end() if word is not None else len(text)
