"""Text from a machine, made fit for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixpydoctor.report.words import argument, count, escape, fitted, plain_signs, short, wrapped

STORED = "/nix/store/9xfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x/bin/python"


@given(st.text(alphabet=st.characters()))
def test_nothing_unprintable_is_left(text: str) -> None:
    """Surrogates, controls, format characters and separators included."""
    assert escape(text).isprintable()


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_what_people_write_stays(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize(
    ("raw", "seen"),
    [("a\nb", r"a\nb"), ("\x1b[31m", r"\x1b[31m"), ("\udcff", r"\xff"), ("\ud800", r"\ud800"), ("\u202e", r"\u202e"),
     ("\x9b", r"\x9b"), ("\U000e0001", r"\U000e0001"), ("größe [bold]", "größe [bold]")],
)  # fmt: skip
def test_each_is_written_out_so_that_it_can_be_recognised(raw: str, seen: str) -> None:
    assert escape(raw) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("/home/ada", "~"),
        ("/home/ada/x", "~/x"),
        ("/home/adam/x", "/home/adam/x"),
        ("/mnt/home/ada/x", "/mnt/home/ada/x"),
        ("a:/home/ada/x:/home/ada", "a:~/x:~"),
        ("(/home/ada/x)", "(~/x)"),
        ("/nix/store/9xfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-glibc-2.40/lib", "/nix/store/9xfa…-glibc-2.40/lib"),
        ("/nix/store/short-name", "/nix/store/short-name"),
        ("/nix/store/.links/x", "/nix/store/.links/x"),
    ],
)
def test_home_and_store_hashes_are_shortened_where_they_are_whole(text: str, seen: str) -> None:
    assert short(text, "/home/ada") == seen


def test_a_home_that_is_the_root_shortens_nothing() -> None:
    assert short("/usr/lib", "/") == "/usr/lib"


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/home/ada/app/.venv", "~/app/.venv"),
        ("/home/ada/my app/.venv", "'/home/ada/my app/.venv'"),
        (STORED, STORED),
        ("/srv/it's", "'/srv/it'\"'\"'s'"),
        ("/srv/a\nb", r"'/srv/a\nb'"),
    ],
)  # fmt: skip
def test_a_path_in_a_command_is_what_a_shell_takes(path: str, word: str) -> None:
    assert argument(path, "/home/ada") == word


def test_a_list_that_does_not_fit_says_how_much_is_left() -> None:
    names = ["alpha", "beta", "gamma", "delta"]
    assert fitted(names, 100) == "alpha, beta, gamma, delta"
    assert fitted(names, 20) == "alpha, beta, +2 more"
    assert fitted(names, 1) == "alpha, +3 more"
    assert fitted([], 10) == ""


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=9), min_size=1), st.integers(20, 60))
def test_a_fitted_list_fits_and_accounts_for_every_item(names: list[str], width: int) -> None:
    text = fitted(names, width)
    assert len(text) <= width or text.count(",") <= 1
    shown = [part for part in text.split(", ") if not part.startswith("+")]
    more = int(text.rpartition("+")[2].removesuffix(" more")) if text.endswith(" more") else 0
    assert shown == names[: len(shown)]
    assert len(shown) + more == len(names)


@given(st.lists(st.text(alphabet="ab/", min_size=1, max_size=30)), st.integers(10, 40))
def test_wrapping_loses_and_breaks_no_word(words: list[str], width: int) -> None:
    lines = wrapped(words, width, "> ", "  ")
    assert [word for line in lines for word in line[2:].split()] == words
    assert all(len(line) <= width or len(line[2:].split()) == 1 for line in lines)


def test_numbers_agree_with_their_nouns() -> None:
    assert [count(number, "cause") for number in (0, 1, 2)] == ["0 causes", "1 cause", "2 causes"]


def test_an_ascii_terminal_gets_ascii_signs() -> None:
    assert plain_signs("a… · b → c").isascii()
