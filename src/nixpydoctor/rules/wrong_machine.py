"""NPD106: an object was built for another kind of processor than the process that shall load it."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Arch
from nixpydoctor.findings import Finding, Place, Severity, rule
from nixpydoctor.rules.common import severity
from nixpydoctor.rules.dyld import about, refused

_MACHINES = {3: "i386", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86-64", 183: "aarch64",
             243: "riscv", 258: "loongarch"}  # fmt: skip


@rule(
    "NPD106",
    Severity.ERROR,
    "an object was built for another machine",
    symptoms=(
        r"(?P<path>\S+): wrong ELF class: ELFCLASS(?:32|64)",
        r"cannot execute binary file: Exec format error",
        r"incompatible architecture \(have ['(]?[\w,]+",
    ),
)
def wrong_machine(case: Case) -> Iterator[Finding]:
    """One finding per extension whose machine is not that of the Python."""
    if case.dyld:
        yield from _on_a_mac(case)
    own = case.executable
    if own is None:
        return
    for path in case.unloadable:
        found = case.object(path)
        if found is None or found.arch == own.arch:
            continue
        yield wrong_machine.finding(
            path,
            f"{case.title(path)} was built for {_name(found.arch)}, this Python is {_name(own.arch)}",
            Place(path, f"machine {_name(found.arch)}"),
            Place(own.path, f"machine {_name(own.arch)}"),
            dist=case.owner(path),
            severity=severity(case, path),
            breaks=case.breaks(path),
            undecided=case.undecided(path),
            detail=_name(found.arch),
            loads=False,
        )


def _name(arch: Arch) -> str:
    name = _MACHINES.get(arch.machine, f"machine {arch.machine}")
    return f"{name} ({arch.bits} bits, {'little' if arch.little else 'big'} endian)"


def _on_a_mac(case: Case) -> Iterator[Finding]:
    for found in refused(case):
        if "architecture" in found.reason:
            yield about(found, wrong_machine, case, f"{case.title(found.subject)} cannot be loaded: {found.reason}")
