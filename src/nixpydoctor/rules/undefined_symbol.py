"""NPD111: a symbol that an extension needs is defined nowhere in its process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import severity


@rule(
    "NPD111",
    Severity.ERROR,
    "a symbol that an object needs is defined nowhere",
    symptoms=(
        r"(?P<path>(?!\S*/lib(c|m|pthread|dl|rt)\.so)[^\s:]+): undefined symbol: (?P<symbol>[^\s,]+)(?!.*_PRIVATE)",
    ),
)
def undefined_symbol(case: Case) -> Iterator[Finding]:
    """One finding per object that is opened; the symbol that the loader stops at is named."""
    for lacking, symbol in case.closures.unbound_at_start[:1]:
        yield undefined_symbol.finding(
            case.process.executable,
            f"Python cannot start: {leaf(lacking)} wants {symbol}, which nothing in the process defines",
            Place(lacking, f"wants {symbol}"),
            detail=symbol,
            loads=False,
        )
    for path in case.unloadable:
        unbound = case.unbound(path)
        if not unbound:
            continue
        lacking, symbol = unbound[0]
        via = "" if lacking == path else f" (wanted by {leaf(lacking)})"
        having = case.defining(symbol)
        yield undefined_symbol.finding(
            path,
            f"{case.title(path)} wants {symbol}, which {_nobody(having)}{via}",
            Place(lacking, _wants([name for where, name in unbound if where == lacking])),
            *(Place(other, f"defines {symbol}: it helps if opened before, for all") for other in having),
            dist=case.owner(path),
            severity=severity(case, path),
            breaks=case.breaks(path),
            undecided=case.undecided(path),
            detail=symbol,
            loads=False,
        )


def _nobody(having: Sequence[FsPath]) -> str:
    return "none of the libraries that it loads defines" if having else "nothing in this environment defines"


def _wants(names: Sequence[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"wants {names[0]}{more}"
