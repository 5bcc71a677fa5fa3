"""The lab's own arithmetic: what counts as predicted, as real, and as a disagreement."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from lab.accuracy import FIRST_LOOKS
from lab.comparison import extensions, imports, linking, loud, missing_soname, total, without
from lab.judgement import HALVES, Judgement

SITE = "/v/lib/python3.12/site-packages"
MISSING = "libz.so.1: cannot open shared object file: No such file or directory"


def finding(**fields: Any) -> dict[str, Any]:
    """A finding of the JSON report with quiet defaults."""
    quiet = {"rule": "NPD101", "severity": "error", "subject": f"{SITE}/a.so", "detail": "libz.so.1", "breaks": []}
    return {**quiet, "loads": False, "undecided": [], **fields}


def judged(
    extensions: dict[str, tuple[str, str]] | None = None, imports: dict[str, tuple[str, str]] | None = None
) -> Judgement:
    """What a judge may have seen."""
    return Judgement(True, "", extensions or {}, imports or {})


def test_a_prediction_with_the_right_soname_is_a_hit() -> None:
    seen = judged({f"{SITE}/a.so": ("failed", MISSING), f"{SITE}/b.so": ("ok", "")})
    score = extensions({"findings": [finding()]}, seen, SITE)
    assert (score.judged, score.predicted, score.actual, score.hits, score.disagreements) == (2, 1, 1, 1, ())


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [([finding(detail="libstdc++.so.6")], ("failed", MISSING)), ([], ("failed", MISSING)), ([finding()], ("ok", ""))],
    ids=["another soname first", "not predicted", "false alarm"],
)
def test_every_kind_of_difference_is_a_disagreement(findings: list[dict[str, Any]], outcome: tuple[str, str]) -> None:
    score = extensions({"findings": findings}, judged({f"{SITE}/a.so": outcome}), SITE)
    assert ([item.what for item in score.disagreements], score.hits) == (["a.so"], 0)


def test_only_the_first_missing_soname_is_compared() -> None:
    """The loader names one; the report lists all in load order."""
    score = extensions(
        {"findings": [finding(), finding(detail="libb.so.2")]}, judged({f"{SITE}/a.so": ("failed", MISSING)}), SITE
    )
    assert score.disagreements == ()


def test_a_killed_load_counts_on_neither_side_and_is_named() -> None:
    score = extensions({"findings": [finding()]}, judged({f"{SITE}/a.so": ("killed by 4", "")}), SITE)
    assert (score.judged, score.predicted, score.left_out) == (0, 0, ("a.so: killed by 4",))


def test_an_import_that_fails_for_another_reason_is_left_out_on_both_sides() -> None:
    seen = judged(imports={"a": ("failed", "ModuleNotFoundError: No module named 'b'"), "c": ("ok", "")})
    score = imports({"findings": [finding(breaks=["a"])]}, seen)
    assert (score.judged, score.predicted, score.actual, score.disagreements) == (1, 0, 0, ())
    assert score.left_out == ("a: failed ModuleNotFoundError: No module named 'b'",)


def test_a_note_predicts_no_failing_import() -> None:
    score = imports({"findings": [finding(severity="note", breaks=["a"])]}, judged(imports={"a": ("ok", "")}))
    assert (score.predicted, score.precision, score.recall) == (0, 1.0, 1.0)


def test_a_predicted_name_that_nobody_can_import_is_a_disagreement() -> None:
    score = imports({"findings": [finding(breaks=["ghost"])]}, judged(imports={"a": ("ok", "")}))
    assert [item.what for item in score.disagreements] == ["ghost"]


def test_precision_and_recall_are_over_the_failing_imports() -> None:
    seen = judged(imports=dict.fromkeys("abc", ("failed", MISSING)) | {"d": ("ok", "")})
    score = imports({"findings": [finding(breaks=["a", "b", "d"])]}, seen)
    assert (score.precision, score.recall) == (2 / 3, 2 / 3)
    assert total([score, score]).hits == 4


def test_a_warning_about_what_really_works_is_loud() -> None:
    seen = judged(imports={"a": ("ok", ""), "b": ("failed", MISSING)})
    report = {"findings": [finding(severity="warning", breaks=[]), finding(breaks=["b"]), finding(severity="note")]}
    assert len(loud(report, seen)) == 1


@pytest.mark.parametrize(
    "said",
    [
        f"ImportError: {MISSING}",
        "OSError: cannot load library 'libcairo.so.2': no",
        'OSError: no library called "cairo-2" was found',
        "OSError: PortAudio library not found",
        "ImportError: failed to find libmagic.  Check your installation",
        "ImportError: Unable to find zbar shared library",
        "ImportError: ERROR: fail to load the dynamic library.",
        "Z3Exception: libz3.so.5.4 not found.",
        "FileNotFoundError: [Errno 2] cannot find a suitable libusb-1.0: []",
        "ImportError: Couldn't find the FluidSynth library.",
        "ImportError: could not find any library for SDL2 (PYSDL2_DLL_PATH: unset)",
        "OSError: Cannot find libmpv in the usual places.",
        "ImportError: /a/b.so: undefined symbol: x",
        "ImportError: /lib/libc.so.6: version `GLIBC_2.99' not found (required by /a.so)",
    ],
)
def test_messages_of_loaders_ctypes_and_cffi_are_linking_reasons(said: str) -> None:
    assert linking(said)


@pytest.mark.parametrize("said", ["ModuleNotFoundError: No module named 'b'", "RuntimeError: no display", ""])
def test_other_messages_are_not(said: str) -> None:
    assert not linking(said)


def test_the_missing_soname_is_read_from_a_chain_of_messages() -> None:
    assert missing_soname(f"ImportError: outer\nImportError: {MISSING}") == "libz.so.1"


def test_what_the_tuned_half_holds_as_well_is_not_held_out() -> None:
    mine = judged({"/x/a.so": ("ok", ""), "/x/b.so": ("ok", "")}, {"a": ("ok", ""), "b": ("ok", "")})
    report = {"findings": [finding(breaks=["a", "b"])]}
    left = without(mine, report, judged({"/y/a.so": ("ok", "")}, {"a": ("ok", "")}), ("/x", "/y"))
    assert (list(left.extensions), list(left.imports)) == (["/x/b.so"], ["b"])
    assert report["findings"][0]["breaks"] == ["b"]


def test_every_list_that_was_held_out_has_its_first_look() -> None:
    looks = tomllib.loads(FIRST_LOOKS.read_text())["look"]
    assert [look["list"] for look in looks] == list(HALVES[1:])
    assert all(look[kind][1] <= look[kind][0] for look in looks for kind in ("extensions", "imports"))
