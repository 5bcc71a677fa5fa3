"""NPD609: on macOS, a store path that compiled files name is protected by nothing from garbage collection."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule


@rule(
    "NPD609",
    Severity.WARNING,
    "nothing protects a library of a venv from garbage collection",
    symptoms=(r"deleting '(?P<path>/nix/store/[^']*(?:gfortran|openblas|libiconv|libcxx|libomp)[^']*)'",),
)
def library_not_rooted(case: Case) -> Iterator[Finding]:
    """Works until `nix-collect-garbage`; a note where it could not be found out. One finding per store path."""
    venv = case.facts.main.venv
    for path, sure in case.facts.unrooted.items() if case.dyld else ():
        if venv is not None and path == venv.held:
            continue  # NPD303 speaks of it
        asker = _who_names(case, path)
        if asker is None:
            continue
        says = f"needs {path}, which no root is known to keep"
        message = f"whether anything protects {path} from garbage collection could not be found out"
        if sure:
            message = f"{case.title(asker)} works until nix-collect-garbage: no root of yours protects {path}"
            says = f"needs {path}, and neither a profile nor a result link leads to it or to what refers to it"
        yield library_not_rooted.finding(
            asker,
            message,
            Place(asker, says),
            dist=case.owner(asker),
            severity=Severity.WARNING if sure else Severity.NOTE,
            detail=leaf(path),
        )


def _who_names(case: Case, stored: FsPath) -> FsPath | None:
    """The first image outside of the store that names a file of this store path."""
    for path in (path for dist in case.facts.main.dists for path in (*dist.extensions, *dist.libraries)):
        slices = case.disk.slices(path)
        for part in slices if isinstance(slices, tuple) else ():
            if any(f"{name}/".startswith(f"{stored}/") for name in (*part.rpaths, *(n.name for n in part.needed))):
                return path
    return None
