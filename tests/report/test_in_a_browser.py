"""The page in a real Chromium: no script error, no request, both colour schemes, any window, and a keyboard alone."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import CHROMIUM, Browser
from build import facts
from diagnoses import a_broken_environment
from nixpydoctor import packaged, workflow
from nixpydoctor.doctor import Diagnosis
from nixpydoctor.report import as_html

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images" / "report.png"
DRAWN_FROM = b"drawn from"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as started:
        yield started


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of `nixpydoctor demo -f html`."""
    return saved(tmp_path_factory.mktemp("pages with a space, ö"), as_html.render(workflow.demo()))


def saved(folder: Path, html: str) -> Path:
    page = folder / "report.html"
    page.write_text(html, encoding="utf-8")
    return page


def test_the_demo_has_no_error_and_asks_for_nothing(browser: Browser, demo: Path) -> None:
    browser.open(demo)
    assert (browser.complaints, browser.requests) == ([], [demo.as_uri()])


def test_six_hundred_findings_are_less_than_a_megabyte_and_as_quiet(browser: Browser, tmp_path: Path) -> None:
    diagnosis = a_broken_environment(600)
    page = saved(tmp_path, as_html.render(diagnosis))
    assert len(diagnosis.findings) > 600
    assert page.stat().st_size < 1_000_000
    browser.open(page)
    assert (browser.complaints, browser.requests) == ([], [page.as_uri()])
    assert browser.run("document.querySelectorAll('main > details').length") >= 2


@pytest.mark.parametrize(
    "wrong",
    ["<script>nothing.there();</script>", '<img src="http://127.0.0.1:9/x.png">', '<link rel="stylesheet" href="x">'],
)  # fmt: skip
def test_chromium_would_complain(browser: Browser, tmp_path: Path, wrong: str) -> None:
    """Proof that the tests above can fail: a script error, a picture and a style from elsewhere."""
    page = saved(tmp_path, as_html.render(Diagnosis(facts(), ())).replace("</body>", f"{wrong}</body>"))
    browser.open(page)
    assert browser.complaints


def test_the_picture_is_of_the_import_that_the_report_names_first(browser: Browser, demo: Path) -> None:
    browser.open(demo)
    assert browser.run("document.querySelector('.scroll').previousElementSibling.previousElementSibling.innerText") == (
        "What import numpy needs"
    )
    titles = "[...document.querySelectorAll('svg g%s')].map(g => g.querySelector('text').textContent)"
    assert browser.run(titles % ".bad") == ["✗ libstdc++.so.6", "✗ libgcc_s.so.1"]
    boxes = browser.run(titles % "")
    assert boxes[0].startswith("_multiarray_umath.cpython-312")
    assert {"libscipy_openblas64_-4b78795a.so", "libm.so.6", "libc.so.6"} <= set(boxes)
    assert browser.run("document.querySelectorAll('svg path.link.bad').length") == 2


def test_no_text_leaves_its_box(browser: Browser, demo: Path) -> None:
    browser.open(demo)
    room = "text => text.parentNode.querySelector('rect').getBBox().width - text.getBBox().width"
    assert browser.run(f"Math.min(...[...document.querySelectorAll('svg g text')].map({room}))") > 0


def test_every_step_of_a_search_is_told(browser: Browser, demo: Path) -> None:
    browser.open(demo)
    steps = browser.run("[...document.querySelectorAll('details[open] table')[0].rows].map(row => row.innerText)")
    told = [step.split("\t") for step in steps]
    assert [step[0] for step in told] == [
        "step", "RPATH", "LD_LIBRARY_PATH", "ld.so.cache", "system directory", "system directory", "system directory",
    ]  # fmt: skip
    assert [step[2] for step in told if step[0] in ("RPATH", "system directory")] == ["absent"] * 4


@pytest.mark.parametrize("dark", [False, True])
def test_both_colour_schemes_can_be_read(browser: Browser, demo: Path, dark: bool) -> None:
    """Each colour of a text against the paper: at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    browser.see(1100, 1500, dark=dark)
    browser.open(demo)
    script = """(() => {
      const light = color => color.match(/[\\d.]+/g).slice(0, 3).map(Number).map(value => value / 255)
        .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
      const paper = light(getComputedStyle(document.body).backgroundColor);
      const texts = [...document.querySelectorAll('h1 span, h2, dt, dd, td, th, summary, .level, p, pre, button')];
      const ratios = texts.map(one => light(getComputedStyle(one).color))
        .map(ink => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
      return [paper, Math.min(...ratios)];
    })()"""
    paper, contrast = browser.run(script)
    assert (paper < 0.1) is dark
    assert contrast >= 4.5


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_the_page_fits_into_any_window(browser: Browser, demo: Path, width: int) -> None:
    """Only the picture and the code scroll, each in its own frame."""
    browser.see(width, 900)
    browser.open(demo)
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_a_keyboard_reaches_and_opens_everything(browser: Browser, demo: Path) -> None:
    """Tab goes to each summary, button, link and scrolling frame that is seen; Enter opens what is closed."""
    browser.see(1100, 1500)
    browser.open(demo)
    wanted = "[...document.querySelectorAll('summary, button, a, .scroll, pre')].filter(one => one.checkVisibility())"
    number = browser.run(f"(window.wanted = {wanted}).length")
    reached = set()
    for _ in range(number):
        browser.press("Tab")
        reached.add(browser.run("window.wanted.indexOf(document.activeElement)"))
    assert reached == set(range(number))
    closed = "document.querySelector('details:not([open]) > summary')"
    browser.run(f"(window.folded = {closed}).focus()")
    browser.press("Enter")
    assert browser.run("window.folded.parentNode.open") is True
    assert browser.run("getComputedStyle(window.folded).outlineStyle") == "solid"


@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_button_copies_what_stands_beside_it(browser: Browser, demo: Path, key: str) -> None:
    """Pressed with a key; what is in the clipboard then is the code, letter by letter."""
    browser.open(demo)
    browser.ask("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    browser.run("document.querySelector('.copied button').focus()")
    browser.press(key)
    said = browser.run("new Promise(done => setTimeout(() => done(document.activeElement.textContent), 100))")
    assert said == "Copied"
    copied = browser.run("navigator.clipboard.readText()")
    assert copied == browser.run("document.querySelector('.copied pre').textContent")
    assert copied.startswith("{ pkgs ? import <nixpkgs> { } }:\npkgs.mkShell {\n")


def test_the_picture_in_the_documents(browser: Browser, demo: Path, update_golden: bool) -> None:
    """Drawn by this browser with `--update-golden`; it remembers the page's form that it was drawn from."""
    form = hashlib.sha256(packaged.text("report/page.html").encode()).hexdigest().encode()
    browser.see(1100, 1500)
    browser.open(demo)
    drawn = browser.picture()
    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">II", drawn[16:24]) == (1100, 1500)
    if update_golden:
        PICTURE.write_bytes(with_text(drawn, DRAWN_FROM, form))
    told = f"{PICTURE.name} is older than page.html: pytest {Path(__file__).name} --update-golden draws it"
    assert DRAWN_FROM + b"\0" + form in PICTURE.read_bytes(), told


def with_text(png: bytes, key: bytes, text: bytes) -> bytes:
    """A PNG with a `tEXt` chunk behind its header (PNG specification, 11.3.3.2)."""
    body = b"tEXt" + key + b"\0" + text
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:33] + chunk + png[33:]
