"""The Python inside of a program and the shell's, side by side: compared, told to people, told to machines."""

from __future__ import annotations

import json
from dataclasses import replace

from jsonschema import Draft202012Validator

from a_host import a_host
from build import SITE, a_dist
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Choice, Facts, FsPath, PathEntry
from nixpydoctor.report import as_json, as_text
from nixpydoctor.report.view import View
from nixpydoctor.worlds import compare

USER = FsPath("/home/ada/.local/lib/python3.12/site-packages")
NUMPY, PYPHI = FsPath(f"{SITE}/numpy/__init__.py"), FsPath(f"{USER}/pyphi/__init__.py")


def story(*, user_site: bool = True) -> Facts:
    """The shell sees numpy and pyphi; the program sees only what its own path leads to."""
    told = a_host(beside=[a_dist("numpy"), replace(a_dist("pyphi"), location=USER)])
    disk = Disk.closed(texts={NUMPY: "", PYPHI: ""})
    assert told.main.python is not None
    assert told.beside is not None
    assert told.beside.python is not None
    both = (PathEntry(SITE, "nix"), PathEntry(USER, "user"))
    inside = replace(told.main.python, path=both[1:] if user_site else ())
    shell = replace(told.beside.python, path=both)
    return replace(
        told,
        main=replace(told.main, python=inside),
        beside=replace(told.beside, python=shell),
        disk=disk,
        choice=Choice("/home/ada/app", "host", "it was named"),
    )


def test_names_that_only_the_shell_has_come_first() -> None:
    facts = story(user_site=False)
    assert facts.beside is not None
    worlds = compare(facts.main, facts.beside, facts.disk)
    assert worlds is not None
    assert [(pick.name, pick.inside, pick.shell) for pick in worlds.picks] == [
        ("numpy", None, NUMPY),
        ("pyphi", None, PYPHI),
    ]
    assert [entry.path for entry in worlds.only_shell] == [SITE, USER]
    assert not worlds.only_inside


def test_a_name_that_both_take_from_one_place_is_no_difference() -> None:
    facts = story()
    assert facts.beside is not None
    worlds = compare(facts.main, facts.beside, facts.disk)
    assert worlds is not None
    assert [pick.name for pick in worlds.picks] == ["numpy"]


def test_the_same_folders_in_another_order_are_said() -> None:
    facts = story()
    assert facts.beside is not None
    assert facts.main.python is not None
    turned = replace(facts.main.python, path=(PathEntry(USER, "user"), PathEntry(SITE, "nix")))
    worlds = compare(replace(facts.main, python=turned), facts.beside, facts.disk)
    assert worlds is not None
    assert worlds.reordered
    assert not worlds.only_inside + worlds.only_shell


def test_people_see_both() -> None:
    text = as_text.render(diagnose(story(user_site=False)), View(width=200))
    assert "Two worlds: the Python inside of the program, and this shell's" in text
    assert f"numpy: inside not found; shell {NUMPY}" in text


def test_where_both_see_the_same_one_line_says_so() -> None:
    facts = story()
    assert facts.beside is not None
    same = replace(facts, main=replace(facts.main, python=facts.beside.python))
    assert "this shell's Python, which sees the same" in as_text.render(diagnose(same), View(width=200))


def test_machines_see_both() -> None:
    plain = json.loads(as_json.render(diagnose(story(user_site=False))))
    Draft202012Validator(as_json.schema()).validate(plain)
    assert plain["worlds"]["imports"][0] == {"name": "numpy", "inside": None, "shell": NUMPY}
    assert plain["target"]["kind"] == "host"
