"""What dyld of every macOS says is understood: in whole, cut to its first line, and indented by whoever passed it on.

The forms are those of dyld's source by release (mach_o/Header.cpp, dyld/Loader.cpp, DyldAPIs.cpp), macOS 11 to 26.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from nixpydoctor.explain.answer import explain
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import Told, read

UUID = "<5F6C4A1B-0000-3000-8000-000000000000>"

FORMS = [
    (form["text"], form["message"], form["names"], form["rule"])
    for form in tomllib.loads(Path(__file__).with_name("dyld.toml").read_text(encoding="utf-8"))["form"]
]
"""(text, message that is recognised, what it names, rule that is thought of first); empty where there is none."""


def seen(text: str) -> tuple[str, str, str]:
    """The name of the message, what it says, and the first rule."""
    told: Told = read(text.replace("<U>", UUID), RULES)
    assert told.decisive is not None, text
    message = told.decisive.message
    said = next(
        (told.decisive.said[key] for key in ("soname", "path", "symbol", "have") if key in told.decisive.said), ""
    )
    causes = explain(told, RULES).causes
    return message.name if message is not None else "", said, causes[0].rule.id if causes else ""


@pytest.mark.parametrize(("text", "name", "said", "rule"), FORMS)
def test_every_form_is_understood(text: str, name: str, said: str, rule: str) -> None:
    assert seen(text) == (name, said, rule)


@pytest.mark.parametrize(("text", "name", "said", "rule"), [form for form in FORMS if not form[0].startswith(" ")])
def test_an_indented_form_says_the_same(text: str, name: str, said: str, rule: str) -> None:
    """As pip and pytest print the output of a child."""
    for margin in ("      ", "E   ", "  | "):
        assert seen("\n".join(margin + line for line in text.splitlines())) == (name, said, rule)


@pytest.mark.parametrize(("text", "name", "said", "rule"), [form for form in FORMS if "Library not loaded" in form[0]])
def test_the_first_line_alone_is_enough(text: str, name: str, said: str, rule: str) -> None:
    """Reports are cut; the name of the library is in the first line."""
    (line,) = [line for line in text.splitlines() if "Library not loaded" in line]
    assert seen(line) == (name, said, rule)


def test_the_reason_counts_where_the_library_is_there() -> None:
    """What is wrong with the file that was found says more than that a library was not loaded."""
    text = f"Library not loaded: @rpath/b.dylib\n  Referenced from: {UUID} /app/x.so\n  Reason: tried: '/app/b.dylib' "
    assert seen(f"{text}(mach-o file, but is an incompatible architecture (have 'x86_64'))")[2] == "NPD106"
    assert seen(f"{text}(code signature invalid in {UUID} '/app/b.dylib' (errno=1))")[2] == "NPD604"
    assert seen(f"{text}(duplicate LC_RPATH '@loader_path')")[2] == "NPD605"
    assert seen(f"{text}(no such file)")[2] == "NPD101"
