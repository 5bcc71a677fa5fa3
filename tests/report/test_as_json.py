"""The JSON report keeps to its published schema, whatever the facts hold."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from build import SITE, a_dist, facts
from diagnoses import a_broken_environment, a_diagnosis, a_missing, a_search, a_trial
from nixpydoctor.doctor import Diagnosis, Fault
from nixpydoctor.edges import Opening
from nixpydoctor.facts import Dist, FsPath, Imported, PathEntry, Python, Unread, Venv
from nixpydoctor.findings import Evidence, Place, Severity, Shadowing
from nixpydoctor.loader.trace import Attempt, How, Resolution, Verdict, VersionFault
from nixpydoctor.report import as_json

SUBJECT = FsPath(f"{SITE}/numpy/_core.so")
VENV = Venv(FsPath("/v"), FsPath("/usr/bin"), "3.12.1", "uv", False, FsPath("/usr/bin/python3"))
SAMPLES: dict[type, Evidence] = {
    Resolution: a_search("libz.so.1", SUBJECT),
    VersionFault: VersionFault(SUBJECT, FsPath("/usr/lib/libc.so.6"), "libc.so.6", "GLIBC_2.38", False),
    Unread: Unread(SUBJECT, "file too short", True),
    Place: Place(FsPath("/lib64"), "is empty"),
    Opening: Opening(FsPath(f"{SITE}/a.py"), ("libGL.so.1", "libGL.so"), 3),
    PathEntry: PathEntry(SITE, "venv"),
    Shadowing: Shadowing("numpy", SUBJECT, PathEntry(SITE, "venv"), (PathEntry(FsPath("/p"), "nix", "PYTHONPATH"),)),
    Dist: a_dist(),
    Venv: VENV,
    Python: Python(FsPath("/usr/bin/python3"), "3.12.1"),
    Imported: Imported("numpy", "failed", "ImportError: libz.so.1\nImportError: numpy"),
}


def validated(diagnosis: Diagnosis) -> dict[str, Any]:
    """The report, after the schema has accepted it."""
    plain: dict[str, Any] = json.loads(as_json.render(diagnosis))
    Draft202012Validator(as_json.schema()).validate(plain)
    return plain


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(as_json.schema())


@pytest.mark.parametrize("kind", get_args(Evidence), ids=lambda kind: kind.__name__)
def test_every_kind_of_evidence_has_a_form_that_the_schema_knows(kind: type) -> None:
    told = validated(a_diagnosis(a_missing(SUBJECT, "libz.so.1", SAMPLES[kind])))
    assert len(told["findings"][0]["evidence"][0]) > 2


def test_the_schema_refuses_what_was_not_promised() -> None:
    plain = validated(a_diagnosis(a_missing(SUBJECT, "libz.so.1", VENV)))
    validator = Draft202012Validator(as_json.schema())
    for place in (plain, plain["target"], plain["findings"][0], plain["findings"][0]["evidence"][0]):
        place["surprise"] = 1
        assert not validator.is_valid(plain)
        del place["surprise"]
    assert validator.is_valid(plain)


def test_a_broken_environment_keeps_to_the_schema_and_its_numbers() -> None:
    diagnosis = a_broken_environment()
    told = validated(diagnosis)
    numbers = {"errors": 600, "warnings": 0, "notes": 1, "ignored": 0, "accepted": 0, "unread": 0}
    assert told["summary"] == {**numbers, "dists": 20, "objects": 600}
    assert [finding["subject"] for finding in told["findings"]] == [item.subject for item in diagnosis.findings]


def test_a_healthy_environment_keeps_to_the_schema() -> None:
    told = validated(a_diagnosis())
    assert told["findings"] == told["offers"] == told["not_offered"] == told["unread"] == []


def test_a_finding_says_everything_that_was_promised() -> None:
    finding = validated(a_diagnosis(a_missing(SUBJECT, breaks=("numpy", "pandas"))))["findings"][0]
    assert finding["rule"] == "NPD101"
    assert finding["name"] == "missing-library"
    assert finding["severity"] == "error"
    assert finding["subject"] == SUBJECT
    assert finding["dist"] == "numpy"
    assert finding["detail"] == "libstdc++.so.6"
    assert finding["breaks"] == ["numpy", "pandas"]
    assert finding["loads"] is False
    assert finding["fingerprint"] == ["NPD101", "numpy", "numpy/_core.so", "libstdc++.so.6"]


def test_an_offer_says_what_it_cures_and_what_it_causes() -> None:
    finding = a_missing(SUBJECT)
    new = a_missing("/usr/bin/git", "libcurl.so.4", severity=Severity.WARNING)
    world = facts()
    diagnosis = Diagnosis(world, (finding,), (a_trial(world, (finding,), new),), order=("library-path",))
    (offer,) = validated(diagnosis)["offers"]
    assert offer["remedy"] == "library-path"
    assert offer["reach"] == "shell"
    assert offer["basis"] == "simulated"
    assert offer["can_apply"] is False
    assert [item["detail"] for item in offer["cures"]] == ["libstdc++.so.6"]
    assert [(item["severity"], item["detail"]) for item in offer["causes"]] == [("warning", "libcurl.so.4")]


def test_a_path_that_is_no_utf_8_survives() -> None:
    hostile = FsPath(b"/v/\xff\n\x1b[31m[bold].so".decode("utf-8", "surrogateescape"))
    text = as_json.render(a_diagnosis(a_missing(hostile, "lib\udcfe.so")))
    assert text.isascii()
    assert json.loads(text)["findings"][0]["subject"] == hostile


def test_faults_of_ours_are_told() -> None:
    told = validated(Diagnosis(facts(), (), faults=(Fault("rule x", "ValueError: y"),)))
    assert told["tool"]["faults"] == [{"where": "rule x", "error": "ValueError: y"}]


def test_every_word_of_the_loader_is_in_the_schema() -> None:
    tried = tuple(
        Attempt(FsPath("/x/libz.so.1"), how, SUBJECT, verdict, reason="why") for how in How for verdict in Verdict
    )
    validated(a_diagnosis(a_missing(SUBJECT, "libz.so.1", Resolution("libz.so.1", SUBJECT, tried, None))))


def test_unread_files_are_listed_once() -> None:
    unread = (Unread(FsPath("/a"), "Permission denied", False),)
    finding = a_missing(SUBJECT, "libz.so.1", unread[0])
    told = validated(a_diagnosis(finding, world=facts(unread=unread)))
    assert told["unread"] == [{"path": "/a", "reason": "Permission denied", "fatal": False}]
    assert told["summary"]["unread"] == 1
