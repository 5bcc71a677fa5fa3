"""NPD309: a distribution came from a wheel whose tags this Python does not take."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.formats.tags import usable


@rule(
    "NPD309",
    Severity.NOTE,
    "a wheel for another Python or platform is installed",
    symptoms=(r"(?P<file>\S+\.whl) is not a supported wheel on this platform",),
)
def unusable_tags(case: Case) -> Iterator[Finding]:
    """Only of what has no compiled module: of those NPD202 and NPD106 say more."""
    python = case.facts.main.python
    if python is None or python.minor is None or (python.implementation, python.platform) != ("cpython", "linux"):
        return
    for dist in case.facts.main.dists:
        if (
            dist.tags
            and not dist.extensions
            and not dist.foreign
            and not any(usable(tag, python.minor, python.machine) for tag in dist.tags)
        ):
            yield unusable_tags.finding(
                dist.location,
                f"{dist.name} {dist.version} came from a wheel for {dist.tags[0]}, which this Python would not install",
                dist,
                dist=dist,
                detail=f"{dist.key} {dist.tags[0]}",
            )
