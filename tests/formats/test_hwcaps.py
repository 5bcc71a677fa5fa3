"""Subfolders of old loaders, against the order in which one of them printed what it tried."""

from __future__ import annotations

from nixpydoctor.formats.hwcaps import legacy_subfolders

PRINTED_BY_2_36 = (
    "tls/haswell/avx512_1/x86_64",
    "tls/haswell/avx512_1",
    "tls/haswell/x86_64",
    "tls/haswell",
    "tls/avx512_1/x86_64",
    "tls/avx512_1",
    "tls/x86_64",
    "tls",
    "haswell/avx512_1/x86_64",
    "haswell/avx512_1",
    "haswell/x86_64",
    "haswell",
    "avx512_1/x86_64",
    "avx512_1",
    "x86_64",
)


def test_every_combination_comes_largest_first() -> None:
    assert legacy_subfolders("haswell", 62, 0b110) == PRINTED_BY_2_36


def test_a_machine_without_named_capabilities_has_tls_and_its_platform() -> None:
    assert legacy_subfolders("aarch64", 183, 0b111) == ("tls/aarch64", "tls", "aarch64")
    assert legacy_subfolders("", 183, 0) == ("tls",)
