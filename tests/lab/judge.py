"""Really loads each extension and imports each module it is told of, in fresh processes, and writes down what happened.

Runs inside a root, under that root's own Python, on the standard library alone: `python judge.py REQUEST ANSWER`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

LOAD = """
import ctypes, os, sys
try:
    ctypes.CDLL(sys.argv[1], os.RTLD_NOW | os.RTLD_LOCAL)
except OSError as error:
    os.write(2, b"\\n@@" + str(error).encode("utf-8", "surrogateescape"))
    os._exit(3)
os._exit(0)
"""

IMPORT = """
import os, sys
try:
    __import__(sys.argv[1])
except BaseException as error:
    seen, queue, lines = [], [error], []
    while queue and len(seen) < 20:
        one = queue.pop(0)
        if one is None or any(one is old for old in seen):
            continue
        seen.append(one)
        lines.append(type(one).__name__ + ": " + str(one))
        queue += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    sys.stdout.flush()
    os.write(2, b"\\n@@" + "\\n@@".join(lines).encode("utf-8", "backslashreplace"))
    os._exit(3)
os._exit(0)
"""


def run(command: list[str], env: dict[str, str], seconds: float) -> tuple[str, str]:
    """How a child in an empty folder of its own ended (`ok`, `failed`, `timeout`, `killed by 11`) and what it said."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        child = subprocess.Popen(
            command, env={**env, "HOME": home}, cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        try:
            _, err = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            return "timeout", ""
    text = err.decode("utf-8", "replace")
    said = text.partition("\n@@")[2].replace("\n@@", "\n") or text
    if child.returncode == 0:
        return "ok", ""
    return ("failed" if child.returncode > 0 else f"killed by {-child.returncode}"), said[-4000:]


def judge(request: dict[str, object]) -> dict[str, object]:
    """The whole answer: whether the Python starts at all, and then one pair for each name and each path."""
    python, env = str(request["python"]), {**os.environ, **dict(request["env"])}  # type: ignore[call-overload]
    seconds = float(request["seconds"])  # type: ignore[arg-type]
    try:
        outcome, said = run([python, "-B", "-I", "-S", "-c", "import ctypes"], env, seconds)
    except OSError as error:
        outcome, said = "failed", str(error)
    if outcome != "ok":
        return {"starts": False, "said": said, "extensions": {}, "imports": {}}

    def load(path: str) -> tuple[str, str]:
        return run([python, "-B", "-I", "-S", "-c", LOAD, path], env, seconds)

    def module(name: str) -> tuple[str, str]:
        return run([python, "-B", "-c", IMPORT, name], env, seconds)

    paths, names = list(request["extensions"]), list(request["imports"])  # type: ignore[call-overload]
    with ThreadPoolExecutor(2) as two:
        extensions = dict(zip(paths, two.map(load, paths), strict=True))
        imports = dict(zip(names, two.map(module, names), strict=True))
    return {"starts": True, "said": "", "extensions": extensions, "imports": imports}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(judge(asked), file)
