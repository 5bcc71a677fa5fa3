"""NPD411: a host was built for one Python, and runs with another one, or would be built for another one now."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Configured, FsPath, Host, Python, in_store, parent
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.hosts import host


@rule(
    "NPD411",
    Severity.WARNING,
    "a host was built for another Python than it meets",
    symptoms=(
        r"the configured Python interpreter version \((?P<version>[\d.]+)\) is (?:lower|newer) than PyO3's",
        r"error: (?:failed to run custom build command for `pyo3-ffi|no Python 3.x interpreter found)",
    ),
)
def stale_build(case: Case) -> Iterator[Finding]:
    """With the stable ABI another minor needs no more than to be linked anew: worth knowing, no more."""
    found = host(case)
    if found is None or found[1].minor is None:
        return
    inside, python = found
    if inside.wished is not None and inside.binding == "pyo3":
        yield from _wished(case, inside, python, inside.wished)
    if inside.configured is not None:
        yield from _configured(case, inside, python, inside.configured)


def _wished(case: Case, inside: Host, python: Python, wish: Configured) -> Iterator[Finding]:
    stable = inside.configured is not None and inside.configured.stable
    if wish.by == "PYO3_NO_PYTHON":
        message = "PYO3_NO_PYTHON is set: a build in this shell asks no Python, and links whichever libpython it finds"
        severity = Severity.NOTE
    elif wish.minor is not None and wish.minor != python.minor:
        named = ".".join(map(str, wish.minor))
        message = f"{wish.by} asks for Python {named}, and the program embeds {python.version}: it was not built since"
        severity = Severity.NOTE if stable else Severity.WARNING
    else:
        return
    yield stale_build.finding(
        case.process.executable,
        message,
        Place(wish.python or FsPath(case.process.env.get(wish.by, "")), f"what {wish.by} says"),
        Place(inside.library or case.process.executable, f"Python {python.version}, inside of the program"),
        severity=severity,
        detail=wish.by,
    )


def _configured(case: Case, inside: Host, python: Python, build: Configured) -> Iterator[Finding]:
    """The build folder tells of another minor, or of another build of the same one."""
    if build.minor is None or inside.library is None or inside.needed is None:
        return
    named = ".".join(map(str, build.minor))
    if build.minor != python.minor:
        message = f"the last build beside it was for Python {named}, and the program embeds {python.version}"
        severity = Severity.NOTE if build.stable else Severity.WARNING
    elif build.library_dir and case.disk.real(build.library_dir) != parent(case.disk.real(inside.library)):
        where = "Nix's" if in_store(build.library_dir) else "another"
        message = f"the program was linked with {where} build of Python {named}, and meets {inside.library}"
        severity = Severity.NOTE
    else:
        return
    yield stale_build.finding(
        case.process.executable,
        message,
        Place(build.python or build.library_dir, f"Python {named}, for which it was built"),
        Place(inside.library, f"Python {python.version}, with which it runs"),
        Place(FsPath(build.by), "says so"),
        severity=severity,
        detail="build folder",
    )
