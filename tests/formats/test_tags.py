"""Tags of wheels: whatever `packaging` admits is usable, and what it refuses for its Python or system is not."""

from __future__ import annotations

import pytest
from packaging.tags import Tag, compatible_tags, cpython_tags

from nixpydoctor.formats.tags import usable

PLATFORMS = ["manylinux_2_17_x86_64", "manylinux2014_x86_64", "linux_x86_64"]


def admitted(minor: tuple[int, int]) -> set[Tag]:
    interpreter = f"cp{minor[0]}{minor[1]}"
    return {*cpython_tags(minor, platforms=PLATFORMS), *compatible_tags(minor, interpreter, PLATFORMS)}


@pytest.mark.parametrize("minor", [(3, 8), (3, 12), (3, 14)])
def test_every_tag_that_packaging_admits_is_usable(minor: tuple[int, int]) -> None:
    assert [str(tag) for tag in admitted(minor) if not usable(str(tag), minor, "x86_64")] == []


@pytest.mark.parametrize("minor", [(3, 8), (3, 12)])
def test_what_packaging_refuses_for_another_minor_is_not_usable(minor: tuple[int, int]) -> None:
    later = (minor[0], minor[1] + 1)
    wrong = [tag for tag in admitted(later) - admitted(minor) if usable(str(tag), minor, "x86_64")]
    assert wrong == []


@pytest.mark.parametrize("text", ["", "py3", "a-b-c-d", "-", "--"])
def test_what_is_no_tag_is_left_alone(text: str) -> None:
    assert usable(text, (3, 12), "x86_64")
