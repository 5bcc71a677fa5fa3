"""NPD606: an image was built for a newer macOS than the one that it runs on."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Place, Severity, rule


@rule(
    "NPD606",
    Severity.WARNING,
    "a file was built for a newer macOS",
    symptoms=(r"built for macOS (?P<version>[\d.]+) which is newer than running OS",),
)
def newer_macos(case: Case) -> Iterator[Finding]:
    """One finding per distribution, for the file that wants the newest."""
    if not case.dyld:
        return
    from nixpydoctor.loader.images import system_of

    system = system_of(case.process)
    worst: dict[str, tuple[int, int, str]] = {}
    for path in case.extensions:
        slices = case.disk.slices(path)
        for part in slices if isinstance(slices, tuple) else ():
            wants = (part.minos >> 16, part.minos >> 8 & 0xFF)
            dist = case.owner(path)
            known = worst.get(dist.key if dist is not None else path)
            if part.arch == system.cpu and wants > system.version and (known is None or known[:2] < wants):
                worst[dist.key if dist is not None else path] = (*wants, path)
    for path in case.extensions:
        dist = case.owner(path)
        most = worst.get(dist.key if dist is not None else path)
        if most is None or most[2] != path:
            continue
        yield newer_macos.finding(
            path,
            f"{case.title(path)} was built for macOS {most[0]}.{most[1]} and newer; this is {case.facts.platform.name}",
            Place(path, f"names macOS {most[0]}.{most[1]} as the oldest it runs on"),
            dist=dist,
            detail=f"macOS {most[0]}.{most[1]}",
        )
