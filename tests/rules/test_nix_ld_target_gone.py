"""NPD505 speaks where nix-ld has no loader to start, and then nobody repeats it."""

from __future__ import annotations

from dataclasses import replace

from build import GLIBC, a_glibc, facts, fhs_loader
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, FsPath, Unread
from nixpydoctor.rules.missing_library import missing_library
from nixpydoctor.rules.nix_ld_target_gone import nix_ld_target_gone

GONE = FsPath("/nix/store/gone-glibc/lib/ld-linux-x86-64.so.2")


def world(real: FsPath, *held: Unread, env: dict[str, str] | None = None) -> Facts:
    loader = replace(fhs_loader(), real=real, shim="nix-ld", system_dirs=())
    return facts(objects=held, store=False, loader=loader, env=env or {})


def test_the_variable_that_names_nothing_is_named() -> None:
    case = Case(world(GONE, env={"NIX_LD": GONE, "NIX_LD_LIBRARY_PATH": "/x"}))
    (finding,) = nix_ld_target_gone.check(case)
    assert finding.detail == "/nix/store/gone-glibc/lib/ld-linux-x86-64.so.2"
    assert finding.message == f"Python cannot start: NIX_LD makes nix-ld start {GONE}, which does not exist"
    assert not list(missing_library.check(case))


def test_a_text_is_no_loader_and_a_default_has_no_variable() -> None:
    text = Unread(GONE, "invalid ELF header", True)
    (finding,) = nix_ld_target_gone.check(Case(world(GONE, text)))
    assert finding.message.endswith(f"nix-ld's default makes nix-ld start {GONE}, which is no loader")
    assert text in finding.evidence


def test_silent_where_the_loader_is_there_and_where_there_is_no_shim() -> None:
    assert a_glibc(GLIBC)
    assert not list(nix_ld_target_gone.check(Case(world(FsPath(f"{GLIBC}/lib/ld-linux-x86-64.so.2")))))
    assert not list(nix_ld_target_gone.check(Case(facts())))
