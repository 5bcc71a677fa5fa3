"""Really imports `pkg` from literal files, in a fresh process for each, and tells by which exception it ended.

    python judge.py FOLDER < [{"files": {path: text}, "broken": [path], "opens": [name], "finds": {name: path}}, ...]

Runs on the standard library alone. A broken extension is an empty file: the loader says "file too short". Which
libraries open is said by the request, below `ctypes`: the machine's own have no say.
"""

import ctypes
import ctypes.util
import json
import os
import sys


def prepare(folder: str, files: dict[str, str], broken: list[str]) -> None:
    for name, text in {**files, **dict.fromkeys(broken, "")}.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def libraries(opens: list[str], finds: dict[str, str]) -> None:
    real = ctypes._dlopen  # type: ignore[attr-defined]

    def dlopen(name: str | None, mode: int) -> int:
        if name is None or any(name.endswith(one) for one in opens):
            return int(real(None, mode))
        raise OSError(f"{name}: cannot open shared object file: No such file or directory")

    class Function:
        """What a library has that was opened by its name: everything that it is asked for."""

        def __call__(self, *arguments: object) -> int:
            return 0

    item = ctypes.CDLL.__getitem__

    def asked(library: ctypes.CDLL, name: str) -> object:
        return item(library, name) if library._name is None else Function()

    ctypes.CDLL.__getitem__ = asked  # type: ignore[method-assign, assignment]
    ctypes._dlopen = dlopen  # type: ignore[attr-defined]
    ctypes.util.find_library = finds.get  # type: ignore[assignment]


def ended() -> str:
    try:
        __import__("pkg")
    except BaseException as error:  # SystemExit is an end as well
        return type(error).__name__
    return ""


def judge(folder: str, case: dict[str, object]) -> str:
    """In a child: the import system of this process must never have seen the last case's modules."""
    prepare(folder, case["files"], case["broken"])  # type: ignore[arg-type]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        libraries(case["opens"], case["finds"])  # type: ignore[arg-type]
        sys.path.insert(0, folder)
        sys.argv[1:] = []
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.write(writing, ended().encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


if __name__ == "__main__":
    cases = json.load(sys.stdin)
    json.dump([judge(os.path.join(sys.argv[1], str(place)), case) for place, case in enumerate(cases)], sys.stdout)
