"""NPD307 speaks of a project that has no venv and a Python that pip cannot install into."""

from __future__ import annotations

from build import FHS_PYTHON, STORE_PYTHON, SUFFIXES, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Project, Python, Venv, parent
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.externally_managed import externally_managed

PROJECT = Project(FsPath("/home/ada/app"), ("pyproject.toml",))
VENV = Venv(FsPath("/home/ada/app/.venv"), None, None, "uv", False)


def said(
    command: FsPath, *, marker: bool = False, project: Project | None = PROJECT, venv: Venv | None = None
) -> list[Finding]:
    prefix = parent(parent(command))
    python = Python(command, "3.12.1", suffixes=SUFFIXES, prefix=prefix, base_prefix=prefix)
    texts = {FsPath(f"{prefix}/lib/python3.12/EXTERNALLY-MANAGED"): "[externally-managed]\n"} if marker else {}
    told = facts(python=python, project=project, venv=venv)
    return list(externally_managed.check(Case(replace(told, disk=Disk.closed(texts=texts)))))


def test_the_store_takes_no_packages_from_pip() -> None:
    (finding,) = said(STORE_PYTHON)
    assert finding.detail == "managed"
    assert finding.severity is Severity.NOTE
    assert "has no venv" in finding.message


def test_the_mark_of_a_distribution_is_respected() -> None:
    assert len(said(FsPath("/usr/bin/python3"), marker=True)) == 1


def test_silent_for_a_python_of_ones_own_and_in_a_venv_and_without_a_project() -> None:
    assert said(FHS_PYTHON) == []
    assert said(STORE_PYTHON, venv=VENV) == []
    assert said(STORE_PYTHON, project=None) == []
