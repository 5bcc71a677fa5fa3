"""NPD304 speaks where what is installed lies in the folder of another minor version."""

from __future__ import annotations

from build import FHS_PYTHON, a_library, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Venv, parent
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.light import replace
from nixpydoctor.rules.pyvenv_cfg_disagrees import pyvenv_cfg_disagrees

ROOT = FsPath("/home/ada/app/.venv")


def said(*files: str, version: str | None = "3.11.7", home_exists: bool = True) -> list[Finding]:
    """What is said of a venv with these files below its lib folder, whose Python is 3.12.1."""
    venv = Venv(ROOT, parent(FHS_PYTHON), version, "venv", False, base=FHS_PYTHON, home_exists=home_exists)
    disk = Disk.closed([a_library(f"{ROOT}/lib/{path}") for path in files])
    return list(pyvenv_cfg_disagrees.check(Case(replace(facts(store=False, venv=venv), disk=disk))))


def test_what_is_installed_for_another_minor_cannot_be_imported() -> None:
    (finding,) = said("python3.11/site-packages/numpy/x.so", "python3.11/site-packages/six.py")
    assert finding.detail == "3.11, not 3.12"
    assert finding.severity is Severity.ERROR
    assert finding.breaks == ("numpy", "six")
    assert "for Python 3.11, and bin/python is 3.12.1" in finding.message


def test_a_home_that_is_gone_is_a_note() -> None:
    (finding,) = said("python3.12/site-packages/six.py", version="3.12.1", home_exists=False)
    assert finding.severity is Severity.NOTE


def test_silent_where_only_pip_is_left_behind() -> None:
    assert said("python3.11/site-packages/pip/x.py", "python3.11/site-packages/pip-24.dist-info/METADATA") == []


def test_silent_where_it_was_filled_again_for_this_minor() -> None:
    assert said("python3.11/site-packages/six.py", "python3.12/site-packages/six.py") == []


def test_silent_where_the_patch_level_changed() -> None:
    assert said("python3.12/site-packages/six.py", version="3.12.8") == []
