"""NPD515: a stub is found where the GPU driver's own library should be."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import leaf, parent
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import is_driver


@rule(
    "NPD515",
    Severity.WARNING,
    "a stub stands in the place of the GPU driver",
    symptoms=(r"CUDA driver is a stub library", r"cudaErrorStubLibrary"),
)
def driver_stub(case: Case) -> Iterator[Finding]:
    """One finding per stub that some extension maps: imports work, and the first call of the driver fails."""
    for path in sorted(case.drawn):
        if "/stubs/" in path and is_driver(leaf(path)):
            yield driver_stub.finding(
                path,
                f"{leaf(path)} is taken from {parent(path)}, where it only serves to link: every call of it fails",
                Place(path, "was found before the driver's own"),
                detail=leaf(path),
                hint="the GPU driver",
            )
