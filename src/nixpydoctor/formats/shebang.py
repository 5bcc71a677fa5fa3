"""Reads the first lines of a script as the kernel does (execve(2), Interpreter scripts; fs/binfmt_script.c).

Installers that fear a long path or a space in it write `/bin/sh` and hide the Python in the second line (distlib,
pip and uv alike): `'''exec' '/path/python' "$0" "$@"`.
"""

from __future__ import annotations

_TRICK = "'''exec' "


def program(head: str) -> str | None:
    """What the script starts; None where it finds that out when it runs. A space in a path ends it, for the kernel."""
    first, _, second = head.partition("\n")
    named = _words(first)[0]
    if named == "/bin/sh" and second.startswith(_TRICK):
        rest = second[len(_TRICK) :]
        path = rest[1:].partition(rest[0])[0] if rest[:1] in ("'", '"') else rest.partition(" ")[0]
        return None if "$" in path or not path else path
    return named


def looked_up(head: str) -> str | None:
    """The one word that env(1) is told to look up on PATH, with all that follows it; None for any other program."""
    named, said = _words(head.partition("\n")[0])
    return said if named.endswith("/env") and said and not said.startswith("-") else None


def too_long(head: str, kernel: str) -> bool:
    """Whether the kernel cannot see the end of the path: Linux reads 256 bytes, before 5.1 it read 128."""
    line = head.partition("\n")[0].encode("utf-8", "surrogateescape")
    return len(line) > limit(kernel) and b" " not in line[2 : limit(kernel)].strip()


def limit(kernel: str) -> int:
    """Bytes of a first line that this release of the kernel takes, without the line end."""
    numbers = [int(part) for part in kernel.split("-")[0].split(".")[:2] if part.isdigit()]
    return 127 if len(numbers) == 2 and numbers < [5, 1] else 255


def _words(line: str) -> tuple[str, str]:
    """The path and the rest of the line, which the kernel passes on as one argument."""
    inside = line[2:].strip(" \t").replace("\t", " ")
    path, _, rest = inside.partition(" ")
    return path, rest.strip(" ")
