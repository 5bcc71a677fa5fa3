"""What a person sees: one screen, grouped by cause, readable anywhere, forged by nobody."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from build import GLIBC, SITE, a_dist, an_object, facts
from diagnoses import (
    a_broken_environment,
    a_diagnosis,
    a_missing,
    a_search,
    a_trial,
    unread_file,
)
from nixpydoctor.doctor import Diagnosis, Refusal
from nixpydoctor.facts import FsPath, Python, Unread
from nixpydoctor.findings import Severity
from nixpydoctor.loader.trace import Attempt, How, Resolution, Verdict
from nixpydoctor.remedies.gc_root import gc_root
from nixpydoctor.remedies.nix_ld import nix_ld
from nixpydoctor.remedies.rebuild_venv import rebuild_venv
from nixpydoctor.report import as_text
from nixpydoctor.report.view import Color, View, terminal
from nixpydoctor.treatments import Reach, Treatment

SUBJECT = FsPath(f"{SITE}/numpy/_core.so")
SCREEN = View(width=100, wrap=True, home="/home/ada")
PIPE = View()


def shown(diagnosis: Diagnosis, view: View = SCREEN) -> list[str]:
    """The lines of a report."""
    return as_text.render(diagnosis, view).split("\n")


@pytest.mark.parametrize("width", [80, 100])
def test_a_broken_environment_of_600_extensions_is_one_screen(width: int) -> None:
    lines = shown(a_broken_environment(), replace(SCREEN, width=width))
    assert len(lines) <= 41  # the last one is empty
    assert all(len(line) <= width or "/" in line for line in lines)


def test_the_first_lines_say_what_was_examined_and_why() -> None:
    text = "\n".join(shown(a_broken_environment())[:6])
    assert "~/app/.venv: it was given" in text
    assert "3.12.1" in text
    assert "glibc 2.40" in text
    assert "Debian 12, x86_64" in text
    assert "600 extensions" in text


def test_findings_are_grouped_by_cause() -> None:
    other = a_dist("scipy", "1.14.0")
    diagnosis = a_diagnosis(
        a_missing(f"{SITE}/numpy/a.so"),
        a_missing(f"{SITE}/numpy/b.so"),
        a_missing(f"{SITE}/scipy/c.so", dist=other, breaks=("scipy",)),
        world=facts(
            a_dist(extensions=("numpy/a.so", "numpy/b.so")), replace(other, extensions=(FsPath(f"{SITE}/scipy/c.so"),))
        ),
    )
    lines = shown(diagnosis)
    assert [line for line in lines if line.startswith("error[")] == [
        "error[NPD101] libstdc++.so.6: a needed shared library cannot be found"
    ]
    assert any("3 extensions of numpy 2.3.2 (2), scipy 1.14.0 (1)" in line for line in lines)
    assert any("import numpy, scipy" in line for line in lines)
    assert any("nixpkgs" in line and "stdenv.cc.cc.lib" in line for line in lines)


def test_a_cause_says_where_was_searched_and_why_not_elsewhere() -> None:
    text = "\n".join(shown(a_diagnosis(a_missing(SUBJECT))))
    assert re.search(r"RPATH +~/app/.venv/lib/python3.12/site-packages/x0.libs and 2 other folders  absent", text)
    assert re.search(r"LD_LIBRARY_PATH +not set", text)
    assert re.search(r"ld.so.cache +this loader has none", text)
    assert re.search(r"system directory +/nix/store/9xfa…-glibc-2.40/lib  absent", text)


def test_a_candidate_of_the_wrong_machine_is_named() -> None:
    odd = Attempt(FsPath("/opt/lib/libz.so.1"), How.ENV, None, Verdict.WRONG_MACHINE)
    search = Resolution("libz.so.1", SUBJECT, (*a_search("libz.so.1", SUBJECT).attempts, odd), None)
    text = "\n".join(shown(a_diagnosis(a_missing(SUBJECT, "libz.so.1", search))))
    assert re.search(r"LD_LIBRARY_PATH +/opt/lib/libz.so.1  wrong machine", text)


def test_steps_after_the_one_that_found_are_not_mentioned() -> None:
    found = Attempt(FsPath("/opt/lib/libc.so.6"), How.ENV, None, Verdict.FOUND)
    search = Resolution("libc.so.6", SUBJECT, (found,), an_object("/opt/lib/libc.so.6"))
    text = "\n".join(shown(a_diagnosis(a_missing(SUBJECT, "libc.so.6", search))))
    assert re.search(r"LD_LIBRARY_PATH +/opt/lib/libc.so.6  found", text)
    assert "ld.so.cache" not in text


def test_notes_are_one_line_until_asked_for() -> None:
    note = unread_file.finding(SUBJECT, "not examined: Permission denied", detail="Permission denied")
    assert not any("note[" in line for line in shown(a_diagnosis(note)))
    assert any(line.startswith("and 1 note: NPD901 unread-file (1)") for line in shown(a_diagnosis(note)))
    assert any("note[NPD901]" in line for line in shown(a_diagnosis(note), replace(SCREEN, verbose=1)))


def test_v_lists_every_finding_and_vv_every_place() -> None:
    diagnosis = a_broken_environment(100)
    plain, listed, traced = (
        "\n".join(shown(diagnosis, replace(SCREEN, verbose=level, width=250))) for level in range(3)
    )
    missing = [finding for finding in diagnosis.findings if finding.place]
    assert sum(f"- {finding.place}\n" in plain for finding in missing) == 0
    assert all(f"- {finding.place}\n" in listed for finding in missing)
    assert all(f"- {finding.subject.replace('/home/ada', '~')}\n" in traced for finding in missing)
    folder = f"{SITE}/x2.libs".replace("/home/ada", "~")
    assert folder not in listed
    assert traced.count(folder) == len(missing) == 100


def test_the_best_offer_comes_with_its_instructions_and_the_others_with_one_line() -> None:
    finding = a_missing(SUBJECT)
    world = facts()
    other = Treatment(nix_ld, Reach.SYSTEM, "Rebuild everything.", world, basis="assumed")
    trials = (a_trial(world, (finding,), instructions="Save this:\n\n```nix\n{ a = 1; }\n```"),
              replace(a_trial(world, (finding,)), treatment=other))  # fmt: skip
    text = "\n".join(shown(Diagnosis(world, (finding,), trials, order=("library-path", "nix-ld"))))
    assert "library-path, for a shell: cures the error (tried on these facts)" in text
    assert "\n      { a = 1; }\n" in text
    assert "or nix-ld, for the whole system: is expected to cure the error" in text
    assert "Rebuild" not in text


def test_what_an_offer_brings_is_said() -> None:
    finding = a_missing(SUBJECT)
    new = a_missing("/usr/bin/git", "libcurl.so.4", severity=Severity.WARNING)
    world = facts()
    text = "\n".join(shown(Diagnosis(world, (finding,), (a_trial(world, (finding,), new),), order=("library-path",))))
    assert "brings 1 warning (NPD101)" in text


def test_a_remedy_that_is_not_offered_says_why() -> None:
    text = "\n".join(shown(a_diagnosis(a_missing(SUBJECT))))
    assert "not offered: nix-ld (tried on these facts, it cures nothing" in text


def test_reasons_against_remedies_that_nobody_expects_are_left_to_verbose() -> None:
    diagnosis = replace(
        a_diagnosis(a_missing(SUBJECT)),
        not_offered=(
            Refusal(gc_root, "nothing is rooted"),
            Refusal(nix_ld, "no reach"),
            Refusal(rebuild_venv, "no venv"),
        ),
    )
    text = "\n".join(shown(diagnosis))
    assert "not offered: nix-ld (no reach)" in text
    assert "not offered: 2 other remedies, for reasons that -v tells" in text
    assert "nothing is rooted" in as_text.render(diagnosis, replace(SCREEN, verbose=1))


def test_instructions_keep_store_paths_whole() -> None:
    path = f"{GLIBC}/lib/libc.so.6"
    text = as_text.render(a_diagnosis(a_missing(SUBJECT), instructions=f"```sh\nexport X={path}\n```"), SCREEN)
    assert f"export X={path}" in text


def test_the_last_line_counts() -> None:
    assert shown(a_broken_environment())[-2] == "600 errors, 0 warnings, 1 note · 0 unread"


def test_a_healthy_environment_is_a_short_friendly_screen() -> None:
    lines = shown(a_diagnosis())
    assert len(lines) < 12
    assert "Nothing is wrong: 1 extension examined, and no import is known to fail" in lines


def test_a_blind_spot_is_not_called_health() -> None:
    blind = Unread(FsPath("/v/a.so"), "Permission denied", False)
    lines = shown(Diagnosis(facts(unread=(blind,)), ()))
    assert "Nothing is known to be wrong, but not everything could be examined" in lines
    assert lines[-2].endswith("1 unread")


def test_a_python_that_was_not_asked_says_so() -> None:
    silent = Python(FsPath("/usr/bin/python3"), "3.12", silence="not started: --no-exec")
    assert any("not started: --no-exec" in line for line in shown(Diagnosis(facts(python=silent), ()), PIPE))


# ── anywhere ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_forty_columns_stay_readable() -> None:
    """Only a path, which is never broken, may be longer than the terminal is wide."""
    lines = shown(a_broken_environment(), replace(SCREEN, width=40, screen=200))
    assert all(len(line) <= 40 or "/" in line or len(line.split()) < 3 for line in lines)
    assert "  searched" in lines


def test_a_pipe_gets_sentences_and_paths_on_one_line() -> None:
    path = f"{SITE}/{'a long folder/' * 12}x.so"
    message = f"a message that is long enough to be wrapped on a terminal, and that names {path} at its end"
    text = as_text.render(a_diagnosis(a_missing(path, message=message)), PIPE)
    assert message in text
    assert f"at         {path}\n" in text


@pytest.mark.parametrize("width", [40, 80, 100])
def test_a_path_is_never_broken(width: int) -> None:
    path = f"{SITE}/{'deep/' * 40}x.so"
    text = as_text.render(a_diagnosis(a_missing(path)), View(width=width, wrap=True))
    assert path in text


def test_store_hashes_and_home_are_shortened() -> None:
    text = "\n".join(shown(a_diagnosis(a_missing(SUBJECT))))
    assert "/nix/store/9xfa…-glibc-2.40" in text
    assert "/home/ada" not in text


HOSTILE = FsPath(b"/v/[bold]\n\x1b[2Jerror\xff\xe2\x80\xae.so".decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("verbose", [0, 1, 2])
def test_hostile_names_can_neither_move_the_cursor_nor_forge_a_line(verbose: int) -> None:
    evil = a_dist("evil\x1b]0;title\x07\n[red]", "1\r2", extensions=(HOSTILE,))
    finding = a_missing(HOSTILE, "lib\n\x1b[31m.so", a_search("lib\n\x1b[31m.so", HOSTILE), dist=evil,
                        breaks=("a\nb",), hint="x\x9b31m")  # fmt: skip
    diagnosis = a_diagnosis(finding, replace(finding, subject=FsPath("/\x85")), world=facts(evil, env={"HOME": "\x1b"}))
    text = as_text.render(diagnosis, View(width=80, wrap=True, verbose=verbose))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert not any(line.startswith(("31m", "[2J", "error\\xff", "[red]", "b")) for line in text.split("\n"))
    text.encode("utf-8")
    assert "[red]" in text


def test_hostile_names_are_shown_and_not_dropped() -> None:
    text = as_text.render(a_diagnosis(a_missing(HOSTILE)), View())
    assert r"/v/[bold]\n\x1b[2Jerror\xff\u202e.so" in text


# ── colours ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("environ", "columns", "color", "expected"),
    [
        ({"TERM": "xterm"}, 80, "auto", True),
        ({"TERM": "xterm"}, None, "auto", False),
        ({"TERM": "dumb"}, 80, "auto", False),
        ({}, 80, "auto", False),
        ({"TERM": "xterm"}, 80, "never", False),
        ({"TERM": "dumb"}, None, "always", True),
        ({"FORCE_COLOR": "1"}, None, "auto", True),
        ({"FORCE_COLOR": "1"}, None, "never", False),
        ({"CLICOLOR_FORCE": "1"}, None, "auto", True),
        ({"CLICOLOR_FORCE": "0"}, None, "auto", False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm"}, 80, "always", False),
        ({"NO_COLOR": "", "TERM": "xterm"}, 80, "auto", True),
    ],
)
def test_colour_is_decided_by_the_strongest_wish(
    environ: dict[str, str], columns: int | None, color: Color, expected: bool
) -> None:
    assert terminal(environ, columns, color).color is expected


def test_colour_changes_nothing_but_colour() -> None:
    diagnosis = a_broken_environment()
    colored = as_text.render(diagnosis, replace(SCREEN, color=True))
    assert "\x1b[1;31merror[NPD101]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == as_text.render(diagnosis, SCREEN)


@pytest.mark.parametrize(
    ("columns_variable", "columns", "width", "wrap"),
    [("60", 80, 60, True), ("", 80, 80, True), ("60", None, 60, True), ("", None, 100, False), ("0", 80, 80, True),
     ("x", 80, 80, True), ("3", 80, 20, True), ("", 0, 100, False)],
)  # fmt: skip
def test_the_width_is_that_of_columns_then_the_terminal(
    columns_variable: str, columns: int | None, width: int, wrap: bool
) -> None:
    view = terminal({"COLUMNS": columns_variable}, columns)
    assert (view.width, view.wrap) == (width, wrap)
