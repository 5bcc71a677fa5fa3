"""`fix`: words understood, offers listed, changes shown, nothing done without a yes."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import tool
from build import SITE, a_dist, an_object, facts
from diagnoses import a_broken_environment, a_diagnosis, a_missing, a_trial
from edits.patient import Patient, a_patient
from nixpydoctor import fixing
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Diagnosis, Refusal
from nixpydoctor.edits import Applied, State
from nixpydoctor.facts import FsPath, Venv
from nixpydoctor.light import replace
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.remedies.library_path import library_path
from nixpydoctor.remedies.runpath import runpath
from nixpydoctor.report import as_fix, as_json
from nixpydoctor.report.view import View
from nixpydoctor.target import UsageError
from nixpydoctor.treatments import Edit, SetSearchPath, WriteText

EXT = FsPath(f"{SITE}/numpy/a.so")


def fix(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command, with nobody at a terminal."""
    return tool.run("fix", *arguments, cwd=cwd, env={"HOME": str(cwd), "PATH": os.environ.get("PATH", os.defpath)})


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A healthy venv in a project."""
    project = tmp_path_factory.mktemp("project")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(project / ".venv")], check=True)
    return project / ".venv"


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ([], fixing.Order()),
        (["runpath"], fixing.Order("runpath")),
        (["./runpath"], fixing.Order(None, "./runpath")),
        (["runpath", ".venv"], fixing.Order("runpath", ".venv")),
        ([".venv", "runpath"], fixing.Order("runpath", ".venv")),
        (["runpath", "nix-ld"], fixing.Order("runpath", "nix-ld")),
        (["/"], fixing.Order(None, "/")),
    ],
)
def test_a_word_that_names_a_remedy_is_its_name(words: list[str], order: fixing.Order) -> None:
    assert fixing.understood(words) == order


def test_a_remedy_that_is_misspelt_is_asked_about() -> None:
    with pytest.raises(UsageError, match="Did you mean runpath"):
        fixing.understood(["runpth"])
    with pytest.raises(UsageError, match="No remedy is called 'x'"):
        fixing.understood(["x", "y"])


# ── what helps ───────────────────────────────────────────────────────────────────────────────────────────────────────


def with_edits(*edits: Edit, rpath: str | None = "$ORIGIN/../numpy.libs") -> Diagnosis:
    """A diagnosis whose one offer is runpath with these edits."""
    world = facts(
        a_dist(extensions=["numpy/a.so"]),
        objects=[an_object(EXT, "libz.so.1", rpath=rpath)],
        venv=Venv(FsPath("/home/ada/app/.venv"), None, None, "venv", False),
    )
    finding = a_missing("numpy/a.so", "libz.so.1")
    trial = a_trial(world, (finding,), instructions="Let the tool do it.")
    treatment = replace(trial.treatment, remedy=runpath, edits=tuple(edits))
    return replace(a_diagnosis(finding, world=world), trials=(replace(trial, treatment=treatment),), order=("runpath",))


ADDED = SetSearchPath(EXT, "rpath", ("$ORIGIN/../numpy.libs", "/nix/store/x-zlib/lib"))


def test_the_listing_names_each_offer_with_its_command_and_why_others_are_not() -> None:
    said = as_fix.listing(with_edits(ADDED), View(), None)
    assert "nixpydoctor fix --apply runpath /home/ada/app/.venv\n" in said
    assert "not offered: nix-ld (" in said
    assert "nixpydoctor fix library-path /home/ada/app/.venv\n" in as_fix.listing(
        a_broken_environment(20), View(), None
    )


def test_the_plan_shows_what_an_object_gets() -> None:
    diagnosis = with_edits(ADDED, WriteText(FsPath("/home/ada/app/shell.nix"), "{ }\n"))
    said = as_fix.plan(diagnosis.offers, diagnosis, View(verbose=1))
    assert "Let the tool do it." in said
    assert f"    {EXT}\n        RPATH    $ORIGIN/../numpy.libs\n      + RPATH    /nix/store/x-zlib/lib" in said
    assert "  /home/ada/app/shell.nix (new)\n    + { }" in said


def test_a_file_that_is_there_is_shown_as_a_patch() -> None:
    diagnosis = with_edits(WriteText(FsPath("/home/ada/app/.envrc"), "use nix\nlayout python\n"))
    disk = diagnosis.facts.disk.overlay({}, {FsPath("/home/ada/app/.envrc"): "use nix\n"})
    diagnosis = replace(diagnosis, facts=replace(diagnosis.facts, disk=disk))
    said = as_fix.plan(diagnosis.offers, diagnosis, View())
    assert "/home/ada/app/.envrc (yours, and not touched: put this into it yourself)\n" in said
    assert "     use nix\n    +layout python" in said


def test_many_objects_are_counted() -> None:
    edits = [replace(ADDED, path=FsPath(f"{SITE}/numpy/a.so"))] * 40
    said = as_fix.plan(with_edits(*edits).offers, with_edits(*edits), View())
    assert "  40 objects:" in said
    assert "… and 28 more objects: -v shows all" in said


def test_what_was_done_before_is_told() -> None:
    base = FsPath("/v")
    now = State(base, ("runpath",), (FsPath("/v/a.so"),), (FsPath("/v/b.so"),), (FsPath("/v/c.so"),), "/old")
    said = as_fix.listing(a_diagnosis(), View(), now)
    assert "Done before: runpath, 1 file as it left them" in said
    assert "1 file replaced by somebody since:\n    /v/c.so" in said, said
    assert "1 file original again:\n    /v/b.so" in said
    assert "when the folder was /old" in said
    assert "nixpydoctor fix --undo /v" in said


def test_json_tells_edits_what_was_done_and_how_things_stand() -> None:
    base = FsPath("/v")
    diagnosis = with_edits(ADDED, WriteText(FsPath("/v/x"), "text"))
    text = as_json.render(
        diagnosis, applied=Applied(base, (EXT,), ("A remark.",)), before=State(base, ("runpath",), (EXT,))
    )
    plain = json.loads(text)
    Draft202012Validator(as_json.schema()).validate(plain)
    assert plain["offers"][0]["edits"][0] == {
        "kind": "search-path",
        "path": EXT,
        "tag": "rpath",
        "before": ["$ORIGIN/../numpy.libs"],
        "after": ["$ORIGIN/../numpy.libs", "/nix/store/x-zlib/lib"],
    }
    assert plain["applied"]["changed"] == [EXT]
    assert plain["before"]["standing"] == [EXT]
    assert json.loads(as_json.done(None)) is None
    assert json.loads(as_json.done(Applied(base, (EXT,))))["base"] == "/v"


def test_a_remedy_without_edits_is_for_the_person() -> None:
    with pytest.raises(UsageError, match="for you to carry out"):
        fixing.editable(a_broken_environment(20), "library-path")


def test_a_remedy_that_is_not_offered_says_why() -> None:
    diagnosis = replace(a_broken_environment(20), not_offered=(Refusal(runpath, "the store lacks it"),))
    with pytest.raises(UsageError, match="the store lacks it"):
        fixing.editable(diagnosis, "runpath")
    assert "nothing that it could cure" in fixing.refused(a_diagnosis(), library_path.name)


# ── doing it ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(shutil.which("patchelf") is None, reason="needs patchelf")
def test_what_was_diagnosed_is_carried_out_and_taken_back(tmp_path: Path) -> None:
    patient: Patient = a_patient(tmp_path / ".venv")
    before = patient.snapshot()
    made = Disk(DiskReader())
    world = replace(facts(venv=Venv(patient.root, None, None, "venv", False)), disk=made)
    for path in patient.extensions:
        made.objects(FsPath(str(path)))
    trial = a_trial(world, ())
    trial = replace(trial, treatment=replace(trial.treatment, remedy=runpath, edits=tuple(patient.edits())))
    diagnosis = replace(a_diagnosis(world=world), trials=(trial,))
    done = fixing.act(diagnosis, trial, {"PATH": os.environ.get("PATH", os.defpath)})
    assert "to undo it: nixpydoctor fix --undo" in as_fix.done(done, View())
    now = fixing.stand(diagnosis)
    assert now is not None
    assert set(now.standing) == set(done.changed)
    (patient.base / "pyvenv.cfg").write_text("home = /nowhere\n")
    told = fix("--undo", str(patient.base), cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == f"Put back {len(done.changed)} files below ~/.venv\n"
    (patient.base / "pyvenv.cfg").unlink()
    assert patient.snapshot() == before


def test_where_nobody_can_keep_a_journal_nothing_is_done() -> None:
    diagnosis = with_edits(ADDED)
    homeless = replace(diagnosis, facts=replace(diagnosis.facts, main=replace(diagnosis.facts.main, venv=None)))
    with pytest.raises(UsageError, match="journal"):
        fixing.act(homeless, homeless.trials[0], {})


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_healthy_venv_needs_nothing(venv: Path) -> None:
    told = fix(str(venv), cwd=venv.parent)
    assert (told.returncode, told.stderr) == (0, "")
    assert "Nothing is wrong here that a remedy could cure." in told.stdout
    told = fix("--format", "json", cwd=venv.parent)
    Draft202012Validator(as_json.schema()).validate(json.loads(told.stdout))


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--undo",), 0, ""),
        (("runpath",), 0, "not offered here"),
        (("--apply",), 2, "wants the name of a remedy"),
        (("--apply", "--yes", "runpath"), 2, "not offered here"),
        (("--apply", "--undo"), 2, "leave out --apply"),
        (("--undo", "runpath"), 2, "leave out --apply"),
        (("runpath", "/nowhere/at/all"), 2, "/nowhere/at/all"),
        (("nonsense-of-a-word",), 2, "No remedy and no folder"),
        (("runpath", "--library-from", "/nowhere"), 2, "--library-from /nowhere is no folder"),
    ],
)
def test_words_and_exit_codes(venv: Path, words: tuple[str, ...], code: int, says: str) -> None:
    told = fix(*words, cwd=venv.parent)
    assert told.returncode == code, told.stderr
    assert says in told.stderr
    assert "Traceback" not in told.stderr


def test_a_journal_that_was_tampered_with_is_one_sentence(venv: Path, tmp_path: Path) -> None:
    copy = tmp_path / ".venv"
    shutil.copytree(venv, copy, symlinks=True)
    (copy / ".nixpydoctor").mkdir()
    (copy / ".nixpydoctor" / "journal.json").write_text("{")
    for words in ((), ("--undo",)):
        told = fix(*words, str(copy), cwd=tmp_path)
        assert told.returncode == 2
        assert "cut short or changed by hand" in told.stderr
        assert "Traceback" not in told.stderr


def test_the_question_is_asked_on_stderr_and_no_is_an_answer() -> None:
    """In a process of its own, with a terminal."""
    code = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from test_fix import ADDED, with_edits
from nixpydoctor import fixing_console
diagnosis = with_edits(ADDED)
try:
    fixing_console._ask(diagnosis.trials[0], diagnosis, fixing_console.Asked())
except Exception as error:
    print(type(error).__name__, error)
else:
    print("yes")
"""
    no = "UsageError Nothing was changed."
    for answer, outcome in (("n\n", no), ("\n", no), ("y\n", "yes")):
        master, slave = pty.openpty()
        os.write(master, answer.encode())
        told = subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            stdin=slave,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        os.close(master)
        os.close(slave)
        assert "+ RPATH" in told.stderr
        assert "Make 1 change?" in told.stderr
        assert told.stdout.strip() == outcome
