"""NPD503 compares PYTHONHOME with what this Python needs to find there."""

from __future__ import annotations

from dataclasses import replace

from a_host import HOST, a_host
from build import STORE_PYTHON, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Elf, Facts, FsPath, Python, Unread, parent
from nixpydoctor.findings import Severity
from nixpydoctor.rules.pythonhome import pythonhome
from nixpydoctor.rules.silent_python import silent_python

OWN = parent(parent(STORE_PYTHON))


def there(path: str) -> Unread:
    """A file that is no object."""
    return Unread(FsPath(path), "invalid ELF header", True)


def world(home: str, *held: Elf | Unread) -> Facts:
    silent = Python(STORE_PYTHON, "3.12.1", silence="it ended with exit code 1", answered=False)
    return facts(objects=held, env={"PYTHONHOME": home}, python=silent)


def test_a_venv_is_no_home() -> None:
    case = Case(world("/home/ada/.venv", there("/home/ada/.venv/pyvenv.cfg")))
    (finding,) = pythonhome.check(case)
    assert finding.detail == "PYTHONHOME"
    assert finding.severity is Severity.ERROR
    assert "a venv" in finding.message
    assert not list(silent_python.check(case)), "the silence has its cause already"


def test_a_home_of_another_minor_is_none() -> None:
    (finding,) = pythonhome.check(Case(world("/opt/py", there("/opt/py/lib/python3.11/encodings/__init__.py"))))
    assert finding.severity is Severity.ERROR


def test_another_builds_home_of_the_same_minor_is_a_note() -> None:
    (finding,) = pythonhome.check(Case(world("/opt/py:/opt/x", there("/opt/py/lib/python3.12/encodings/__init__.py"))))
    assert finding.severity is Severity.NOTE


def test_half_a_home_is_an_error() -> None:
    """Of Python 3.12.1, as it really is: `import struct` fails with the second half wrong."""
    own = [there(f"{OWN}/lib/python3.12/{name}") for name in ("encodings/__init__.py", "lib-dynload/_struct.so")]
    (finding,) = pythonhome.check(Case(world(f"{OWN}:/nowhere", *own)))
    assert finding.severity is Severity.ERROR
    assert "half a standard library" in finding.message
    assert not list(pythonhome.check(Case(world(f"{OWN}:{OWN}", *own))))


def test_the_home_of_a_host_is_its_pythons() -> None:
    """Not a folder around the program: to name the right one is what a host may need."""
    own = there("/opt/python/lib/python3.12/encodings/__init__.py")
    other = there("/opt/other/lib/python3.12/encodings/__init__.py")

    def of_a_host(home: str, held: Unread, *, isolated: bool = False) -> Case:
        host = replace(HOST, isolated=isolated)
        return Case(a_host(host=host, objects=[held], env={"PYTHONHOME": home}))  # type: ignore[list-item]

    assert not list(pythonhome.check(of_a_host("/opt/python", own)))
    (finding,) = pythonhome.check(of_a_host("/opt/other", other))
    assert finding.severity is Severity.NOTE
    (finding,) = pythonhome.check(of_a_host("/opt/none", own))
    assert finding.severity is Severity.ERROR
    assert not list(pythonhome.check(of_a_host("/opt/none", own, isolated=True)))


def test_silent_with_its_own_home_and_without_the_variable() -> None:
    own = there(f"{OWN}/lib/python3.12/encodings/__init__.py")
    assert not list(pythonhome.check(Case(world(f"{OWN}/", own))))
    assert not list(pythonhome.check(Case(facts(objects=[an_object("/x/a.so")]))))
