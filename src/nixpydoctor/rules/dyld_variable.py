"""NPD608: a DYLD_ variable puts another library in front of the one that was meant, or is not heard at all."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.light import replace
from nixpydoctor.loader.trace import How, Resolution

_SHADOWING = (How.DYLD_ENV, How.DYLD_FRAMEWORKS)


@rule(
    "NPD608",
    Severity.WARNING,
    "a DYLD_ variable changes which library is loaded",
    symptoms=(r"Symbol not found: '?_(?:lib)?iconv\w*",),
)
def dyld_variable(case: Case) -> Iterator[Finding]:
    """One finding per library that stands in front of another, and one where the program does not hear the variable."""
    if not case.dyld:
        return
    names = sorted(name for name in case.process.env if name.startswith("DYLD_") and case.process.env[name])
    from nixpydoctor.loader.images import deaf

    why = deaf(case.process, case.disk) if names else ""
    if why:
        yield dyld_variable.finding(
            case.process.executable,
            f"{' and '.join(names)} does nothing: macOS drops DYLD_ names for this Python, which {why}",
            Place(case.process.executable, why),
            severity=Severity.NOTE,
            detail="hardened" if "hardened" in why else "protected",
        )
        return
    told: set[FsPath] = set()
    for path in case.extensions if names else ():
        for search in case.trace(path).resolutions:
            found, last = search.found, search.attempts[-1:]
            if found is None or not last or last[0].how not in _SHADOWING or found.path in told:
                continue
            meant = _meant(case, path, search)
            if meant is not None and meant != found.path:
                told.add(found.path)
                yield dyld_variable.finding(
                    path,
                    f"{last[0].how.value} puts {found.path} in front of {meant}",
                    Place(search.requester, f"needs {search.needed}"),
                    dist=case.owner(path),
                    detail=leaf(found.path),
                )


def _meant(case: Case, path: FsPath, search: Resolution) -> FsPath | None:
    """What the same search finds where no DYLD_ variable is set."""
    from nixpydoctor.loader.images import Images

    env = {name: value for name, value in case.process.env.items() if not name.startswith("DYLD_")}
    without = Images(replace(case.process, env=env), case.disk).trace(path)
    same = (one for one in without.resolutions if (one.needed, one.requester) == (search.needed, search.requester))
    return next((one.found.path for one in same if one.found is not None), None)
