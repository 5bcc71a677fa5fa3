"""NPD401: a program embeds Python, and its process cannot find the libpython that it asks for."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.loader.trace import Resolution
from nixpydoctor.rules.common import hint


@rule(
    "NPD401",
    Severity.ERROR,
    "the libpython of a host cannot be found",
    symptoms=(
        r"(?<!python)(?<!python3)(?<!python3.\d\d): error while loading shared libraries: (?P<soname>libpython3\S*):",
    ),
)
def libpython_not_found(case: Case) -> Iterator[Finding]:
    """The search of whoever asked for it."""
    host = case.facts.main.host
    if host is None or host.library is not None:
        return
    for search in case.image.missing:
        if search.needed == host.needed:
            yield libpython_not_found.finding(
                case.process.executable,
                f"the program cannot start: {_why(case, search)}",
                search,
                detail=search.needed,
                loads=False,
                hint=hint(search.needed),
            )


def _why(case: Case, search: Resolution) -> str:
    """What the search came to: nothing, or a file that no loader takes."""
    if search.invalid is None:
        return f"it needs {search.needed}, which its process cannot find"
    text = case.disk.text(search.invalid.path)
    script = isinstance(text, str) and any(word in text for word in ("GROUP", "INPUT", "OUTPUT_FORMAT"))
    kind = "a text for linkers (a linker script)" if script else f"no library ({search.invalid.reason})"
    return f"what it finds as {search.needed}, {search.invalid.path}, is {kind}"
