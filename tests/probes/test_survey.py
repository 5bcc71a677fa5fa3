"""The survey end to end: real venvs, wrapped and broken ones, and nothing of the machine changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from nixpydoctor import isolation
from nixpydoctor.facts import Elf, Facts, FsPath, leaf
from nixpydoctor.probes.processes import kept
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import UsageError, find
from probes.making import extension, install, script, site_packages, target, venv

PATH = {"PATH": os.defpath}


def seen(path: Path, environ: Mapping[str, str] = PATH, *, may_run: bool = True, timeout: float = 30) -> Facts:
    return survey(target(path, environ), environ, may_run=may_run, timeout=timeout)


def installed(root: Path) -> Path:
    """A venv with one distribution that has one real extension."""
    real = extension()
    install(site_packages(venv(root)), "demo", {"demo/__init__.py": "", f"demo/{real.name}": real.read_bytes()})
    return root


@pytest.mark.parametrize("may_run", [True, False], ids=["asked", "read"])
def test_a_venv_is_surveyed_from_its_python_to_its_extensions(tmp_path: Path, may_run: bool) -> None:
    root = installed(tmp_path / "v")
    said: list[str] = []
    found = survey(target(root), PATH, may_run=may_run, progress=said.append)
    process, python = found.main.process, found.main.python
    assert process.executable == os.path.realpath(sys.executable)
    assert process.loader is not None
    assert process.loader.path == process.interp
    assert python is not None
    assert python.basis == ("asked" if may_run else "read")
    dists = {dist.name: dist for dist in found.main.dists}
    assert [leaf(path) for path in dists["demo"].extensions] == [extension().name]
    assert len(dists["python"].extensions) > 5
    assert isinstance(found.disk.objects(dists["demo"].extensions[0]), tuple)
    assert found.unread == ()
    assert said


def test_asked_and_read_differ_only_in_what_they_say_of_themselves(tmp_path: Path) -> None:
    root = installed(tmp_path / "v")
    asked, read = seen(root), seen(root, may_run=False)
    assert asked.main.dists == tuple(
        dist if dist.name != "python" else next(one for one in asked.main.dists if one.name == "python")
        for dist in read.main.dists
    )
    assert asked.main.process.executable == read.main.process.executable
    assert asked.main.venv == read.main.venv
    assert asked.platform == read.platform


@pytest.mark.parametrize(
    "flags", [["--symlinks"], ["--copies"], ["--system-site-packages"]], ids=lambda flags: flags[0]
)
def test_what_python_m_venv_makes_is_understood(tmp_path: Path, flags: list[str]) -> None:
    base = os.path.join(sys.base_prefix, "bin", "python3")
    subprocess.run([base, "-m", "venv", "--without-pip", *flags, tmp_path / "v"], check=True, env=PATH)
    found = seen(tmp_path / "v")
    assert found.main.venv is not None
    assert (found.main.venv.creator, found.main.venv.base_exists) == ("venv", True)
    assert found.main.venv.system_site is (flags == ["--system-site-packages"])
    assert found.main.python is not None
    assert found.main.python.answered
    read = seen(tmp_path / "v", may_run=False).main.python
    assert read is not None
    assert read.path == found.main.python.path


def test_a_venv_whose_base_was_collected_is_surveyed_without_starting_anything(tmp_path: Path) -> None:
    root = installed(tmp_path / "v")
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").symlink_to("/nix/store/gone/bin/python3")
    (root / "pyvenv.cfg").write_text("home = /nix/store/gone/bin\n")
    found = seen(root)
    assert found.main.venv is not None
    assert (found.main.venv.base, found.main.venv.base_exists) == ("/nix/store/gone/bin/python3", False)
    assert found.main.process.executable == "/nix/store/gone/bin/python3"
    assert (found.main.process.interp, found.main.process.loader) == (None, None)
    assert found.main.python is not None
    assert (found.main.python.silence, found.main.python.answered) == ("it does not exist", True)
    assert [dist.name for dist in found.main.dists] == ["demo"]


def test_no_exec_starts_nothing(tmp_path: Path) -> None:
    root = installed(tmp_path / "v")
    (root / "bin" / "python").unlink()
    script(root / "bin" / "python", f"touch {tmp_path}/started")
    seen(root, may_run=False)
    assert not (tmp_path / "started").exists()
    seen(root)
    assert (tmp_path / "started").exists()


def test_a_python_that_hangs_leaves_static_facts_and_a_reason(tmp_path: Path) -> None:
    root = installed(tmp_path / "v")
    (root / "bin" / "python").unlink()
    script(root / "bin" / "python", "sleep 1000")
    python = seen(root, timeout=0.3).main.python
    assert python is not None
    assert (python.answered, python.basis) == (False, "read")
    asked_again = "with -I -S there was none within 0.3 s"
    assert python.silence == f"it gave no answer within 0.3 s and was ended; {asked_again}"


def test_a_wrapper_that_can_be_read_gives_its_variables_to_the_process(tmp_path: Path) -> None:
    real = os.path.realpath(sys.executable)
    wrapper = script(tmp_path / "bin" / "python3", f'export LD_LIBRARY_PATH=\'/wrapped\'\nexec -a "$0" {real} "$@"')
    wrapper.write_text(wrapper.read_text().replace("#!/bin/sh", "#!/usr/bin/env bash"))
    for may_run in (True, False):
        process = seen(wrapper, may_run=may_run).main.process
        assert (process.executable, process.env["LD_LIBRARY_PATH"]) == (real, "/wrapped")


def test_a_wrapper_that_only_a_shell_can_read_is_known_by_what_it_started(tmp_path: Path) -> None:
    real = os.path.realpath(sys.executable)
    body = f'LD_LIBRARY_PATH="$(echo /computed)"; export LD_LIBRARY_PATH; p="{real}"; exec "$p" "$@"'
    process = seen(script(tmp_path / "bin" / "python3", body)).main.process
    assert (process.executable, process.env["LD_LIBRARY_PATH"]) == (real, "/computed")
    assert process.interp is not None


def test_search_paths_with_odd_parts_are_kept_to_the_letter(tmp_path: Path) -> None:
    value = f":rel:{tmp_path}/gone::/x/;/y:"
    process = seen(installed(tmp_path / "v"), {**PATH, "LD_LIBRARY_PATH": value}).main.process
    assert process.env["LD_LIBRARY_PATH"] == value


def test_only_the_published_variables_are_kept() -> None:
    environ = {
        "LD_LIBRARY_PATH": "/x", "NIX_LD_x86_64_linux": "/l", "NIX_LD_LIBRARY_PATH_aarch64-linux": "/p",
        "AWS_SECRET_ACCESS_KEY": "s", "NIX_LD_TOKEN": "s", "HOME": "/home/ada", "PYTHONSTARTUP": "/s",
    }  # fmt: skip
    assert set(kept(environ)) == {"LD_LIBRARY_PATH", "NIX_LD_x86_64_linux", "NIX_LD_LIBRARY_PATH_aarch64-linux"}


def test_what_the_tool_was_started_with_is_a_fact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(isolation.STARTED_WITH, "PYTHONPATH", "/x")
    assert seen(installed(tmp_path / "v")).started_with == {"PYTHONPATH": "/x"}


def test_a_program_whose_interp_does_not_exist_has_no_loader(tmp_path: Path) -> None:
    from nixpydoctor.disk import Disk
    from nixpydoctor.probes.disk import DiskReader

    data = Path(os.path.realpath(sys.executable)).read_bytes()
    interp = _interp(Disk(DiskReader()).objects(FsPath(os.path.realpath(sys.executable)))[0])  # type: ignore[index]
    root = installed(tmp_path / "v")
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").write_bytes(data.replace(interp.encode(), b"/gone" + interp[5:].encode(), 1))
    (root / "bin" / "python").chmod(0o755)
    found = seen(root)
    assert found.main.process.interp == "/gone" + interp[5:]
    assert found.main.process.loader is None
    assert found.main.python is not None
    assert found.main.python.silence == "it could not be started: No such file or directory although the file is there"


def _interp(found: Elf) -> str:
    assert found.interp is not None
    return found.interp


def test_a_python_that_is_a_text_or_a_folder_by_now_is_no_crash(tmp_path: Path) -> None:
    root = installed(tmp_path / "v")
    found = target(root)
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").write_text("rubbish")
    assert survey(found, PATH).main.process.loader is None
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").mkdir()
    assert survey(found, PATH).main.process.loader is None


def test_a_pyvenv_cfg_that_is_rubbish_is_no_crash(tmp_path: Path) -> None:
    root = installed(tmp_path / "v")
    for text in (b"", b"\xff\xfe\0", b"home = \nversion = 3\n", b"home = /gone\nversion = x.y.z\n", b"=" * 70000):
        (root / "pyvenv.cfg").write_bytes(text)
        for may_run in (True, False):
            assert seen(root, may_run=may_run).main.python is not None


def test_a_folder_that_the_user_left_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = installed(tmp_path / "v")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    found = find(str(root), PATH, "/", None)
    assert survey(found, PATH).main.python is not None
    monkeypatch.chdir("/")


def test_a_wrapper_that_calls_the_loader_by_name_is_a_python_with_a_library_path(tmp_path: Path) -> None:
    real = os.path.realpath(sys.executable)
    interp = seen(Path(real)).main.process.interp
    options = '--argv0 "$0" --library-path "${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/x/lib"'
    wrapper = script(tmp_path / "bin" / "python3", f'exec {interp} {options} "{real}" "$@"')
    plain, given = (seen(wrapper, {**PATH, **more}) for more in ({}, {"LD_LIBRARY_PATH": "/mine"}))
    for facts, library_path in ((plain, None), (given, "/mine")):
        process, python = facts.main.process, facts.main.python
        assert process.executable == real
        assert process.loader is not None
        assert process.loader.library_path == "/x/lib"
        assert process.env.get("LD_LIBRARY_PATH") == library_path
        assert python is not None
        assert python.answered


def test_a_library_path_on_the_command_line_replaces_the_variable(tmp_path: Path) -> None:
    real = os.path.realpath(sys.executable)
    interp = seen(Path(real)).main.process.interp
    wrapper = script(tmp_path / "bin" / "python3", f'exec {interp} --library-path /x/lib "{real}" "$@"')
    process = seen(wrapper, {**PATH, "LD_LIBRARY_PATH": "/mine"}).main.process
    assert process.loader is not None
    assert process.loader.library_path == "/x/lib"
    assert "LD_LIBRARY_PATH" not in process.env


def test_a_program_without_anything_of_python_is_no_python(tmp_path: Path) -> None:
    """Named outright, started, and without an answer: what its neighbours hold must not be taken for its own."""
    shutil.copy("/bin/true", tmp_path / "tool")
    with pytest.raises(UsageError, match="is no Python: it gave no answer"):
        survey(find(None, {}, str(tmp_path), str(tmp_path / "tool")), {})
