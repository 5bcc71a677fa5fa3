"""Names the subfolders that a glibc before 2.37 looks through besides glibc-hwcaps.

Each search folder was tried with every combination of `tls`, the platform and the capabilities that the CPU has, the
largest combination first (`_dl_important_hwcaps` in glibc's elf/dl-hwcaps.c, up to 2.36).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CAPABILITIES: Mapping[int, tuple[str, ...]] = {
    62: ("sse2", "x86_64", "avx512_1"),
    3: ("sse2", "x86_64", "avx512_1"),
}
"""e_machine → the folder name of each bit of `dl_hwcap`. Elsewhere the bits have no names, or too many to combine."""


def legacy_subfolders(platform: str, machine: int, hwcap: int) -> tuple[str, ...]:
    """Subfolders below each search folder, in the order tried, without a slash at either end.

    `hwcap` is `dl_hwcap` masked by `dl_hwcap_important`, both as `ld.so --list-diagnostics` prints them.
    """
    names = [name for bit, name in enumerate(CAPABILITIES.get(machine, ())) if hwcap >> bit & 1]
    if platform:
        names.append(platform)
    return _combinations([*names, "tls"])


def _combinations(names: Sequence[str]) -> tuple[str, ...]:
    """Every non-empty choice, as binary numbers from all bits down to one, the last name being the highest bit."""
    return tuple(
        "/".join(names[bit] for bit in reversed(range(len(names))) if number >> bit & 1)
        for number in range((1 << len(names)) - 1, 0, -1)
    )
