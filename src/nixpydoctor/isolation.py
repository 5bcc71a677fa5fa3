"""Takes out of the tool's own `sys.path` what the patient's environment put there, before anything else is imported.

PYTHONPATH and the user site of the shell belong to the Python that is examined. A `typer.py` in one of them must not
become ours. Only `sys` and `os` are used here: both were imported before the first folder of PYTHONPATH counted
(the `site` module, and PEP 370 for the user site).
"""

import os
import sys

STARTED_WITH: dict[str, str] = {}
"""What was taken out, as it was: `PYTHONPATH` and `user site`."""
_LARGEST = 1 << 18
"""As much of a program as is looked at, in characters."""


def isolate() -> None:
    """Clean `sys.path` and forget what was already imported from there.

    A folder that holds this very tool stays: whoever runs it from PYTHONPATH or from the user site means it. So does
    what the tool's own program names: a Nix shell with the tool in it puts that on PYTHONPATH as well.
    """
    brought = _brought()
    if not brought:
        return
    own = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    program = _program()
    gone = [entry for entry in brought if os.path.realpath(entry) != own and not _named(entry, program)]
    kept = [entry for entry in sys.path if entry not in gone]
    if len(kept) == len(sys.path):
        return
    sys.path[:] = kept
    _forget(gone)


def _program() -> str:
    """The script that was started: nixpkgs' `wrapPythonPrograms` writes the folders of what it requires into it."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    try:
        with open(file or "", encoding="utf-8", errors="replace") as script:
            return script.read(_LARGEST)
    except OSError:
        return ""


def _named(entry: str, program: str) -> bool:
    return entry.startswith("/") and (f"'{entry}'" in program or f'"{entry}"' in program)


def _brought() -> list[str]:
    """The elements of `sys.path` that came from outside the tool's own environment."""
    return [*_here(), *_from_variable(), *_from_user_site()]


def _here() -> list[str]:
    """The current folder (`python -m`) or the script's: Python puts one in front unless told not to (`-P`)."""
    if sys.flags.safe_path or sys.flags.isolated or not sys.path:
        return []
    script = os.path.dirname(os.path.realpath(sys.argv[0])) if sys.argv and sys.argv[0] else None
    return [entry for entry in sys.path[:1] if entry in ("", ".", script) or entry == _cwd()]


def _cwd() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _from_variable() -> list[str]:
    value = os.environ.get("PYTHONPATH")
    if not value or sys.flags.ignore_environment:
        return []
    STARTED_WITH["PYTHONPATH"] = value
    # `site` makes them absolute; where it did not run they stand as they were written.
    named = {*value.split(os.pathsep), *(os.path.abspath(entry) for entry in value.split(os.pathsep))}
    first = _first_of_the_environment()
    return [entry for index, entry in enumerate(sys.path) if entry in named and index < first]


def _first_of_the_environment() -> int:
    """Where the standard library begins: PYTHONPATH comes before it."""
    library = os.path.dirname(os.__file__)
    return next((index for index, entry in enumerate(sys.path) if entry == library), len(sys.path))


def _from_user_site() -> list[str]:
    """The user site, and what its .pth files added behind it."""
    site = sys.modules.get("site")
    folder = getattr(site, "USER_SITE", None)
    if not getattr(site, "ENABLE_USER_SITE", False) or not isinstance(folder, str) or folder not in sys.path:
        return []
    STARTED_WITH["user site"] = folder
    start = sys.path.index(folder)
    places = set(site.getsitepackages()) if site is not None else set()
    end = next((index for index in range(start + 1, len(sys.path)) if sys.path[index] in places), len(sys.path))
    return sys.path[start:end]


def _forget(gone: list[str]) -> None:
    """Drop modules that came from a folder that is gone; those named like the standard library's are in use by it."""
    roots = tuple(os.path.join(os.path.abspath(entry), "") for entry in gone)
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        file = getattr(module, "__file__", None)
        if top in sys.stdlib_module_names or top in ("__main__", "nixpydoctor") or not isinstance(file, str):
            continue
        if file.startswith(roots):
            del sys.modules[name]
