"""Applying and undoing on real wheels: the square, and everything that must be refused with a sentence."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from build import facts
from edits.patient import ENVIRON, Patient, a_patient
from nixpydoctor.disk import Disk
from nixpydoctor.edits import EditError, apply, state, undo
from nixpydoctor.edits.journal import FOLDER, _digest
from nixpydoctor.facts import FsPath
from nixpydoctor.light import replace
from nixpydoctor.treatments import SetSearchPath, WriteText, edited

pytestmark = pytest.mark.skipif(shutil.which("patchelf") is None, reason="needs patchelf")


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """Real wheels in a folder of their own."""
    return a_patient(tmp_path / "venv")


# ── the square ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("tag", ["rpath", "runpath"])
def test_what_was_simulated_is_what_is_applied_and_undo_restores_it(patient: Patient, tag: str) -> None:
    """Simulate then look = apply then look; undo restores every byte, mode, time and inode."""
    before, edits, seen = patient.snapshot(), patient.edits(tag=tag), patient.survey()
    world = edited(replace(facts(), disk=Disk.closed([held[0] for held in seen.values()])), edits)
    patient.apply(edits)
    for path in patient.extensions:
        (simulated,) = world.disk.objects(FsPath(str(path))) or ()  # type: ignore[misc]
        assert replace(patient.object(path), identity=simulated.identity) == simulated
    done = undo(patient.root)
    assert done is not None
    assert set(done.changed) >= {str(path) for path in patient.extensions}
    assert patient.snapshot() == before
    assert not (patient.base / FOLDER).exists()


def test_what_was_edited_still_works_and_keeps_mode_and_time(patient: Patient) -> None:
    before = patient.snapshot()
    patient.apply()
    after = patient.snapshot()
    for path in patient.extensions:
        name = str(path.relative_to(patient.base))
        assert after[name][1:3] == before[name][1:3]
        assert after[name][0] != before[name][0]
        assert after[name][3] != before[name][3]
    for module in ("psutil", "rpds"):
        told = patient.imports(module)
        assert told.returncode == 0, told.stderr
        assert told.stdout.startswith(str(patient.site))


def test_records_stay_true(patient: Patient) -> None:
    assert patient.untrue_records() == []
    patient.apply()
    assert patient.untrue_records() == []


def test_hard_links_keep_the_old_bytes_and_are_hard_links_again_afterwards(patient: Patient, tmp_path: Path) -> None:
    """As in uv's cache."""
    path = patient.extensions[0]
    cache = tmp_path / "cache"
    os.link(path, cache)
    old = cache.read_bytes()
    patient.apply()
    assert cache.read_bytes() == old
    assert not cache.samefile(path)
    undo(patient.root)
    assert cache.samefile(path)


def test_a_second_fix_is_undone_with_the_first(patient: Patient) -> None:
    before = patient.snapshot()
    patient.apply()
    once = {str(path): patient.object(path).runpath for path in patient.extensions}
    patient.apply(patient.edits("/elsewhere/lib"))
    for path in patient.extensions:
        assert patient.object(path).runpath == f"{once[str(path)]}:/elsewhere/lib"
    undo(patient.root)
    assert patient.snapshot() == before


def test_a_text_is_made_and_removed_again(patient: Patient) -> None:
    path = FsPath(f"{patient.root}/shell.nix")
    patient.apply([WriteText(path, "{ }\n")])
    assert Path(path).read_text() == "{ }\n"
    undo(patient.root)
    assert not Path(path).exists()


def test_nothing_done_is_nothing_to_undo(patient: Patient) -> None:
    before = patient.snapshot()
    assert undo(patient.root) is None
    assert state(patient.root) is None
    assert patient.snapshot() == before


def test_a_venv_that_was_moved_can_be_undone(patient: Patient, tmp_path: Path) -> None:
    before = patient.snapshot()
    patient.apply()
    moved = Patient(tmp_path / "moved")
    patient.base.rename(moved.base)
    now = state(moved.root)
    assert now is not None
    assert now.moved_from == patient.root
    undo(moved.root)
    assert moved.snapshot() == before


# ── what must not be changed ─────────────────────────────────────────────────────────────────────────────────────────


def _a_link(patient: Patient, path: Path) -> None:
    shutil.move(path, patient.base / "elsewhere.so")
    path.symlink_to(patient.base / "elsewhere.so")


def _read_only(patient: Patient, path: Path) -> None:
    path.chmod(0o444)


def _foreign(patient: Patient, path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give files away")
    os.chown(path, 4711, -1)


def _a_linked_folder(patient: Patient, path: Path) -> None:
    outside = patient.base.parent / "outside"
    shutil.move(path.parent, outside)
    path.parent.symlink_to(outside)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_a_link, "symbolic link"),
        (_read_only, "read-only"),
        (_foreign, "another user"),
        (_a_linked_folder, "outside of"),
    ],
    ids=["symlink", "read-only", "foreign owner", "folder linked from elsewhere"],
)
def test_what_must_not_be_replaced_is_refused(
    patient: Patient, spoil: Callable[[Patient, Path], None], says: str
) -> None:
    """All or none: the other files stay as they are, too."""
    edits = patient.edits()
    spoil(patient, patient.extensions[-1])
    seen, before = patient.survey(), patient.snapshot()
    with pytest.raises(EditError, match=says):
        apply(edits, patient.root, "runpath", seen.get, ENVIRON)
    assert patient.snapshot() == before
    assert not (patient.base / FOLDER).exists()


def test_what_changed_since_it_was_examined_is_refused(patient: Patient) -> None:
    seen, edits = patient.survey(), patient.edits()
    path = patient.extensions[0]
    path.rename(f"{path}.old")
    shutil.copy2(f"{path}.old", path)
    with pytest.raises(EditError, match="changed since it was examined"):
        apply(edits, patient.root, "runpath", seen.get, ENVIRON)


def test_a_file_outside_of_the_folder_is_refused(patient: Patient, tmp_path: Path) -> None:
    other = a_patient(tmp_path / "other")
    with pytest.raises(EditError, match="outside of"):
        patient.apply(other.edits())


def test_nothing_is_done_below_the_store() -> None:
    with pytest.raises(EditError, match="Nix store"):
        apply([], FsPath("/nix/store/abc-python"), "runpath", lambda path: None, ENVIRON)


def test_a_users_own_file_is_never_overwritten(patient: Patient) -> None:
    path = patient.base / "shell.nix"
    path.write_text("mine")
    with pytest.raises(EditError, match="yours"):
        patient.apply([*patient.edits(), WriteText(FsPath(str(path)), "ours")])
    assert path.read_text() == "mine"
    assert all(patient.object(found).runpath in (None, "") for found in patient.extensions)


def test_what_fails_in_the_middle_goes_back(patient: Patient) -> None:
    """Somebody changes the last file when it has been prepared: those before it are put back."""
    seen, edits, before = patient.survey(), patient.edits(), patient.snapshot()
    path = patient.base / "late.txt"

    def survey(asked: FsPath) -> object:
        if asked == edits[-1].path:
            os.utime(edits[1].path, ns=(1, 1))
        return seen.get(asked)

    with pytest.raises(EditError, match="changed by somebody else"):
        apply([*edits[:2], WriteText(FsPath(str(path)), ""), *edits[2:]], patient.root, "r", survey, ENVIRON)  # type: ignore[arg-type]
    after = patient.snapshot()
    name = edits[1].path[len(patient.root) + 1 :]
    assert {key: value for key, value in after.items() if key != name} == {
        key: value for key, value in before.items() if key != name
    }
    assert not (patient.base / FOLDER).exists()


# ── undoing when things are no longer as they were ───────────────────────────────────────────────────────────────────


def test_a_file_that_changed_again_is_named_and_nothing_is_touched(patient: Patient) -> None:
    patient.apply()
    path = patient.extensions[0]
    path.write_bytes(path.read_bytes() + b"\0")
    before = patient.snapshot()
    with pytest.raises(EditError, match=path.name):
        undo(patient.root)
    assert patient.snapshot() == before
    now = state(patient.root)
    assert now is not None
    assert now.replaced == (str(path),)


def test_a_reinstalled_file_is_original_already(patient: Patient, tmp_path: Path) -> None:
    """As after `uv sync --reinstall-package`."""
    before = {name: held[3] for name, held in patient.snapshot().items()}
    fresh = a_patient(tmp_path / "fresh")
    patient.apply()
    for path in patient.site.glob("psutil*/**/*"):
        if path.is_file():
            path.unlink()
            shutil.copy2(fresh.base / path.relative_to(patient.base), path)
    now = state(patient.root)
    assert now is not None
    assert len(now.original) == 2
    undo(patient.root)
    assert {name: held[3] for name, held in patient.snapshot().items()} == before


def test_a_new_fix_begins_anew_with_what_was_replaced_since(patient: Patient) -> None:
    patient.apply()
    path = patient.extensions[0]
    path.write_bytes(path.read_bytes() + b"\0" * 8)
    drifted = path.read_bytes()
    patient.apply(patient.edits("/elsewhere/lib"))
    undo(patient.root)
    assert path.read_bytes() == drifted


def test_what_an_installer_removed_is_no_longer_part_of_an_undo(patient: Patient) -> None:
    """As after an upgrade: the old RECORD is gone, the new one is another file."""
    patient.apply()
    (info,) = patient.site.glob("psutil-*.dist-info")
    info.rename(info.with_name("psutil-99.dist-info"))
    with pytest.raises(EditError, match="RECORD"):
        undo(patient.root)
    before = patient.snapshot()
    done = patient.apply(patient.edits("/elsewhere/lib"))
    assert "psutil" in done.remarks[0]
    assert undo(patient.root) is not None
    after = {name: held for name, held in patient.snapshot().items() if ".nixpydoctor" not in name}
    assert set(after) == {name for name in before if ".nixpydoctor" not in name}
    assert not (patient.base / FOLDER).exists()


def test_a_lost_original_is_said(patient: Patient) -> None:
    patient.apply()
    for saved in (patient.base / FOLDER / "saved").iterdir():
        saved.unlink()
    before = patient.snapshot()
    with pytest.raises(EditError, match="saved original"):
        undo(patient.root)
    assert patient.snapshot() == before


def test_originals_without_a_journal_are_not_thrown_away(patient: Patient) -> None:
    patient.apply()
    (patient.base / FOLDER / "journal.json").unlink()
    kept = len(list((patient.base / FOLDER / "saved").iterdir()))
    assert undo(patient.root) is None
    patient.apply(patient.edits("/elsewhere/lib"))
    assert len(list((patient.base / FOLDER / "saved").iterdir())) == 2 * kept


# ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _by_hand(text: str) -> str:
    return text.replace("psutil", "psutli")


def _another_version(text: str) -> str:
    return text.replace('"journal_version": 1', '"journal_version": 2')


def _leading_out(text: str) -> str:
    plain = json.loads(text)
    plain["entries"][0]["path"] = "../outside.so"
    del plain["digest"]
    return json.dumps({**plain, "digest": _digest(plain)})


@pytest.mark.parametrize("spoil", [_cut, _by_hand, _another_version, _leading_out, lambda text: "[]", lambda text: ""])
def test_a_journal_that_cannot_be_trusted_is_not_used(patient: Patient, spoil: Callable[[str], str]) -> None:
    patient.apply()
    journal = patient.base / FOLDER / "journal.json"
    journal.write_text(spoil(journal.read_text()))
    before = patient.snapshot()
    for attempt in (undo, state, lambda root: patient.apply()):
        with pytest.raises(EditError, match="journal"):
            attempt(patient.root)
    assert patient.snapshot() == before


def test_a_journal_that_is_no_file_is_not_waited_for(patient: Patient) -> None:
    patient.apply()
    journal = patient.base / FOLDER / "journal.json"
    journal.unlink()
    os.mkfifo(journal)
    with pytest.raises(EditError, match="no regular file"):
        undo(patient.root)


def test_two_at_once_are_one_too_many(patient: Patient) -> None:
    patient.apply()
    with open(patient.base / FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for attempt in (undo, lambda root: patient.apply()):
            with pytest.raises(EditError, match="Another nixpydoctor"):
                attempt(patient.root)
    assert undo(patient.root) is not None


def test_a_folder_of_another_kind_is_left_alone(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (patient.base / FOLDER).symlink_to(tmp_path / "mine")
    with pytest.raises(EditError, match="move it away"):
        patient.apply()
    assert list((tmp_path / "mine").iterdir()) == []


# ── patchelf ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def a_patchelf(folder: Path, script: str) -> dict[str, str]:
    """An environment with this program for patchelf."""
    folder.mkdir()
    program = folder / "patchelf"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{ENVIRON['PATH']}"}


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'cannot find section .dynamic' >&2; exit 1", r"cannot find section \.dynamic\. Nothing was touched"),
        ("exit 0", "more than the search path"),
        ('shift; shift; exec {real} --add-needed libevil.so "$1"', "more than the search path"),
        ('for last; do :; done; printf x > "$last"', "file too short"),
        ("kill -9 $$", "exit code"),
        ('for last; do :; done; {real} "$@"; sed -i s/PyInit_/PyInix_/g "$last"', "more than the search path"),
    ],
    ids=["fails", "does nothing", "does something else", "destroys", "dies", "renames a symbol"],
)
def test_a_patchelf_that_errs_changes_nothing(patient: Patient, tmp_path: Path, script: str, says: str) -> None:
    before = patient.snapshot()
    environ = a_patchelf(tmp_path / "bin", script.format(real=shutil.which("patchelf")))
    with pytest.raises(EditError, match=says):
        patient.apply(environ=environ)
    assert patient.snapshot() == before
    assert not (patient.base / FOLDER).exists()


def test_without_patchelf_the_advice_is_how_to_get_it(patient: Patient, tmp_path: Path) -> None:
    with pytest.raises(EditError, match="nix-shell -p patchelf"):
        patient.apply(environ={"PATH": str(tmp_path)})


# ── roots ────────────────────────────────────────────────────────────────────────────────────────────────────────────

STORED = "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-zlib-1.3/lib"


def a_nix(folder: Path, script: str) -> dict[str, str]:
    """An environment with this program for nix-store."""
    folder.mkdir()
    program = folder / "nix-store"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{ENVIRON['PATH']}"}


def test_store_paths_are_rooted_beside_the_journal_and_let_go(patient: Patient, tmp_path: Path) -> None:
    environ = a_nix(tmp_path / "bin", f'echo "$@" >> {tmp_path}/said; ln -s "$2" "$4"')
    edits = [
        SetSearchPath(edit.path, edit.tag, (*edit.dirs, STORED))
        for edit in patient.edits()
        if isinstance(edit, SetSearchPath)
    ]
    done = patient.apply([*edits], environ=environ)
    assert done.remarks == ()
    (root,) = (patient.base / FOLDER / "roots").iterdir()
    assert os.readlink(root) == STORED.removesuffix("/lib")
    assert (tmp_path / "said").read_text().split() == [
        "--realise", STORED.removesuffix("/lib"), "--add-root", str(root), "--indirect",
    ]  # fmt: skip
    undo(patient.root)
    assert not (patient.base / FOLDER).exists()


def test_a_root_that_cannot_be_had_is_said_and_does_no_harm(patient: Patient, tmp_path: Path) -> None:
    environ = a_nix(tmp_path / "bin", "echo 'error: path is not valid' >&2; exit 1")
    path = FsPath(str(patient.extensions[0]))
    done = patient.apply([SetSearchPath(path, "runpath", (STORED,))], environ=environ)
    assert "path is not valid" in done.remarks[0]
    assert patient.object(patient.extensions[0]).runpath == STORED
