"""NPD305 speaks of a copied program whose library stayed in the store."""

from __future__ import annotations

from build import STORE_PYTHON, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Venv, parent, store_path
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.copied_interpreter import copied_interpreter

ROOT = FsPath("/home/ada/app/.venv")
COPY = FsPath(f"{ROOT}/bin/python")


HELD = store_path(STORE_PYTHON)


def said(executable: FsPath, *links: FsPath, held: FsPath | None = HELD) -> list[Finding]:
    venv = Venv(ROOT, parent(STORE_PYTHON), "3.12.1", "venv", False, base=executable, links=links, held=held)
    told = facts(venv=venv)
    process = replace(told.main.process, executable=executable)
    return list(copied_interpreter.check(Case(replace(told, main=replace(told.main, process=process)))))


def test_a_copy_still_needs_the_store_path() -> None:
    (finding,) = said(COPY)
    assert finding.detail == "copy"
    assert finding.severity is Severity.NOTE
    assert str(store_path(STORE_PYTHON)) in finding.message


def test_silent_for_a_link_and_outside_of_the_store() -> None:
    assert said(STORE_PYTHON, STORE_PYTHON) == []
    assert said(COPY, held=None) == []


def test_silent_where_a_wrapper_stands_in_its_place() -> None:
    assert said(STORE_PYTHON) == []
