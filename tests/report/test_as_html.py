"""The page for a browser: what it says, and that nothing in it becomes markup. A browser judges it elsewhere."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

from build import SITE, a_dist, facts
from diagnoses import a_diagnosis, a_missing
from nixpydoctor import workflow
from nixpydoctor.doctor import Diagnosis, diagnose
from nixpydoctor.facts import Choice
from nixpydoctor.report import as_html
from test_worlds import NUMPY, story


@cache
def demo() -> Diagnosis:
    """What `nixpydoctor demo` shows."""
    return workflow.demo()


@cache
def demo_page() -> str:
    return as_html.render(demo())


class Page(HTMLParser):
    """Every tag with its attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_says_what_the_other_reports_say() -> None:
    """Verdict, causes, each step of the search, remedies, refusals."""
    text = Page(demo_page()).text
    assert "10 errors, 146 notes" in text
    for said in (
        "libstdc++.so.6: a needed shared library cannot be found",
        "import cv2, numpy",
        "stdenv.cc.cc.lib",
        "pkgs.mkShell {",
        "cures all 10 errors",
        "nix-ld",
        "system directory",
        "Where libz.so.1 was",
    ):
        assert said in text, said


def test_the_picture_shows_what_is_missing_in_red() -> None:
    page = Page(demo_page())
    groups = [attrs["class"] for tag, attrs in page.tags if tag == "g"]
    assert "box bad" in groups
    assert "box" in groups
    assert any(tag == "path" and attrs.get("class") == "link bad" for tag, attrs in page.tags)


def test_a_healthy_python_is_told_so() -> None:
    page = Page(as_html.render(Diagnosis(facts(), ())))
    assert "nothing is wrong" in page.text
    assert "What would help" not in page.text


def test_both_worlds_of_a_program_stand_on_the_page() -> None:
    told = diagnose(story(user_site=False))
    page = Page(as_html.render(told))
    assert "Inside of the program, and in the shell" in page.text
    assert f"numpy: inside not found; shell {NUMPY}" in page.text
    assert "Inside of the program" not in Page(demo_page()).text


def test_names_of_strangers_stay_text() -> None:
    """In a path, a distribution, a message, a remedy's instructions, and where the page's own marks might be forged."""
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>@BODY@\x1b[31m\u202e"
    dist = replace(a_dist(), name=evil, version=evil)
    finding = a_missing(f"{SITE}/{evil}.so", evil, dist=dist, breaks=(evil,), message=evil, hint=evil)
    world = replace(facts(dist), choice=Choice(f"/srv/{evil}", "venv", evil))
    diagnosis = a_diagnosis(finding, world=world, instructions=f"Do `{evil}` **{evil}**\n\n```\n{evil}\n```\n# {evil}")
    html = as_html.render(diagnosis)
    page = Page(html)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert "\x1b" not in html
    assert "\u202e" not in html


def test_nothing_is_loaded_from_anywhere() -> None:
    """The page's policy forbids it, and no attribute asks for it."""
    page = Page(demo_page())
    policies = [attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert (policies[0] or "").startswith("default-src 'none'")
    assert not any("src" in attrs or tag == "link" for tag, attrs in page.tags)


def test_what_a_facts_file_does_not_hold_is_not_drawn() -> None:
    """The rest of the page is there."""
    diagnosis = demo()
    closed = replace(diagnosis.facts, disk=type(diagnosis.facts.disk).closed({}))
    html = as_html.render(replace(diagnosis, facts=closed))
    assert "What is wrong" in html
