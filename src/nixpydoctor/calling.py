"""How this process was called, so that the next command that a terminal shows can be typed there."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping

_NAME = "nixpydoctor"
_NEXT = re.compile(rf"(?<![\w/.\-]){_NAME}(?= (?:check|config|demo|explain|fix|rules|run|tree)\b)")


def spelled(text: str, command: str) -> str:
    """`text` in which every command of ours begins with `command`."""
    return text if command == _NAME else _NEXT.sub(lambda _: command, text)


def command(environ: Mapping[str, str], cwd: str) -> str:
    """What to type in this shell to start the tool again: its bare name where that means this very program."""
    started = os.path.join(cwd, sys.argv[0] if sys.argv else "")
    name = os.path.basename(started)
    if name == "__main__.py":
        return f"{_quoted(sys.executable)} -m {_NAME}"
    if not os.path.isdir(os.path.dirname(os.path.abspath(__file__))):  # inside of a zip archive, which was started
        return f"{_quoted(sys.executable)} {_quoted(started)}"
    if name != _NAME:
        return _NAME
    found = shutil.which(name, path=_path_of_the_shell(environ))
    if found is not None and os.path.realpath(found) == os.path.realpath(started):
        return _NAME
    below = started.removeprefix(f"{cwd}/")
    return _quoted(below if "/" in below else started)


def _quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)


def _path_of_the_shell(environ: Mapping[str, str]) -> str:
    """PATH without the folder that uvx puts in front of it for its child alone (uv's cache, `archive-v0`)."""
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    if "/archive-v0/" in sys.prefix:
        folders = [folder for folder in folders if not folder.startswith(f"{sys.prefix}/")]
    return os.pathsep.join(folders)
