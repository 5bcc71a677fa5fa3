"""Words find what they are about."""

from __future__ import annotations

import pytest

from nixpydoctor.explain.pages import Page, pages
from nixpydoctor.explain.words import topics

KNOWN = tuple(pages())


def best(*words: str) -> str:
    found = topics(words, KNOWN)
    if not found:
        return ""
    about = found[0].about
    return about.names[-1] if isinstance(about, Page) else about.name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("source directory", "error"), "numpy-source-directory"),
        (("what", "does", "externally", "managed", "mean"), "externally-managed"),
        (("segfault",), "segmentation-fault"),
        (("moved", "venv"), "moved-venv"),
        (("bundled library gone",), "bundled-library-gone"),
        (("qt", "plugin"), "qt-platform-plugin"),
        (("user namespaces",), "user-namespaces"),
        (("shell",), "dev-shell"),
        (("docker",), "container"),
    ],
)
def test_words_find_a_topic(words: tuple[str, ...], name: str) -> None:
    assert best(*words) == name


@pytest.mark.parametrize(
    "words", [("the", "error"), ("xyzzy",), ("missing", "xyzzy"), ("",), tuple("abcdefghijklmnop")]
)
def test_words_that_mean_nothing_find_nothing(words: tuple[str, ...]) -> None:
    assert best(*words) == ""
