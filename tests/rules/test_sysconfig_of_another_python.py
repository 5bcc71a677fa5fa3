"""NPD512 speaks where variables of a build describe another Python than this one."""

from __future__ import annotations

from build import SITE, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.findings import Severity
from nixpydoctor.rules.sysconfig_of_another_python import sysconfig_of_another_python

NAME = "_sysconfigdata__linux_x86_64-linux-gnu"
HELD = Unread(FsPath(f"{SITE}/{NAME}.py"), "invalid ELF header", True)


def test_a_data_module_that_this_python_lacks() -> None:
    (finding,) = sysconfig_of_another_python.check(Case(facts(env={"_PYTHON_SYSCONFIGDATA_NAME": NAME})))
    assert (finding.severity, finding.detail) == (Severity.WARNING, "_PYTHON_SYSCONFIGDATA_NAME")
    assert "names a module that this Python does not have" in finding.message


def test_a_platform_of_another_machine() -> None:
    (finding,) = sysconfig_of_another_python.check(Case(facts(env={"_PYTHON_HOST_PLATFORM": "linux-aarch64"})))
    assert finding.detail == "_PYTHON_HOST_PLATFORM"
    assert "wheels for linux-aarch64, and this Python is x86_64" in finding.message


def test_silent_for_the_python_that_they_describe() -> None:
    env = {"_PYTHON_SYSCONFIGDATA_NAME": NAME, "_PYTHON_HOST_PLATFORM": "linux-x86_64"}
    assert not list(sysconfig_of_another_python.check(Case(facts(objects=[HELD], env=env))))
    assert not list(sysconfig_of_another_python.check(Case(facts())))
