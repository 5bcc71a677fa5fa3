"""Which Python is meant: every way to say it, every way to say nothing, and sentences for what cannot be."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from nixpydoctor.target import NothingToExamine, Target, UsageError, find
from nobody import as_nobody, open_folder
from probes.making import script, venv


def seek(cwd: Path, argument: str | None = None, python: str | None = None, **environ: str) -> Target:
    return find(argument, {"PATH": f"{cwd}/no-bin", **environ}, str(cwd), python)


def refusal(cwd: Path, argument: str, python: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(UsageError) as error:
        find(argument, environ or {"PATH": ""}, str(cwd), python)
    return str(error.value)


def a_python(folder: Path, name: str = "python3") -> Path:
    return script(folder / name, "exit 1")


# ── named ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_venv_is_a_target(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    found = seek(tmp_path, str(root))
    assert (found.choice.kind, found.choice.why, found.choice.target) == ("venv", "it was named", str(root))
    assert (found.command, found.venv_root) == (f"{root}/bin/python", str(root))


@pytest.mark.parametrize("said", ["v", "v/", "./v", "v/../v", "x/../../{name}/v", "v//", "link", "link/", "link/../v"])
def test_a_path_may_be_said_in_every_way_that_a_shell_takes(tmp_path: Path, said: str) -> None:
    venv(tmp_path / "v")
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to("v")
    found = seek(tmp_path, said.format(name=tmp_path.name))
    assert os.path.realpath(found.venv_root or "") == str(tmp_path / "v")
    assert os.path.exists(found.command)


def test_the_parent_of_a_link_is_the_parent_of_what_it_points_to(tmp_path: Path) -> None:
    venv(tmp_path / "far" / "v")
    (tmp_path / "link").symlink_to("far/v")
    assert seek(tmp_path, "link/../v").venv_root == f"{tmp_path}/far/v"


def test_a_venv_whose_base_is_gone_is_a_target_all_the_same(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").symlink_to("/nix/store/gone/bin/python3")
    assert seek(tmp_path, "v").command == f"{root}/bin/python"
    assert seek(tmp_path, "v/bin/python").venv_root == str(root)


def test_a_venv_without_any_python_is_a_target_all_the_same(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (root / "bin" / "python").unlink()
    assert seek(tmp_path, "v").command == f"{root}/bin/python"


def test_a_python_of_a_venv_brings_its_venv_along(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    found = seek(tmp_path, "v/bin/python")
    assert (found.choice.kind, found.venv_root) == ("python", str(root))


def test_the_prefix_of_a_python_is_a_target(tmp_path: Path) -> None:
    command = a_python(tmp_path / "p" / "bin", "python3.12")
    found = seek(tmp_path, "p")
    assert (found.command, found.venv_root) == (str(command), None)
    assert found.choice.why == "it was named, and it holds bin/python3.12"


def test_a_project_folder_means_the_venv_in_it(tmp_path: Path) -> None:
    root = venv(tmp_path / "p" / ".venv")
    venv(tmp_path / "p" / "venv")
    found = seek(tmp_path, "p")
    assert (found.venv_root, found.project_root) == (str(root), f"{tmp_path}/p")
    assert found.choice.why == f"it is .venv in {tmp_path}/p"


def test_a_project_without_a_venv_means_the_python_on_path(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "pyproject.toml").touch()
    command = a_python(tmp_path / "bin")
    found = seek(tmp_path, "p", PATH=f"{tmp_path}/bin")
    assert (found.command, found.project_root) == (str(command), f"{tmp_path}/p")
    with pytest.raises(NothingToExamine):
        seek(tmp_path, "p")


def test_python_says_it_outright(tmp_path: Path) -> None:
    venv(tmp_path / ".venv")
    command = a_python(tmp_path / "bin", "my-interpreter")
    found = seek(tmp_path, None, "bin/my-interpreter")
    assert (found.command, found.choice.why) == (str(command), "--python names it")


def test_python_may_be_a_command_on_path_and_a_prefix(tmp_path: Path) -> None:
    command = a_python(tmp_path / "p" / "bin", "python3.9")
    assert seek(tmp_path, None, "python3.9", PATH=f"/none:{tmp_path}/p/bin").command == str(command)
    assert seek(tmp_path, None, "p").command == str(command)


def test_a_python_with_a_project_is_examined_for_that_project(tmp_path: Path) -> None:
    command = a_python(tmp_path / "bin")
    (tmp_path / "p").mkdir()
    found = seek(tmp_path, "p", str(command))
    assert (found.command, found.project_root) == (str(command), f"{tmp_path}/p")


def test_a_name_that_is_no_text_is_a_name(tmp_path: Path) -> None:
    name = "v\udcff\n[bold]"
    os.rename(venv(tmp_path / "v"), f"{tmp_path}/{name}")
    assert seek(tmp_path, name).venv_root == f"{tmp_path}/{name}"


# ── what cannot be a target ──────────────────────────────────────────────────────────────────────────────────────────


def test_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "none") == "none does not exist: name a venv, a Python or a project folder."
    assert "does not exist" in refusal(tmp_path, "none/bin/python")
    assert "empty name" in refusal(tmp_path, "")
    assert "empty name" in refusal(tmp_path, "a\0b")


def test_a_dead_link_and_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dead").symlink_to("gone")
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(tmp_path, "dead") == "dead is a symbolic link to gone, which does not exist."
    (tmp_path / "profile" / "bin").mkdir(parents=True)
    (tmp_path / "profile" / "bin" / "python3").symlink_to("/nix/store/gone/bin/python3")
    assert "/nix/store/gone/bin/python3, which does not exist" in refusal(tmp_path, "profile/bin/python3")
    assert refusal(tmp_path, "loop").startswith("loop cannot be looked at: ")


@pytest.mark.parametrize("content", [b"", b"just text\n", b"PK\x03\x04"])
def test_a_file_that_is_no_program_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "python3").write_bytes(content)
    assert "name a venv, a Python or a project folder" in refusal(tmp_path, "python3")
    (tmp_path / "python3").chmod(0o755)
    assert "name a venv, a Python or a project folder" in refusal(tmp_path, "python3")


def test_a_script_of_a_python_is_refused_with_that_python(tmp_path: Path) -> None:
    (tmp_path / "pytest").write_text("#!/opt/app/bin/python3 -I\n")
    (tmp_path / "pytest").chmod(0o755)
    assert refusal(tmp_path, "pytest").endswith("check that Python instead (--python /opt/app/bin/python3).")


def test_a_program_of_another_name_may_embed_python(tmp_path: Path) -> None:
    """Whether it does is for the survey to see; the shell's own Python stands beside it."""
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin" / "python3", "")
    script(tmp_path / "app", "")
    target = find("app", {"PATH": str(tmp_path / "bin")}, str(tmp_path))
    assert target.choice.kind == "host"
    assert target.beside is not None
    assert target.beside.command == str(tmp_path / "bin" / "python3")


def test_beside_a_program_stands_the_active_venv(tmp_path: Path) -> None:
    """Somebody chose it: that a program on PATH comes first is what the report shall say."""
    root = venv(tmp_path / "env")
    script(tmp_path / "app", "")
    target = find("app", {"PATH": "/nowhere", "VIRTUAL_ENV": str(root)}, str(tmp_path))
    assert target.beside is not None
    assert target.beside.venv_root == str(root)


def test_a_socket_and_a_fifo_are_refused_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name may have 107 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("python3")
        os.mkfifo(tmp_path / "python")
        for name in ("python3", "python"):
            assert refusal(tmp_path, name).startswith(f"{name} is neither a folder nor a program")


def test_a_folder_without_a_python_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f" / "bin" / "python").mkdir(parents=True)
    assert refusal(tmp_path, "f").startswith("f is a folder without a Python")


def test_the_file_that_describes_a_venv_leads_to_the_venv(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    assert refusal(tmp_path, "v/pyvenv.cfg") == f"v/pyvenv.cfg describes a venv: check the venv itself, {root}."


def test_two_targets_at_once_are_refused(tmp_path: Path) -> None:
    venv(tmp_path / "v")
    assert "TARGET can only be a project folder" in refusal(tmp_path, "v", "v/bin/python")


def test_a_python_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no command python9 on PATH"):
        seek(tmp_path, None, "python9")
    with pytest.raises(UsageError, match=r"\./python9 does not exist"):
        seek(tmp_path, None, "./python9")
    with pytest.raises(UsageError, match="a folder without bin/python"):
        seek(tmp_path, None, str(tmp_path))


@pytest.mark.parametrize(
    ("locked", "argument", "python", "told"),
    [
        (".", "{}", None, "{} cannot be examined: you may not read the folder {}."),
        ("bin", "{}", None, "The venv {} cannot be examined: you may not read the folder {}/bin."),
        (".", None, "{}", "{} cannot be examined: you may not read the folder {}."),
    ],
)
def test_a_folder_that_may_not_be_read_is_not_called_empty(
    locked: str, argument: str | None, python: str | None, told: str
) -> None:
    with open_folder() as folder:
        root = venv(folder / "v")
        (root / locked).chmod(0o700 if os.geteuid() == 0 else 0)
        words = [word and word.format(root) for word in (argument, python)]
        try:
            with as_nobody(), pytest.raises(UsageError) as error:
                find(words[0], {"PATH": ""}, str(folder), words[1])
        finally:
            (root / locked).chmod(0o755)
    assert str(error.value) == told.format(root, root)


# ── discovered ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_active_venv_comes_before_everything_else(tmp_path: Path) -> None:
    active = venv(tmp_path / "active")
    venv(tmp_path / ".venv")
    found = seek(tmp_path, VIRTUAL_ENV=str(active))
    assert (found.venv_root, found.choice.why) == (str(active), "VIRTUAL_ENV names it")
    assert found.project_root == str(tmp_path)


def test_then_uvs_environment_then_dot_venv_then_venv_then_path(tmp_path: Path) -> None:
    command = a_python(tmp_path / "bin")
    environ = {"UV_PROJECT_ENVIRONMENT": "envs/dev", "PATH": f"{tmp_path}/bin"}
    assert seek(tmp_path, **environ).command == str(command)
    for place in ("venv", ".venv", "envs/dev"):
        root = venv(tmp_path / place)
        assert seek(tmp_path, **environ).venv_root == str(root)


def test_an_active_venv_that_is_gone_is_named_in_the_reason(tmp_path: Path) -> None:
    root = venv(tmp_path / ".venv")
    found = seek(tmp_path, VIRTUAL_ENV="/gone")
    assert found.venv_root == str(root)
    assert found.choice.why == f"it is .venv in {tmp_path} (VIRTUAL_ENV names /gone, where no venv is)"


def test_the_tools_own_environment_is_never_taken_by_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = venv(tmp_path / "own")
    (own / "bin" / "python3").symlink_to("python")
    (tmp_path / "alias").symlink_to(own)
    command = a_python(tmp_path / "bin")
    monkeypatch.setattr(sys, "prefix", str(own))
    path = f"{own}/bin:{tmp_path}/alias/bin:{tmp_path}/bin"
    found = seek(tmp_path, VIRTUAL_ENV=f"{tmp_path}/alias", PATH=path)
    assert found.command == str(command)
    assert "VIRTUAL_ENV names nixpydoctor's own environment" in found.choice.why
    assert f"{own}/bin/python3 is nixpydoctor's own" in found.choice.why
    with pytest.raises(NothingToExamine, match=r"nixpydoctor's own.*Name a venv or a Python"):
        seek(tmp_path, PATH=f"{own}/bin")


def test_a_venv_in_the_folder_counts_even_where_the_tool_lives_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`uv run nixpydoctor check` in a project that has the tool among its own requirements."""
    root = venv(tmp_path / ".venv")
    monkeypatch.setattr(sys, "prefix", str(root))
    assert seek(tmp_path, VIRTUAL_ENV=str(root)).venv_root == str(root)


def test_what_is_on_path_must_be_a_file_that_can_run(tmp_path: Path) -> None:
    (tmp_path / "a" / "python3").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "python3").write_text("#!/bin/sh\n")
    command = a_python(tmp_path / "c")
    assert seek(tmp_path, PATH=f"{tmp_path}/a:{tmp_path}/b::{tmp_path}/c").command == str(command)


def test_an_empty_or_relative_part_of_path_is_below_the_current_folder(tmp_path: Path) -> None:
    assert seek(tmp_path, PATH=f"/none:{a_python(tmp_path / 'rel').parent.name}").command == f"{tmp_path}/rel/python3"
    a_python(tmp_path)
    assert seek(tmp_path, PATH="/none:").command == f"{tmp_path}/python3"


def test_where_there_is_no_python_at_all_there_is_nothing_to_examine(tmp_path: Path) -> None:
    with pytest.raises(NothingToExamine, match="There is no Python to examine"):
        seek(tmp_path)


# ── shims ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def pyenv(root: Path, *versions: str) -> Path:
    """A pyenv with these versions; its folder of shims."""
    for version in versions:
        a_python(root / "versions" / version / "bin")
    script(root / "shims" / "python3", f'program="${{0##*/}}"\nexec "{root}/libexec/pyenv" exec "$program" "$@"')
    return root / "shims"


def test_a_shim_of_pyenv_leads_to_the_version_in_force(tmp_path: Path) -> None:
    root = tmp_path / "pyenv"
    path = str(pyenv(root, "3.9.1", "3.10.2", "3.10.13", "3.11.0"))
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    (root / "version").write_text("3.9.1\n")
    assert seek(here, PATH=path).command == f"{root}/versions/3.9.1/bin/python3"
    (tmp_path / "a" / ".python-version").write_text("# chosen\n3.11.0\n")
    assert seek(here, PATH=path).command == f"{root}/versions/3.11.0/bin/python3"
    found = seek(here, PATH=path, PYENV_VERSION="3.10:3.9.1")
    assert found.command == f"{root}/versions/3.10.13/bin/python3"
    assert found.choice.why.endswith("python3 on PATH")
    assert seek(here, f"{path}/python3").choice.why == "it was named, through a shim of pyenv"


def test_a_shim_that_means_the_systems_python_gives_way_to_the_rest_of_path(tmp_path: Path) -> None:
    path = pyenv(tmp_path / "pyenv")
    command = a_python(tmp_path / "bin")
    assert seek(tmp_path, PATH=f"{path}:{tmp_path}/bin", PYENV_VERSION="system").command == str(command)
    assert "name that Python itself" in refusal(tmp_path, f"{path}/python3", environ={"PYENV_VERSION": "system"})


def test_a_shim_whose_python_cannot_be_told_asks_for_the_real_one(tmp_path: Path) -> None:
    path = pyenv(tmp_path / "pyenv")
    said = refusal(tmp_path, f"{path}/python3", environ={"PYENV_VERSION": "../../evil:3.7"})
    assert said.endswith(": name the Python itself.")
    script(tmp_path / "asdf" / "python3", 'exec asdf exec "python3" "$@"')
    assert "shim of asdf" in refusal(tmp_path, "asdf/python3")
    script(tmp_path / "mise" / "mise", "")
    (tmp_path / "mise" / "python3").symlink_to("mise")
    assert "shim of mise" in refusal(tmp_path, "mise/python3")


def test_a_shim_on_path_that_cannot_be_told_is_passed_over_and_named(tmp_path: Path) -> None:
    script(tmp_path / "asdf" / "python3", 'exec asdf exec "python3" "$@"')
    command = a_python(tmp_path / "bin")
    found = seek(tmp_path, PATH=f"{tmp_path}/asdf:{tmp_path}/bin")
    assert found.command == str(command)
    assert "shim of asdf" in found.choice.why
