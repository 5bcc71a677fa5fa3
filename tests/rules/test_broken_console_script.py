"""NPD306 speaks of a script's first line: a program that is gone, that nobody can read, or that is another Python."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from build import STORE_PYTHON, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Venv, parent
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.rules.broken_console_script import broken_console_script

ROOT = FsPath("/home/ada/app/.venv")
OTHER = "/home/ada/.pyenv/versions/3.11.7/bin/python3.11"


def said(head: str, *, kernel: str = "6.1", base_exists: bool = True, scripts: int = 1) -> list[Finding]:
    heads = {FsPath(f"{ROOT}/bin/tool{number}"): head for number in range(scripts)}
    venv = Venv(ROOT, parent(STORE_PYTHON), "3.12.1", "venv", False, base=STORE_PYTHON, base_exists=base_exists,
                scripts=heads)  # fmt: skip
    told = facts(venv=venv)
    there = [an_object(path) for path in ("/usr/bin/env", "/bin/sh", OTHER, f"{ROOT}/bin/python", STORE_PYTHON)]
    world = replace(told, disk=Disk.closed(there), platform=replace(told.platform, kernel=kernel))
    return list(broken_console_script.check(Case(world)))


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("#!/nix/store/gone/bin/python3.12", "names /nix/store/gone/bin/python3.12, which does not exist"),
        (f"#!{ROOT}/bin/python3.11", "python3.11, which does not exist"),
        (f"#!{ROOT}/bin/python\r", "python\r, which does not exist"),
        ("#!python", "names python, which does not exist"),
        ("#!/usr/bin/env python3 -u", "got no -S"),
        (f"#!{ROOT}/{'x' * 255}/bin/python", "more than 255 bytes"),
    ],
)
def test_what_cannot_start_is_an_error(head: str, why: str) -> None:
    (finding,) = said(head)
    assert finding.severity is Severity.ERROR
    assert not finding.loads
    assert re.search(why, finding.message)


def test_an_older_kernel_reads_less() -> None:
    head = f"#!{ROOT}/{'x' * 150}/bin/python"
    assert "127 bytes" in said(head, kernel="4.19.0")[0].message


def test_another_python_is_a_note() -> None:
    (finding,) = said(f"#!{OTHER}")
    assert finding.detail == "python3.11"
    assert finding.severity is Severity.NOTE
    assert OTHER in finding.message


def test_a_missing_program_that_is_no_python_is_a_note() -> None:
    (finding,) = said("#!/bin/ksh")
    assert finding.severity is Severity.NOTE


def test_scripts_that_fail_alike_are_one_finding() -> None:
    (finding,) = said("#!/gone/python3", scripts=7)
    assert finding.message.startswith("7 scripts (tool0, tool1, tool2, tool3, …) cannot start")


@pytest.mark.parametrize(
    "head",
    [f"#!{ROOT}/bin/python", "#!/usr/bin/env python3", "#!/bin/sh", f"#!{STORE_PYTHON}", "#!/usr/bin/env -S a b"],
)
def test_silent_where_the_program_is_there(head: str) -> None:
    assert said(head) == []


def test_silent_where_the_whole_base_is_gone() -> None:
    assert said("#!/nix/store/gone/bin/python3.12", base_exists=False) == []
