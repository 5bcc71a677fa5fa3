"""The link graph in three languages."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from nixpydoctor.facts import FsPath
from nixpydoctor.report import as_tree
from nixpydoctor.report.links import Link, Links
from nixpydoctor.report.picture import MOST, draw
from nixpydoctor.report.view import View

EXTENSION, ONE, TWO = FsPath("/site/a.so"), FsPath("/lib/libone.so.1"), FsPath("/lib/libtwo.so.2")
GRAPH = Links(
    ((EXTENSION, ""),),
    (
        Link("libone.so.1", EXTENSION, ONE, "RUNPATH", 0),
        Link("libtwo.so.2", EXTENSION, TWO, "ld.so.cache", 1),
        Link("libtwo.so.2", ONE, TWO, "already loaded", 0),
        Link("libgone.so", TWO, None, "not found", 3),
    ),
)
EVIL = FsPath('/site/"]\n<b>\x1b[31m.so')


def test_a_tree_is_indented_and_repeats_nothing() -> None:
    assert as_tree.text(GRAPH, View()).splitlines() == [
        "/site/a.so",
        "  libone.so.1  RUNPATH: /lib",
        "      libtwo.so.2  already loaded: /lib",
        "          ✗ libgone.so  not found, 3 places searched",
        "  libtwo.so.2  ld.so.cache: /lib (see above)",
        "",
        "4 links, 1 missing: libgone.so",
    ]


def test_an_object_that_cannot_be_used_says_why() -> None:
    said = as_tree.text(Links(((EXTENSION, "file too short"),), ()), View())
    assert said.splitlines()[0] == "/site/a.so  file too short"


def test_a_circle_ends() -> None:
    circle = Links(((ONE, ""),), (Link("two", ONE, TWO, "", 0), Link("one", TWO, ONE, "", 0)))
    assert "(see above)" in as_tree.text(circle, View())


def test_dot_names_every_object_and_arrow() -> None:
    said = as_tree.dot(GRAPH)
    assert said.count(" -> ") == 4
    assert 'label="libgone.so", tooltip="libgone.so", color=red' in said
    evil = as_tree.dot(Links(((EVIL, ""),), ()))
    assert '\\"]' in evil
    assert "\x1b" not in evil


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs dot")
@pytest.mark.parametrize("graph", [GRAPH, Links(((EVIL, ""),), ())])
def test_graphviz_draws_what_is_said_in_dot(graph: Links) -> None:
    drawn = subprocess.run(["dot", "-Tsvg"], input=as_tree.dot(graph), capture_output=True, text=True, check=False)
    assert (drawn.returncode, drawn.stderr) == (0, "")


def test_mermaid_marks_what_is_missing() -> None:
    said = as_tree.mermaid(GRAPH)
    assert 'n3["libgone.so"]:::missing' in said
    assert said.count("-->") == 4
    evil = as_tree.mermaid(Links(((EVIL, ""),), ()))
    assert len(evil.splitlines()) == 3
    assert "<b>" not in evil


@pytest.mark.parametrize("many", [3, 500])
def test_a_picture_keeps_what_is_missing(many: int) -> None:
    """However many links there are, the one that leads nowhere is drawn."""
    links = [Link(f"lib{n}.so", EXTENSION, FsPath(f"/lib/lib{n}.so"), "RUNPATH", 0) for n in range(many)]
    last = FsPath(f"/lib/lib{many - 1}.so")
    drawn = draw(Links(((EXTENSION, ""),), (*links, Link("libgone.so", last, None, "not found", 1))), None)
    assert "✗ libgone.so" in drawn.svg
    assert drawn.svg.count("<rect") == min(many + 2, MOST)
    assert drawn.objects == max(0, many + 2 - MOST)


def test_a_picture_leaves_out_arrows_that_no_eye_can_follow_and_says_how_many() -> None:
    """Twenty objects that all need each other, and one of them something that is missing."""
    paths = [FsPath(f"/lib/lib{n}.so") for n in range(20)]
    tangle = [Link(f"lib{n}.so", one, other, "RUNPATH", 0) for one in paths for n, other in enumerate(paths)]
    first = Link("lib0.so", EXTENSION, paths[0], "RUNPATH", 0)
    gone = Link("libgone.so", paths[7], None, "not found", 1)
    drawn = draw(Links(((EXTENSION, ""),), (first, *tangle, gone)), None)
    arrows = drawn.svg.count("marker-end=")
    assert arrows + drawn.links == len(tangle) + 2
    assert 20 < arrows < 100
    assert drawn.objects == 0
    assert drawn.svg.count('class="link bad"') == 1
