"""NPD507 names the programs that fail of a variable, and only those."""

from __future__ import annotations

from collections.abc import Mapping

from build import FHS_INTERP, GLIBC, a_glibc, a_library, an_object, facts, fhs_loader
from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, Facts
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.rules.library_path_hurts_children import library_path_hurts_children

PERL = "/usr/bin/perl"


def world(*objects: Elf, env: Mapping[str, str], needs: tuple[str, ...] = ("libcrypt.so.1",)) -> Facts:
    """A store Python beside Debian's perl, which needs a library of Debian's."""
    perl = an_object(PERL, *needs, "libc.so.6", interp=FHS_INTERP, wants=[("libcrypt.so.1", "XCRYPT_2.0")])
    own = a_library("/usr/lib/libcrypt.so.1", "libc.so.6", defines=("XCRYPT_2.0",))
    return facts(objects=[perl, own, *objects], env=env, fhs=fhs_loader(), programs={"perl": PERL})


def found(facts: Facts) -> list[Finding]:
    return list(library_path_hurts_children.check(Case(facts)))


def test_a_program_that_gets_an_older_library_is_named_with_it_and_the_version() -> None:
    old = a_library("/nix/store/a/lib/libcrypt.so.1", "libc.so.6", defines=("GLIBC_2.2.5",))
    (finding,) = found(world(old, env={"LD_LIBRARY_PATH": "/nix/store/a/lib"}))
    assert finding.severity is Severity.WARNING
    assert (finding.subject, finding.detail) == (PERL, "perl")
    assert finding.message == (
        "LD_LIBRARY_PATH keeps perl from starting: /nix/store/a/lib/libcrypt.so.1 does not provide XCRYPT_2.0"
    )
    assert finding.evidence


def test_a_library_whose_own_needs_are_not_met_does_the_same() -> None:
    other = a_library("/nix/store/a/lib/libcrypt.so.1", "libodd.so.1", defines=("XCRYPT_2.0",))
    (finding,) = found(world(other, env={"LD_LIBRARY_PATH": "/nix/store/a/lib"}))
    assert "libcrypt.so.1 needs libodd.so.1, which is not found" in finding.message


def test_a_c_library_of_another_release_does_the_same() -> None:
    (finding,) = found(world(env={"LD_LIBRARY_PATH": f"{GLIBC}/lib"}))
    assert "a part of another C library" in finding.message


def test_the_guilty_variable_is_named() -> None:
    foreign = a_glibc("/nix/store/n", "2.99")
    (finding,) = found(world(*foreign, env={"LD_LIBRARY_PATH": "/empty", "LD_PRELOAD": "/nix/store/n/lib/libc.so.6"}))
    assert finding.message.startswith("LD_PRELOAD keeps perl")


def test_silent_where_the_program_starts_all_the_same() -> None:
    fits = a_library("/nix/store/a/lib/libcrypt.so.1", "libc.so.6", defines=("XCRYPT_2.0", "XCRYPT_2.1"))
    assert not found(world(fits, env={"LD_LIBRARY_PATH": "/nix/store/a/lib"}))


def test_silent_where_it_does_not_start_anyway() -> None:
    assert not found(world(env={"LD_LIBRARY_PATH": "/empty"}, needs=("libgone.so.1",)))


def test_silent_and_nobody_is_asked_for_without_a_variable() -> None:
    facts = world(env={"LD_LIBRARY_PATH": ""})
    assert not found(facts)
    assert facts.disk.recorded().programs == {"perl": PERL}, "only what the maker laid down"
