"""Turns what somebody pasted into plain lines: no colours, no prefixes of logs, broken lines whole again.

Control sequences follow ECMA-48. Everything here is one pass over the text with expressions that cannot backtrack far.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|[\]PX^_][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)?|[ -/]{0,4}[0-~])?"
    r"|\x9b[0-?]{0,40}[ -/]{0,4}[@-~]"
)
_LOST_ESCAPES = re.compile(r"(?:\^\[|\\x1[bB]|\\033|\\e|\\u001[bB]|\N{SYMBOL FOR ESCAPE})?\[\d{1,3}(?:;\d{1,3}){0,5}m")
"""Colours whose escape character did not survive the paste."""
_BACKSPACES = re.compile(r"[^\n]\x08")
_SIGNS = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "\xa0": " ", "\u200b": None, "\ufeff": None, "\x00": None, "\v": "\n",
     "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}
)  # fmt: skip
_ENTITIES = (("&quot;", '"'), ("&#39;", "'"), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_PREFIX = re.compile(
    r"(?:"
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?\]?[ :]"  # 2026-01-31T12:00:00.123Z
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\]?[ :]"  # [12:00:00]
    r"|\[ {0,9}\d{1,9}\.\d{1,9}\] "  # [  12.345678]
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,64} "
    r"[\w./@-]{1,64}(?:\[\d{1,9}\])?: "  # syslog
    r"|[\w.-]{1,64} {0,40}\| "  # docker compose
    r"|#\d{1,5} (?:\d{1,6}\.\d{1,4} )?"  # buildkit
    r"|(?:stdout|stderr) [FP] "  # containerd
    r"|\[?(?:CRITICAL|ERROR|WARNING|INFO|DEBUG|FATAL|WARN)\]?(?::[\w.]{1,80})?[: ]\s{0,8}"
    r"|##\[\w{1,20}\]|::\w{1,20}(?: [^:\n]{0,80})?::"  # CI commands
    r"|E {2,8}"  # pytest
    r"|\s{0,12}> "  # a quoted mail, and the log of a Nix build
    r"|[\s]{0,40}[│|╰╭─❱┃]{1,4}[─>]{0,3} {1,8}"  # frames of rich and pip
    r")"
)
_NESTED = 4
_WIDEST = 200
"""Columns of the widest terminal whose line breaks are mended."""
_MENDED = 2000
"""Lines that are mended: who pastes more than that pastes a log."""
_LEAST = 20
_START = re.compile(
    r"\s{0,8}(?:File \"|Traceback \(|[A-Za-z_.]{1,80}(?:Error|Exception|Warning): |During handling|The above"
    r"|(?:E\s{1,8}|\| {1,4})?(?:Referenced from|Reason|Expected in): )"  # dyld's further lines
)
"""What begins a line of its own, however long the one before it is."""


def plain(text: str) -> list[str]:
    """The lines of a text as a person reads them on a terminal, trailing blanks off."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text or "\x9b" in text:
        text = _ESCAPES.sub("", text)
    if "m" in text and "[" in text:
        text = _LOST_ESCAPES.sub("", text)
    if "\x08" in text:
        text = _BACKSPACES.sub("", text)
    if not text.isascii() or "\x00" in text or "\v" in text or "\f" in text:
        text = text.translate(_SIGNS)
    if "&" in text:
        for written, meant in _ENTITIES:
            text = text.replace(written, meant)
    return [line.rstrip() for line in _unquoted(text).split("\n")]


def _unquoted(text: str) -> str:
    """A text inside of a text (a `repr`, a line of JSON) has its line ends written out."""
    if "\\n" not in text:
        return text
    return text.replace("\\r", "").replace("\\n", "\n").replace("\\t", "    ").replace('\\"', '"').replace("\\'", "'")


def bare(line: str) -> str:
    """A line without what a log put in front of it."""
    for _ in range(_NESTED):
        found = _PREFIX.match(line)
        if found is None:
            break
        line = line[found.end() :]
    return line


def mended(lines: list[str]) -> list[list[str]]:
    """The same text with its broken lines joined, in each way in which a terminal or a mailer may have broken them.

    Nobody can tell a line that was broken from one that merely ends there; so these are readings, not the truth.
    """
    widest = max(map(len, lines), default=0)
    if not _LEAST <= widest <= _WIDEST or len(lines) > _MENDED:
        return []
    readings: list[list[str]] = []
    for glue in (_cut, _folded):
        reading = _joined(lines, widest, glue)
        if reading != lines and reading not in readings:
            readings.append(reading)
    return readings


def _joined(lines: list[str], widest: int, glue: Callable[[str, str, int], str | None]) -> list[str]:
    joined: list[str] = []
    before = ""
    for line in lines:
        between = None if not before or not line or _START.match(line) else glue(before, line, widest)
        if between is None:
            joined.append(line)
        else:
            joined[-1] += between + (line if glue is _cut else line.lstrip())
        before = line
    return joined


def _cut(before: str, after: str, widest: int) -> str | None:
    """What a terminal swallowed where it broke the line at its edge; a blank there did not survive."""
    return {widest: "", widest - 1: " "}.get(len(before))


def _folded(before: str, after: str, widest: int) -> str | None:
    """What was swallowed by who breaks lines between words, and inside of a word only where it is too long."""
    word, following = before.rpartition(" ")[2], after.lstrip().partition(" ")[0]
    if len(before) * 2 < widest or (len(before) + 1 + len(following) <= widest and not before.endswith("-")):
        return None
    broken = before.endswith("-") or (len(before) == widest and _broken(word, following, widest))
    return "" if broken else " "


def _broken(word: str, following: str, widest: int) -> bool:
    """Whether a line ends in the middle of a word that was too long for any line: its quotes are still open."""
    if word.count("'") % 2 or word.count('"') % 2 or word.count("(") > word.count(")"):
        return True
    if word.endswith(("'", '"', ")", ":", ",")) or following.startswith(("'", '"', "(", "[", "/")):
        return False
    return len(word) + len(following) > widest or ("/" in word and "/" in following)
