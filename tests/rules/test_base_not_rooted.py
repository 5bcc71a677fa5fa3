"""NPD303 speaks where the venv needs a store path that no root keeps."""

from __future__ import annotations

from build import STORE_PYTHON, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Venv, parent, store_path
from nixpydoctor.findings import Finding, Place, Severity
from nixpydoctor.rules.base_not_rooted import base_not_rooted

HELD = store_path(STORE_PYTHON)


def said(held: FsPath | None, roots: tuple[FsPath, ...] | None, hidden: int = 0) -> list[Finding]:
    venv = Venv(FsPath("/home/ada/app/.venv"), parent(STORE_PYTHON), "3.12.1", "venv", False, base=STORE_PYTHON,
                held=held, roots=roots, hidden_roots=hidden)  # fmt: skip
    return list(base_not_rooted.check(Case(facts(venv=venv))))


def test_without_a_root_it_works_until_the_next_collection() -> None:
    (finding,) = said(HELD, ())
    assert finding.detail == "1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1"
    assert finding.severity is Severity.WARNING
    assert "until nix-collect-garbage" in finding.message


def test_what_could_not_be_found_out_is_a_note() -> None:
    (finding,) = said(HELD, None)
    assert finding.severity is Severity.NOTE
    assert "could not be found out" in finding.message


def test_silent_where_a_root_keeps_it() -> None:
    assert said(HELD, (FsPath("/nix/var/nix/profiles/system-1-link"),)) == []


def test_silent_where_nothing_of_it_is_in_the_store() -> None:
    assert said(None, None) == []


def test_roots_of_others_are_counted_and_not_relied_on() -> None:
    (finding,) = said(HELD, (), 3)
    assert finding.severity is Severity.WARNING
    assert isinstance(finding.evidence[0], Place)
    assert finding.evidence[0].says.endswith("cannot be looked at: 3")
