"""NPD508 speaks where the loader has what `find_library` does not see."""

from __future__ import annotations

from build import SITE, a_dist, a_library, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.rules.find_library_blind import find_library_blind
from nixpydoctor.rules.unopenable_library import unopenable_library

CODE = """
from ctypes import cdll
from ctypes.util import find_library
path = find_library("zbar")
if not path:
    raise ImportError("Unable to find zbar shared library")
cdll.LoadLibrary(path)
"""


def world(library_path: str) -> Facts:
    return facts(
        a_dist("pyzbar", "9.9", top_level=("pyzbar",)),
        objects=[a_library("/zbar/lib/libzbar.so.0", "libc.so.6")],
        sources={"pyzbar/__init__.py": CODE},
        env={"LD_LIBRARY_PATH": library_path},
    )


def test_a_library_that_the_loader_has_is_told_here_and_nowhere_else() -> None:
    case = Case(world("/empty:/zbar/lib"))
    (finding,) = find_library_blind.check(case)
    assert (finding.severity, finding.breaks, finding.detail) == (Severity.ERROR, ("pyzbar",), "zbar")
    assert "/zbar/lib/libzbar.so.0" in finding.message
    assert not list(unopenable_library.check(case))


def test_silent_where_the_library_is_nowhere() -> None:
    case = Case(world("/empty"))
    assert not list(find_library_blind.check(case))
    (finding,) = unopenable_library.check(case)
    assert finding.detail == "zbar"
    assert SITE in finding.subject
