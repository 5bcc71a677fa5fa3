"""What the head of a report says of a program that embeds Python, and of a process."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, LIBPYTHON, a_host
from nixpydoctor.facts import Facts, FsPath, Host, Running
from nixpydoctor.report.header import rows


def said(facts: Facts, label: str = "python") -> str:
    return dict(rows(facts)).get(label, "")


def of(host: Host, version: str = "3.12") -> str:
    return said(a_host(host=host, version=version))


def test_a_plain_host() -> None:
    assert of(HOST) == f"3.12, embedded through {LIBPYTHON} (its paths are predicted)"


def test_what_is_not_known_is_said() -> None:
    assert "it starts isolated" in of(replace(HOST, isolated=True))
    assert "what it tells Py_SetPath, Py_SetPythonHome is not known" in of(
        replace(HOST, sets=("Py_SetPath", "Py_SetPythonHome"))
    )
    assert "2 lines of .pth files run code and are not followed" in of(replace(HOST, runs=(("/a.pth", "x"),) * 2))


def test_rules_that_were_not_measured_are_said_to_be_so() -> None:
    """Python 3.14 was read, not run."""
    assert "not measured" in of(HOST, "3.14")
    assert "not measured" not in of(HOST, "3.13")


def test_a_process_is_named_with_what_it_has_mapped() -> None:
    facts = a_host()
    running = Running(7, (FsPath("/a"), FsPath("/b")), (FsPath("/gone.so"),))
    assert said(facts, "process") == ""
    told = said(replace(facts, main=replace(facts.main, running=running)), "process")
    assert told == "7, 2 files mapped, /gone.so not there any more"
