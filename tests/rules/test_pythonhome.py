"""NPD503 compares PYTHONHOME with what this Python needs to find there."""

from __future__ import annotations

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
    assert finding.severity is Severity.ERROR
    assert "a venv" in finding.message
    assert not list(silent_python.check(case)), "the silence has its cause already"


def test_a_home_of_another_minor_is_none() -> None:
    (finding,) = pythonhome.check(Case(world("/opt/py", there("/opt/py/lib/python3.11/encodings/__init__.py"))))
    assert finding.severity is Severity.ERROR


def test_another_builds_home_of_the_same_minor_is_a_note() -> None:
    (finding,) = pythonhome.check(Case(world("/opt/py:/opt/x", there("/opt/py/lib/python3.12/encodings/__init__.py"))))
    assert finding.severity is Severity.NOTE


def test_silent_with_its_own_home_and_without_the_variable() -> None:
    own = there(f"{OWN}/lib/python3.12/encodings/__init__.py")
    assert not list(pythonhome.check(Case(world(f"{OWN}/", own))))
    assert not list(pythonhome.check(Case(facts(objects=[an_object("/x/a.so")]))))
