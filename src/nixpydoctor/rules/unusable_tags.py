"""NPD309: a distribution came from a wheel whose tags this Python does not take."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Python
from nixpydoctor.findings import Finding, Severity, rule

_OTHER_SYSTEMS = ("win", "macosx", "ios", "android", "emscripten", "wasi", "freebsd")


@rule(
    "NPD309",
    Severity.NOTE,
    "a wheel for another Python or platform is installed",
    symptoms=(r"(?P<file>\S+\.whl) is not a supported wheel on this platform",),
)
def unusable_tags(case: Case) -> Iterator[Finding]:
    """Only of what has no compiled module: of those NPD202 and NPD106 say more."""
    python = case.facts.main.python
    if python is None or (python.implementation, python.platform) != ("cpython", "linux"):
        return
    for dist in case.facts.main.dists:
        if dist.tags and not dist.extensions and not dist.foreign and not any(usable(tag, python) for tag in dist.tags):
            yield unusable_tags.finding(
                dist.location,
                f"{dist.name} {dist.version} came from a wheel for {dist.tags[0]}, which this Python would not install",
                dist,
                dist=dist,
                detail=f"{dist.key} {dist.tags[0]}",
            )


def usable(tags: str, python: Python) -> bool:
    """Whether a wheel of these tags can be for this Python (PyPA, Platform compatibility tags); the C library aside."""
    parts = tags.split("-")
    if len(parts) != 3 or python.minor is None:
        return True
    interpreters, abis, platforms = (part.split(".") for part in parts)
    fits = any(_interpreter(one, abis, python.minor) for one in interpreters)
    return fits and any(_platform(one, python.machine) for one in platforms)


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
