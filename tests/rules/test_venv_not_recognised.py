"""NPD312 speaks where the venv's own command is a Python that says that it is somewhere else."""

from __future__ import annotations

from build import STORE_PYTHON, SUFFIXES, a_library, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Python, Venv, parent
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.venv_not_recognised import venv_not_recognised

ROOT = FsPath("/home/ada/app/.venv")
BASE = parent(parent(STORE_PYTHON))


def said(prefix: FsPath, *, asked: bool = True, installed: bool = True, cfg: FsPath | None = None) -> list[Finding]:
    venv = Venv(ROOT, parent(STORE_PYTHON), "3.12.1", "venv", False, base=STORE_PYTHON)
    python = Python(FsPath(f"{ROOT}/bin/python"), "3.12.1", suffixes=SUFFIXES, prefix=prefix, base_prefix=BASE)
    python = python if asked else replace(python, basis="read")
    files = [a_library(f"{ROOT}/lib/python3.12/site-packages/six.py")] if installed else []
    disk = Disk.closed(files, texts={FsPath(f"{cfg}/pyvenv.cfg"): "home = /x"} if cfg else {})
    return list(venv_not_recognised.check(Case(replace(facts(venv=venv, python=python), disk=disk))))


def test_a_python_that_names_its_base_ignores_the_venv() -> None:
    (finding,) = said(BASE)
    assert finding.detail == "prefix"
    assert finding.severity is Severity.ERROR
    assert finding.breaks == ("six",)
    assert BASE in finding.message


def test_an_empty_venv_is_a_warning() -> None:
    (finding,) = said(BASE, installed=False)
    assert finding.severity is Severity.WARNING


def test_silent_where_it_knows_the_venv_by_whatever_name() -> None:
    assert said(ROOT) == []
    assert said(FsPath("/mnt/app/.venv"), cfg=FsPath("/mnt/app/.venv")) == []


def test_silent_where_nobody_asked_it() -> None:
    assert said(BASE, asked=False) == []
