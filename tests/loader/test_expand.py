"""Search paths as text: every sentence of ld.so(8) about tokens and separators that outcome alone does not show."""

from __future__ import annotations

import pytest

from nixpydoctor.loader.expand import HERE, Tokens, folders

TOKENS = Tokens("/opt/x/lib", "lib64", "haswell")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$ORIGIN", "/opt/x/lib"),
        ("${ORIGIN}/../y", "/opt/x/lib/../y"),
        ("/a/$LIB/${PLATFORM}", "/a/lib64/haswell"),
        ("$ORIGINS/$LIB_/$PLATFORM9", "$ORIGINS/$LIB_/$PLATFORM9"),
        ("${ORIGIN}x$LIB", "${ORIGIN}xlib64"),
        ("$$ORIGIN$", "$/opt/x/lib$"),
        ("${LIB", "${LIB"),
        ("$(ORIGIN)", "$(ORIGIN)"),
    ],
)
def test_a_token_ends_where_its_name_cannot_go_on(text: str, expected: str) -> None:
    assert TOKENS.expand(text) == expected


def test_a_token_without_a_value_spoils_its_element_alone() -> None:
    unknown = Tokens("/o", "lib", "")
    assert unknown.expand("/a/$PLATFORM") is None
    assert folders("/a/$PLATFORM:/b", unknown) == ("/b",)


@pytest.mark.parametrize(
    ("text", "separators", "expected"),
    [
        ("/a:/b", ":", ("/a", "/b")),
        ("/a;/b", ":;", ("/a", "/b")),
        ("/a;/b", ":", ("/a;/b",)),
        (":/a", ":", (HERE, "/a")),
        ("/a:", ":", ("/a", HERE)),
        ("/a//:/a:/a/", ":", ("/a",)),
        ("/", ":", ("/",)),
        ("rel/:/a", ":", ("rel", "/a")),
        ("/a/../b", ":", ("/a/../b",)),
    ],
)
def test_elements_are_trimmed_and_named_once(text: str, separators: str, expected: tuple[str, ...]) -> None:
    assert folders(text, TOKENS, separators) == expected
