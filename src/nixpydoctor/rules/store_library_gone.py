"""NPD601: an image of macOS names a library of the Nix store that is not there any more."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf, store_path
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.rules.common import severity
from nixpydoctor.rules.dyld import SCRUBBED, STORE, failed, taken_and_left

_SUPPLIERS = {"gfortran": "gfortran.cc.lib", "libiconv": "libiconv", "openblas": "openblas", "libcxx": "libcxx"}


@rule(
    "NPD601",
    Severity.ERROR,
    "a library of the Nix store is gone",
    symptoms=(r"Library not loaded: '?(?P<soname>/nix/store/(?!e{32})[^\s']+)",),
)
def store_library_gone(case: Case) -> Iterator[Finding]:
    """One finding per image and lost path: dyld opens the path that is written there and searches nowhere else."""
    for path, search in failed(case):
        name = search.needed
        if not name.startswith(STORE) or name.startswith(SCRUBBED) or taken_and_left(search) is not None:
            continue
        lost = store_path(FsPath(name)) or FsPath(name)
        starts = path != case.process.executable
        yield store_library_gone.finding(
            path,
            f"{case.title(path)} needs {leaf(FsPath(name))} of {lost}, which is not in this store",
            search,
            dist=case.owner(path),
            severity=severity(case, path) if starts else Severity.ERROR,
            breaks=case.breaks(path),
            undecided=case.undecided(path),
            detail=name,
            loads=False,
            hint=_supplier(lost),
        )


def _supplier(lost: FsPath) -> str:
    """The nixpkgs attribute whose store path bears that name, where it is known."""
    name = leaf(lost).partition("-")[2]
    return next((attr for stem, attr in _SUPPLIERS.items() if name.startswith(f"{stem}-")), "")
