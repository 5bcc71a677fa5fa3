"""Which line of a text decides, and what the text tells beside it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import read
from nixpydoctor.symptoms.clues import clues

Z = "libz.so.1: cannot open shared object file: No such file or directory"
C = "libstdc++.so.6: cannot open shared object file: No such file or directory"
HANDLING = "\nDuring handling of the above exception, another exception occurred:\n\n"
CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
START = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n'
MASK = "ImportError: Error importing numpy: you should not try to import numpy from its source directory\n"


def soname(text: str) -> str:
    told = read(text, RULES)
    assert told.decisive is not None
    return told.decisive.said["soname"]


@pytest.mark.parametrize("between", [HANDLING, CAUSE])
def test_the_first_exception_of_a_chain_is_the_cause(between: str) -> None:
    told = read(f"{START}ImportError: {Z}\n{between}{START}{MASK}", RULES)
    assert told.decisive is not None
    assert told.decisive.said["soname"] == "libz.so.1"
    assert (told.link, told.links) == (0, 2)
    assert [sign.message.name for sign in told.masks if sign.message] == ["numpy-source-directory"]


def test_an_optional_module_that_is_missing_first_does_not_hide_the_cause() -> None:
    told = read(f"{START}ModuleNotFoundError: No module named 'simplejson'\n{HANDLING}{START}ImportError: {Z}\n", RULES)
    assert told.decisive is not None
    assert told.decisive.said["soname"] == "libz.so.1"
    assert told.link == 1


def test_a_mask_gives_way_to_a_plainly_missing_module_of_its_chain() -> None:
    told = read(f"{START}ModuleNotFoundError: No module named 'nothing'\n{HANDLING}{START}{MASK}", RULES)
    assert told.decisive is not None
    assert told.decisive.said["module"] == "nothing"


def test_what_a_rule_knows_of_a_line_counts_for_more_than_the_kind_of_its_exception() -> None:
    told = read("ValueError: libz.so.1: cannot open shared object file: No such file or directory", RULES)
    assert told.decisive is not None
    assert [rule.name for rule in told.decisive.rules][:1] == ["missing-library"]
    assert told.decisive.message is None


def test_of_two_failures_the_later_decides_and_the_other_is_told() -> None:
    text = f"{START}ImportError: {C}\ngoing on\n{START}ImportError: {Z}\n"
    assert soname(text) == "libz.so.1"
    assert [sign.said["soname"] for sign in read(text, RULES).others] == ["libstdc++.so.6"]


def test_what_numpy_says_at_the_end_of_its_text_is_found() -> None:
    assert soname(f"IMPORTANT: PLEASE READ THIS FOR ADVICE\n\n\nOriginal error was: {C}\n") == "libstdc++.so.6"


def test_output_of_the_loaders_own_log_is_read() -> None:
    """As with LD_DEBUG=libs."""
    lines = [f"     4242:\tfind library=libz.so.1 [0]; searching\n     4242:\t  trying file=/x/{n}" for n in range(50)]
    assert soname("\n".join([*lines, f"python3: error while loading shared libraries: {Z}"])) == "libz.so.1"


def test_the_loaders_log_alone_tells_what_it_looked_for_last() -> None:
    names = ("libstdc++.so.6", "libz.so.1")
    assert (
        soname("\n".join(f"  42:\tfind library={name} [0]; searching\n  42:\t trying file=/x/{name}" for name in names))
        == names[1]
    )


@pytest.mark.parametrize("separator", ["\n", " "])
def test_a_message_over_two_lines_is_one(separator: str) -> None:
    told = read(f"you should not try to import numpy from{separator}        its source directory", RULES)
    assert told.decisive is not None


def test_clues_are_read_off() -> None:
    text = (
        'File "/app/.venv/lib/python3.12/site-packages/numpy/core/__init__.py", line 23\n'
        'File "/nix/store/aaaa-python3-3.12.8/lib/python3.12/runpy.py", line 1\n'
        '  * The Python version is: Python3.12 from "/app/.venv/bin/python"\n  * The NumPy version is: "1.26.4"\n'
        "  * _multiarray_umath.cpython-311-x86_64-linux-gnu.so\nPYTHONPATH=/nix/store/x/lib\n"
        "/nix/store/bbbb-glibc-2.40-66/lib/libc.so.6\nreturned non-zero exit status 127.\n"
    )
    found = clues(text.split("\n"), 1)
    assert (found.numpy, found.python, found.built, found.exit_code) == ("1.26.4", "3.12", ("3.11",), 127)
    assert found.executables == ("/app/.venv/bin/python",)
    assert found.sites == ("/app/.venv",)
    assert found.roots == ("/nix/store/aaaa-python3-3.12.8",)
    assert found.store == (("python3", "3.12.8"), ("glibc", "2.40-66"))
    assert found.pythonpath == "/nix/store/x/lib"
    assert found.modules == ("numpy",)
    assert found.in_store is True


def test_the_python_that_says_its_version_is_the_one_that_ran() -> None:
    text = (
        'File "/other/lib/python3.11/site-packages/numpy/core.py"\n* The Python version is: Python3.12 from "/x/python"'
    )
    assert clues(text.split("\n"), 1).python == "3.12"


@pytest.mark.parametrize(
    ("path", "in_store"),
    [
        ("/nix/store/aaaa-python3-3.12.8/bin/python3.12", True),
        ("/home/you/.local/share/uv/python/cpython-3.12/bin/python3.12", False),
        ("/usr/bin/python3", False),
        ("/home/you/.venv/bin/python", None),
    ],
)
def test_whose_python_it_is_is_told_by_its_path(path: str, in_store: bool | None) -> None:
    assert clues([path], 1).in_store is in_store


HOSTILE = """
from nixpydoctor.rules import RULES
from nixpydoctor.knowledge.messages import messages
from nixpydoctor.symptoms import read
from nixpydoctor.symptoms.literals import literals
patterns = [*(s for rule in RULES for s in rule.symptoms), *(p for m in messages() for p in m.patterns)]
words = [text for pattern in patterns for text in literals(pattern)]
for filler in ("x" * 300, "a.so" * 100, "'" * 300, " " * 300, "\\n" * 20, "[3" * 150, "\x1b[" * 150, "#" * 300):
    once = filler.join(words)
    for text in (once, filler * 2000, once.replace(" ", ""), (filler + words[0]) * 2000, "\\n".join([filler] * 3000)):
        read(text[:150_000], RULES)
print("done")
"""
CPU = 20
"""Seconds of one core: ten times what it takes, and a tenth of what every place against every other would take."""


def test_no_text_takes_for_ever() -> None:
    """What would make an expression try every place against every other."""
    code = f"import resource\nresource.setrlimit(resource.RLIMIT_CPU, ({CPU}, {CPU}))\n{HOSTILE}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600, check=False)
    assert told.stdout == "done\n", told.stderr
