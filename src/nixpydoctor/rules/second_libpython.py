"""NPD407: an extension module brings a second libpython into a process that has a Python already."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, FsPath, leaf
from nixpydoctor.findings import Finding, Severity, rule
from nixpydoctor.loader.trace import Resolution

_ON_A_MAC = r"(?:.*/)?(?:libpython3\.\d+\w*\.dylib|Python3?\.framework/Versions/3\.\d+/Python3?)"
LIBPYTHON = re.compile(r"libpython3(\.\d+)[\w.]*\.so[\d.]*")


@rule(
    "NPD407",
    Severity.WARNING,
    "a second libpython enters the process",
    symptoms=(r"Py(?:Interpreter|Thread)State_Get: the function must be called with the GIL held",),
)
def second_libpython(case: Case) -> Iterator[Finding]:
    """A warning where it is of another minor; of the same one the first answers for both, which is worth knowing."""
    if case.dyld:
        yield from _on_a_mac(case)
        return
    yield from _from_the_start(case)
    own = {obj.identity for obj in case.image.objects if LIBPYTHON.fullmatch(obj.soname or leaf(obj.path))}
    for path in case.extensions:
        extension = case.object(path)
        if extension is None or not any(LIBPYTHON.fullmatch(name) for name in extension.needed if "libpython" in name):
            continue
        for search in case.trace(path).resolutions:
            second = search.found
            if search.requester == path and isinstance(second, Elf) and _is_another(second, own):
                yield second_libpython.finding(
                    path,
                    f"{case.title(path)} brings {second.path} into a process that has a Python already",
                    search,
                    dist=case.owner(path),
                    severity=Severity.WARNING if _other_minor(case, second) else Severity.NOTE,
                    detail=search.needed,
                )


def _from_the_start(case: Case) -> Iterator[Finding]:
    """What the program itself and its libraries bring: two of them before a line of Python runs.

    `libpython3.so`, the stable ABI's, is none: it holds nothing and needs the other.
    """
    found: dict[str, tuple[Elf, Resolution]] = {}
    for search in case.image.resolutions:
        library = search.found
        if isinstance(library, Elf) and (named := LIBPYTHON.fullmatch(library.soname or leaf(library.path))):
            found.setdefault(named[0], (library, search))
    if len(found) > 1:
        paths = ", ".join(library.path for library, _ in found.values())
        yield second_libpython.finding(
            case.process.executable,
            f"the program starts with {len(found)} libpythons: {paths}",
            *(search for _, search in found.values()),
            detail=" ".join(sorted(found)),
        )


def _is_another(found: Elf, own: set[tuple[int, int]]) -> bool:
    return LIBPYTHON.fullmatch(found.soname or leaf(found.path)) is not None and found.identity not in own


def _other_minor(case: Case, found: Elf) -> bool:
    python = case.facts.main.python
    named = LIBPYTHON.fullmatch(found.soname or leaf(FsPath(found.path)))
    if python is None or python.minor is None or named is None:
        return False
    return named[1] != f".{python.minor[1]}"


def _on_a_mac(case: Case) -> Iterator[Finding]:
    """There every image binds to the libpython that it names: with a second one, two Pythons share nothing."""
    mapped = (search.found for search in case.image.resolutions)
    own = {image.identity for image in mapped if image is not None and re.fullmatch(_ON_A_MAC, image.path)}
    for path in case.extensions:
        for search in case.trace(path).resolutions:
            found = search.found
            if search.requester != path or found is None or not re.fullmatch(_ON_A_MAC, search.needed):
                continue
            if found.identity not in own:
                yield second_libpython.finding(
                    path,
                    f"{case.title(path)} brings {found.path} into a process that has a Python already",
                    search,
                    dist=case.owner(path),
                    detail=search.needed,
                )
