"""First lines of scripts, as the kernel reads them and as installers write them."""

from __future__ import annotations

import pytest

from nixpydoctor.formats.shebang import limit, looked_up, program, too_long


@pytest.mark.parametrize(
    ("head", "named"),
    [
        ("#!/v/bin/python", "/v/bin/python"),
        ("#! /v/bin/python -u", "/v/bin/python"),
        ("#!\t/v/bin/python\t-u", "/v/bin/python"),
        ("#!/my venv/bin/python", "/my"),
        ("#!/v/bin/python\r", "/v/bin/python\r"),
        ("#!python", "python"),
        ("#!", ""),
        ("#!/bin/sh\n'''exec' '/my venv/bin/python' \"$0\" \"$@\"", "/my venv/bin/python"),
        ('#!/bin/sh\n\'\'\'exec\' "/my venv/bin/python" "$0" "$@"', "/my venv/bin/python"),
        ("#!/bin/sh\n'''exec' /v/bin/python \"$0\" \"$@\"", "/v/bin/python"),
        ('#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")"/\'python\' "$0" "$@"', None),
        ("#!/bin/sh\n'''exec' ", None),
    ],
)
def test_the_program_that_a_script_starts(head: str, named: str | None) -> None:
    assert program(head) == named


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("#!/usr/bin/env python3 -u", "python3 -u"),
        ("#!/usr/bin/env python3", "python3"),
        ("#!/usr/bin/env -S python3 -u", None),
        ("#!/usr/bin/env", None),
        ("#!/bin/sh -e", None),
    ],
)
def test_env_looks_up_all_that_follows_as_one_word(head: str, words: str | None) -> None:
    assert looked_up(head) == words


@pytest.mark.parametrize(("kernel", "bytes_read"), [("6.1.0-13-amd64", 255), ("5.1", 255), ("5.0.21", 127), ("", 255)])
def test_how_much_a_kernel_reads(kernel: str, bytes_read: int) -> None:
    assert limit(kernel) == bytes_read
    exact = f"#!/{'x' * (bytes_read - 3)}"
    assert not too_long(exact, kernel)
    assert too_long(f"{exact}x", kernel)
    assert not too_long(f"#!/bin/python {'x' * 300}", kernel), "a cut argument is no cut path"


def test_bytes_count_and_not_letters() -> None:
    assert too_long(f"#!/{'é' * 127}", "6.1")
