"""What edits make of the facts: the same as `fix --apply` makes of the disk, without the disk."""

from __future__ import annotations

import pytest

from build import SITE, a_dist, an_object, facts
from nixpydoctor.facts import FsPath, Project, Venv
from nixpydoctor.treatments import SetSearchPath, WriteText, edited, ground

EXT = FsPath(f"{SITE}/a.so")


def test_a_search_path_is_set_and_the_other_tag_stays() -> None:
    world = facts(a_dist(extensions=["a.so"]), objects=[an_object(EXT, rpath="/old")])
    after = edited(world, [SetSearchPath(EXT, "rpath", ("/old", "/new")), SetSearchPath(EXT, "runpath", ("/other",))])
    (obj,) = after.disk.objects(EXT) or ()  # type: ignore[misc]
    assert (obj.rpath, obj.runpath) == ("/old:/new", "/other")
    assert world.disk.objects(EXT) != (obj,)


def test_a_text_is_written() -> None:
    after = edited(facts(), [WriteText(FsPath("/home/ada/app/.envrc"), "use nix\n")])
    assert after.disk.text(FsPath("/home/ada/app/.envrc")) == "use nix\n"


def test_what_is_no_object_has_no_search_path() -> None:
    with pytest.raises(LookupError, match="no object"):
        edited(facts(), [SetSearchPath(EXT, "rpath", ("/new",))])


def test_the_ground_is_the_venv_else_the_project_else_nothing() -> None:
    venv = Venv(FsPath("/v"), None, None, "venv", False)
    project = Project(FsPath("/p"))
    assert ground(facts(venv=venv, project=project)) == "/v"
    assert ground(facts(project=project)) == "/p"
    assert ground(facts()) is None
