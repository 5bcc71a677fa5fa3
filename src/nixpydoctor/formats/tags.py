"""Reads the tags of a wheel: which Pythons on Linux it is for (PyPA, Platform compatibility tags).

`packaging.tags` would say it as well, for 20 ms that no check of a healthy environment should pay.
"""

from __future__ import annotations

_OTHER_SYSTEMS = ("win", "macosx", "ios", "android", "emscripten", "wasi", "freebsd")


def usable(tags: str, minor: tuple[int, int], machine: str) -> bool:
    """Whether a wheel of these tags can be for a CPython of that version and machine; the C library is left aside."""
    parts = tags.split("-")
    if len(parts) != 3:
        return True
    interpreters, abis, platforms = (part.split(".") for part in parts)
    fits = any(_interpreter(one, abis, minor) for one in interpreters)
    return fits and any(_platform(one, machine) for one in platforms)


def _interpreter(name: str, abis: list[str], minor: tuple[int, int]) -> bool:
    kind, digits = name[:2], name[2:]
    if not digits.isdigit() or kind not in ("py", "cp"):
        return kind not in ("pp", "gr", "ip", "jy")
    wanted = (int(digits[0]), int(digits[1:])) if len(digits) > 1 else (int(digits), 0)
    older = wanted[0] == minor[0] and wanted[1] <= minor[1]
    return older if kind == "py" or "abi3" in abis else wanted == minor or (len(digits) == 1 and older)


def _platform(name: str, machine: str) -> bool:
    if name.startswith(_OTHER_SYSTEMS):
        return False
    linux = name.startswith(("linux_", "manylinux", "musllinux"))
    return not linux or not machine or name.endswith(f"_{machine}") or (machine == "x86_64" and name.endswith("_i686"))
