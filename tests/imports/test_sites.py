"""What the lines of .pth files do, whatever they look like."""

from __future__ import annotations

import pytest

from build import SITE
from nixpydoctor.disk import Disk
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.imports.hooks import Hooks
from nixpydoctor.imports.sites import has_pth, lines, minor_of, pth_files
from paths import world

IMPORTED = {
    "import one": ("one",),
    "import one, two.three; one.go()": ("one", "two.three"),
    "import one as other; import two": ("one", "two"),
    "import sys; from package.part import name": ("sys", "package.part"),
    "import os; enabled and __import__('_distutils_hack').add_shim();": ("os", "_distutils_hack"),
    "import sys; print('import this')": ("sys",),
}


def a_site(**texts: str) -> Disk:
    return Disk.closed(texts={FsPath(f"{SITE}/{name}.pth"): text for name, text in texts.items()})


@pytest.mark.parametrize(("line", "modules"), IMPORTED.items())
def test_what_a_line_of_code_imports(line: str, modules: tuple[str, ...]) -> None:
    (found,) = lines(SITE, a_site(a=line))
    assert (found.kind, found.imports) == ("code", modules)


def test_paths_are_relative_to_the_folder_and_comments_are_none() -> None:
    found = list(lines(SITE, a_site(b="../x\n# y\n\n  \n", a="\ufeff/abs  \r\nimportant\n")))
    above = SITE.rpartition("/")[0]
    assert [line.adds for line in found] == ["/abs", f"{SITE}/important", f"{above}/x"]
    assert [line.number for line in found] == [1, 2, 1]


def test_hidden_files_are_passed_over() -> None:
    disk = a_site(**{".hidden": "/x", "seen": "/y"})
    assert pth_files(SITE, disk) == (f"{SITE}/seen.pth",)
    assert not has_pth(FsPath("/nowhere"), disk)


def test_a_file_that_cannot_be_read_adds_nothing() -> None:
    disk = Disk.closed([Unread(FsPath(f"{SITE}/a.pth"), "Permission denied", False)])
    assert list(lines(SITE, disk)) == []


def test_a_line_without_end_is_looked_at_and_no_longer_than_it_takes() -> None:
    """A pattern that tried every way to cut a line of a megabyte would not come back in a lifetime."""
    (found,) = lines(SITE, a_site(a="import a " + "a " * 500_000 + "("))
    assert found.imports == ("a",)


@pytest.mark.parametrize("text", ["MAPPING = {", "MAPPING = 1\n", "MAPPING = {'a': 1, 2: '/x'}\nNAMESPACES = []\n",
                                  "install(", "install(*x)\n", "(" * 100_000, "x = '\\d'\n", "\0"])  # fmt: skip
def test_a_finder_that_makes_no_sense_serves_nothing_that_can_be_found(text: str) -> None:
    texts = {f"{SITE}/a.pth": "import __editable___a_finder\n", f"{SITE}/__editable___a_finder.py": text}
    facts = world(texts=texts)
    hooks = Hooks(facts.main.python, facts.disk)
    assert not {
        name for name, served in {**hooks.first, **hooks.last}.items() if name.isidentifier() and served.portions
    }


@pytest.mark.parametrize(
    ("path", "minor"),
    [
        ("/x/lib/python3.11/site-packages", (3, 11)),
        ("/x/lib/python3.13t/site-packages", (3, 13)),
        ("/usr/lib/python3/dist-packages", None),
        ("/x/lib/python3.11", None),
        ("/x/python3.11/site-packages/more", None),
    ],
)
def test_whose_packages_a_folder_holds(path: str, minor: tuple[int, int] | None) -> None:
    assert minor_of(path) == minor
