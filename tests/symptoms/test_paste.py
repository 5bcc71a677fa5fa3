"""A paste becomes the lines that were printed."""

from __future__ import annotations

import textwrap

import pytest

from nixpydoctor.symptoms.paste import bare, mended, plain

LONG = "python3: error while loading shared libraries: libpython3.12.so.1.0: cannot open shared object file"


@pytest.mark.parametrize(
    ("pasted", "lines"),
    [
        ("\x1b[1;31mred\x1b[0m\x1b[K", ["red"]),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", ["link"]),
        ("[31mred[0m", ["red"]),
        ("^[[1mbold^[[0m", ["bold"]),
        (r"\x1b[31mred\x1b[0m", ["red"]),
        ("50%\r100%\r\ndone", ["50%", "100%", "done"]),
        ('{"m": "one\\ntwo"}', ['{"m": "one', 'two"}']),
        ("it&#39;s &lt;x&gt;", ["it's <x>"]),
        ("‘x’ “y”", ["'x' \"y\""]),
        ("a\x00b\u200bc", ["abc"]),
        ("\ufefftext  ", ["text"]),
        ("x\x08y", ["y"]),
        ("[x] array[m]", ["[x] array[m]"]),
    ],
)
def test_what_is_no_text_goes(pasted: str, lines: list[str]) -> None:
    assert plain(pasted) == lines


@pytest.mark.parametrize(
    "prefix",
    [
        "2026-11-21T03:00:00.123Z ", "2026-11-21 03:00:00,123 ", "[2026-11-21 03:00:00] ", "[03:00:00] ", "03:00:00 ",
        "[   12.345678] ", "Nov 21 03:00:00 host app[42]: ", "web-1  | ", "#12 3.456 ", "stderr F ", "ERROR: ",
        "[ERROR] ", "ERROR:root: ", "##[error]", "E   ", "> ", "       > ", "2026-11-21T03:00:00Z stderr F ",
        "web-1  | 2026-11-21 03:00:00 ERROR ", "│ ",
    ],
)  # fmt: skip
def test_what_a_log_put_in_front_goes(prefix: str) -> None:
    assert bare(f"{prefix}ImportError: x") == "ImportError: x"


@pytest.mark.parametrize("line", ["ImportError: x", '  File "x.py", line 1', "Traceback (most recent call last):", ""])
def test_a_line_without_a_prefix_stays(line: str) -> None:
    assert bare(line) == line


@pytest.mark.parametrize("width", [40, 60, 72, 80])
def test_a_line_that_a_terminal_broke_is_whole_in_one_reading(width: int) -> None:
    broken = [LONG[start : start + width].rstrip() for start in range(0, len(LONG), width)]
    assert any(LONG in reading for reading in mended(["before", *broken, "", "after"]))


def test_lines_that_begin_something_are_never_joined() -> None:
    lines = ['  File "/a/long/path/to/some/module/that/is/the/widest.py", line 1', "ImportError: x"]
    assert all("ImportError: x" in reading for reading in [lines, *mended(lines)])


def test_a_log_is_not_mended() -> None:
    assert mended(["x" * 60] * 3000) == []
    assert mended(["x" * 500, "y"]) == []


@pytest.mark.parametrize(
    "line",
    [
        "OSError: [Errno 30] Read-only file system: '/nix/store/q657nzxcl2i8w3nw0sdw7awgk2z84yp7-python3-3.12/x.py'",
        "ImportError: cannot import name 'crc_of_two' from 'labtally' (/nix/store/p8k6-python3.12-labtally-1.0/x.py)",
        "bash: /home/you/a/rather/long/path/to/some/project/.venv/bin/python3: cannot execute: required file not found",
        "x.so: version `GLIBC_2.38' not found (required by /home/you/a/long/path/to/site-packages/foo/_core.so)",
    ],
)
@pytest.mark.parametrize("width", [60, 72])
@pytest.mark.parametrize("hyphens", [True, False])
def test_a_line_that_a_mailer_broke_is_whole_in_one_reading(line: str, width: int, hyphens: bool) -> None:
    broken = textwrap.wrap(line, width, break_on_hyphens=hyphens)
    full = "=" * width
    assert any(line in reading for reading in mended([full, "", *broken, "", "after"]))
