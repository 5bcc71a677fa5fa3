"""Tells from /proc/cpuinfo what a glibc loader makes of this CPU: glibc-hwcaps folders, `$PLATFORM` and legacy bits.

Levels as in the x86-64 psABI, section 3.1.1; the platform as in glibc's sysdeps/x86/cpu-features.c, which names one for
Intel's CPUs only. Flags are the kernel's names for the same features.
"""

from __future__ import annotations

import os

from nixpydoctor.light import dataclass

X86_64 = 62
I386 = 3
_NAMES = {I386: "i686", X86_64: "x86_64", 183: "aarch64", 243: "riscv64"}
"""What the kernel of each e_machine calls it (AT_PLATFORM; riscv64 has none, and `uname -m` stands for it)."""

LEVELS = (
    ("x86-64-v2", frozenset({"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"})),
    ("x86-64-v3", frozenset({"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"})),
    ("x86-64-v4", frozenset({"avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"})),
)
"""Each level includes the ones before it."""

_HASWELL = frozenset({"abm", "avx2", "bmi1", "bmi2", "fma", "movbe", "popcnt"})
_XEON_PHI = frozenset({"avx512cd", "avx512er", "avx512pf"})
_AVX512_1 = frozenset({"avx512cd", "avx512bw", "avx512dq", "avx512vl"})


@dataclass(frozen=True, slots=True)
class Cpu:
    """What the kernel says of the first processor."""

    vendor: str = ""
    flags: frozenset[str] = frozenset()


def read_cpu() -> Cpu:
    """The first processor of /proc/cpuinfo; an empty one where that cannot be read."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            lines = [line.partition(":") for line in file.read(1 << 14).partition("\n\n")[0].splitlines()]
    except OSError:
        return Cpu()
    said = {key.strip(): value.strip() for key, _, value in lines}
    return Cpu(said.get("vendor_id", ""), frozenset(said.get("flags", "").split()))


def hwcaps(cpu: Cpu, machine: int) -> tuple[str, ...]:
    """The glibc-hwcaps folders that are searched, best first. `machine` is the loader's e_machine."""
    if machine != X86_64:
        return ()
    active: list[str] = []
    for level, needed in LEVELS:
        if not needed <= cpu.flags:
            break
        active.insert(0, level)
    return tuple(active)


def platform(cpu: Cpu, machine: int) -> str:
    """The value of `$PLATFORM`: the CPU's name where glibc has one for it, else the kernel's (AT_PLATFORM)."""
    if machine == X86_64 and cpu.vendor == "GenuineIntel":
        if cpu.flags >= _XEON_PHI:
            return "xeon_phi"
        if cpu.flags >= _HASWELL:
            return "haswell"
    return _NAMES.get(machine) or os.uname().machine


def legacy_bits(cpu: Cpu, machine: int) -> int:
    """`dl_hwcap & dl_hwcap_important` of a glibc before 2.37."""
    if machine == I386:
        return 1 if "sse2" in cpu.flags else 0
    if machine != X86_64:
        return 0
    avx512 = cpu.vendor == "GenuineIntel" and cpu.flags >= _AVX512_1 and "avx512er" not in cpu.flags
    return 6 if avx512 else 2
