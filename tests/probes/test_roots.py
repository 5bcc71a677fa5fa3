"""Garbage collector roots: read as Nix reads them, and nothing is deleted on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath
from nixpydoctor.probes.roots import MAX_LINKS, Roots, collected, unrooted
from probes.making import script

PYTHON = FsPath("/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1")
SYSTEM = "/nix/store/2syaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-nixos-system"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder of Nix."""
    for name in ("db", "gcroots/auto", "profiles/per-user/ada"):
        (tmp_path / "nix" / name).mkdir(parents=True)
    return tmp_path / "nix"


def environ(state: Path, nix: Path | None = None) -> dict[str, str]:
    return {"NIX_STATE_DIR": str(state), "PATH": f"{nix.parent if nix is not None else '/nowhere'}:/bin:/usr/bin"}


def nix(tmp_path: Path, *referrers: str, code: int = 0) -> Path:
    """A nix-store that answers one question and no other."""
    lines = "\n".join(f'echo "{path}"' for path in referrers)
    asked = f'[ "$*" = "--query --referrers-closure {PYTHON}" ] || exit 9'
    return script(tmp_path / "bin" / "nix-store", f"{asked}\n{lines}\nexit {code}")


def roots(state: Path, told: Path | None = None, *, may_run: bool = True) -> tuple[FsPath, ...] | None:
    return Roots(PYTHON, environ(state, told), may_run=may_run).collect()


def test_a_link_into_the_store_is_a_root_and_nobody_has_to_be_asked(state: Path) -> None:
    (state / "profiles" / "per-user" / "ada" / "profile-1-link").symlink_to(PYTHON)
    assert roots(state, may_run=False) == (f"{state}/profiles/per-user/ada/profile-1-link",)


def test_a_result_link_is_a_root_where_it_is_registered(state: Path, tmp_path: Path) -> None:
    (tmp_path / "result").symlink_to(f"{PYTHON}/bin")
    (state / "gcroots" / "auto" / "x").symlink_to(tmp_path / "result")
    assert roots(state, may_run=False) == (f"{state}/gcroots/auto/x",)


def test_what_refers_to_the_path_keeps_it(state: Path, tmp_path: Path) -> None:
    (state / "gcroots" / "current-system").symlink_to(SYSTEM)
    assert roots(state, nix(tmp_path, PYTHON, SYSTEM)) == (f"{state}/gcroots/current-system",)


def test_other_roots_keep_nothing(state: Path, tmp_path: Path) -> None:
    (state / "gcroots" / "current-system").symlink_to(SYSTEM)
    assert roots(state, nix(tmp_path, PYTHON)) == ()


def test_without_the_database_only_a_direct_root_is_known(state: Path, tmp_path: Path) -> None:
    assert roots(state, nix(tmp_path, PYTHON), may_run=False) is None
    assert roots(state, nix(tmp_path, code=1)) is None


def test_without_nix_nothing_is_known(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nixpydoctor.probes.store._PLACES", ())
    assert Roots(PYTHON, {"NIX_STATE_DIR": str(state), "PATH": "/nowhere"}, may_run=True).collect() is None


def test_roots_of_other_users_are_counted_and_not_relied_on(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state / "gcroots" / "auto" / "x").symlink_to("/root/result")
    look = os.readlink

    def refuse(path: str) -> str:
        if path.startswith("/root/"):
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr("nixpydoctor.probes.roots.os.readlink", refuse)
    probe = Roots(PYTHON, environ(state, nix(tmp_path, PYTHON)), may_run=True)
    assert (probe.collect(), probe.hidden) == ((), 1)


def test_roots_that_nobody_may_list_leave_the_question_open(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/auto"):
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr("nixpydoctor.probes.roots.os.scandir", refuse)
    assert roots(state, nix(tmp_path, PYTHON)) is None


def test_too_many_links_leave_the_question_open(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nixpydoctor.probes.roots.MAX_LINKS", 3)
    for number in range(5):
        (state / "gcroots" / "auto" / str(number)).symlink_to(SYSTEM)
    assert MAX_LINKS > 3
    assert roots(state, nix(tmp_path, PYTHON)) is None


def test_stale_links_and_circles_are_no_roots_and_stay_where_they_are(state: Path, tmp_path: Path) -> None:
    (state / "gcroots" / "auto" / "stale").symlink_to(tmp_path / "gone")
    (state / "gcroots" / "auto" / "circle").symlink_to("circle")
    (state / "gcroots" / "auto" / "folder").symlink_to(tmp_path)
    assert roots(state, nix(tmp_path, PYTHON)) == ()
    assert len(os.listdir(state / "gcroots" / "auto")) == 3


def test_somebody_collects_only_where_nix_keeps_a_database(state: Path, tmp_path: Path) -> None:
    assert collected(environ(state))
    assert not collected(environ(tmp_path / "nowhere"))


def test_of_several_paths_those_without_a_root_are_told(state: Path, tmp_path: Path) -> None:
    """What nobody refers to is sure; where Nix cannot be asked it is not."""
    kept = FsPath("/nix/store/3gfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-gfortran-13.2.0-lib")
    (state / "gcroots" / "one").symlink_to(kept)
    told = environ(state, nix(tmp_path, PYTHON))
    assert unrooted([PYTHON, kept], told, may_run=True) == {PYTHON: True}
    assert unrooted([PYTHON, kept], told, may_run=False) == {PYTHON: False}
