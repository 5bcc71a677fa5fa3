"""NPD102 speaks where code opens a library by name that the process cannot find."""

from __future__ import annotations

from build import GLIBC, SITE, a_dist, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.rules.unopenable_library import unopenable_library

STDLIB = a_dist("python", "3.12.1", extensions=[f"{GLIBC}/dynload/_ctypes.cpython-312-x86_64-linux-gnu.so"])


def opening(text: str, env: dict[str, str] | None = None) -> Facts:
    return facts(
        STDLIB,
        a_dist("sounds", "1.0", top_level=("sounds",)),
        objects=[
            an_object(f"{GLIBC}/dynload/_ctypes.cpython-312-x86_64-linux-gnu.so", "libc.so.6"),
            an_object(f"{SITE}/sounds/_x.abi3.so", "libc.so.6"),
            a_library("/audio/lib/libportaudio.so.2", "libc.so.6"),
        ],
        sources={"sounds/__init__.py": text},
        env=env,
    )


CODE = "import ctypes\nlib = ctypes.CDLL('libportaudio.so.2')\n"


def test_an_import_that_opens_a_missing_library_is_an_error() -> None:
    (finding,) = unopenable_library.check(Case(opening(CODE)))
    assert finding.severity is Severity.ERROR
    assert (finding.detail, finding.breaks, finding.hint) == ("libportaudio.so.2", ("sounds",), "portaudio")
    assert finding.message == "sounds 1.0 opens libportaudio.so.2 by name, and this process cannot find it"


def test_silent_where_the_variable_supplies_it() -> None:
    assert not list(unopenable_library.check(Case(opening(CODE, {"LD_LIBRARY_PATH": "/audio/lib"}))))


def test_silent_where_the_code_survives_without_it() -> None:
    guarded = "import ctypes\ntry:\n    lib = ctypes.CDLL('libportaudio.so.2')\nexcept OSError:\n    lib = None\n"
    assert [f for f in unopenable_library.check(Case(opening(guarded))) if f.severity > Severity.NOTE] == []
