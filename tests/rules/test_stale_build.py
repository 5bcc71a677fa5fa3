"""NPD411 speaks where a build's traces, or PyO3's variables, name another Python than the program embeds."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, a_host
from nixpydoctor.case import Case
from nixpydoctor.facts import Configured, FsPath
from nixpydoctor.findings import Finding, Severity
from nixpydoctor.rules.stale_build import stale_build

FILE = "/home/ada/app/target/release/build/pyo3-ffi-1/output"
OWN = Configured(FILE, FsPath("/opt/python/bin/python3"), (3, 12), library_dir=FsPath("/opt/python/lib"))


def found(configured: Configured | None = None, wished: Configured | None = None) -> list[Finding]:
    host = replace(HOST, binding="pyo3", configured=configured, wished=wished)
    return list(stale_build.check(Case(a_host(host=host))))


def test_a_variable_asks_for_another_minor() -> None:
    (finding,) = found(wished=Configured("PYO3_PYTHON", FsPath("/opt/py/bin/python3"), (3, 13)))
    assert finding.severity is Severity.WARNING
    assert "PYO3_PYTHON asks for Python 3.13, and the program embeds 3.12" in finding.message


def test_with_the_stable_abi_another_minor_is_a_note() -> None:
    (finding,) = found(replace(OWN, stable=True), Configured("PYO3_CONFIG_FILE", minor=(3, 13)))
    assert finding.severity is Severity.NOTE
    (finding,) = found(replace(OWN, stable=True, minor=(3, 10)))
    assert finding.severity is Severity.NOTE


def test_no_python_is_asked() -> None:
    (finding,) = found(wished=Configured("PYO3_NO_PYTHON"))
    assert finding.severity is Severity.NOTE
    assert finding.detail == "PYO3_NO_PYTHON"


def test_the_build_folder_was_for_another_minor() -> None:
    (finding,) = found(replace(OWN, minor=(3, 11)))
    assert finding.severity is Severity.WARNING
    assert FILE in {place.path for place in finding.evidence}  # type: ignore[union-attr]


def test_another_build_of_the_same_minor_is_worth_knowing() -> None:
    (finding,) = found(replace(OWN, library_dir=FsPath("/usr/lib/x86_64-linux-gnu")))
    assert finding.severity is Severity.NOTE
    assert "meets /opt/python/lib/libpython3.12.so.1.0" in finding.message


def test_silent_where_all_agree() -> None:
    assert not found(OWN)
    assert not found(OWN, Configured("PYO3_PYTHON", FsPath("/opt/python/bin/python3"), (3, 12)))
    assert not found(OWN, Configured("PYO3_PYTHON", FsPath("/gone")))
    assert not found()
