"""NPD511: LOCALE_ARCHIVE names nothing, so the C library of Nix knows no locale but C."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, in_store
from nixpydoctor.findings import Finding, Place, Severity, rule

_VARIABLES = ("LOCALE_ARCHIVE_2_27", "LOCALE_ARCHIVE")


@rule(
    "NPD511",
    Severity.NOTE,
    "the locale archive that is named does not exist",
    symptoms=(
        r"locale\.Error: unsupported locale setting",
        r"warning: setlocale: LC_\w+: cannot change locale",
        r"perl: warning: Setting locale failed",
    ),
)
def locale_archive_gone(case: Case) -> Iterator[Finding]:
    """Only nixpkgs' glibc reads the variable."""
    loader = case.process.loader
    if loader is None or loader.family != "glibc" or not in_store(loader.real):
        return
    for name in _VARIABLES:
        path = case.process.env.get(name)
        if path and not case.there(FsPath(path)):
            yield locale_archive_gone.finding(
                FsPath(path),
                f"{name}={path} names nothing: this Python knows no locale but C and C.UTF-8",
                Place(FsPath(path), "does not exist"),
                detail=name,
            )
