"""The patient must not be the doctor: what its environment brings never becomes part of the tool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

HOSTILE = "raise SystemExit('hostile')\n"

TELL = """
import json, sys
import nixpydoctor.__main__
from nixpydoctor.isolation import STARTED_WITH, isolate
isolate()
import importlib.util
found = {name: getattr(importlib.util.find_spec(name), "origin", None) for name in ("typer", "rich", "wave")}
print(json.dumps([STARTED_WITH, sys.path, found, sorted(sys.modules)]))
"""


def run(
    *arguments: str, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, **(environ or {})}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=given, cwd=cwd, check=False)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    for name in ("typer", "rich", "click", "psutil", "packaging", "wave"):
        (tmp_path / f"{name}.py").write_text(HOSTILE)
    return tmp_path


def test_a_hostile_typer_on_pythonpath_is_not_imported(hostile: Path) -> None:
    done = run("-m", "nixpydoctor", "--version", environ={"PYTHONPATH": str(hostile)}, cwd=Path("/"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("nixpydoctor ")


def test_a_hostile_typer_in_the_current_folder_is_not_imported(hostile: Path) -> None:
    done = run("-m", "nixpydoctor", "--version", cwd=hostile)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_console_script_is_as_safe(hostile: Path) -> None:
    code = "import sys; from nixpydoctor.__main__ import main; sys.argv[1:] = ['--version']; main()"
    done = run("-c", code, environ={"PYTHONPATH": f"{hostile}:relative:"}, cwd=hostile)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_was_taken_out_is_kept_as_it_was(hostile: Path) -> None:
    value = f"{hostile}:rel::{hostile}"
    started, path, found, _ = json.loads(run("-c", TELL, environ={"PYTHONPATH": value}, cwd=Path("/")).stdout)
    assert started == {"PYTHONPATH": value}
    assert not {str(hostile), "/rel", "/", ""} & set(path)
    assert all(not str(origin).startswith(str(hostile)) for origin in found.values())


def test_what_was_already_imported_from_there_is_forgotten_unless_the_standard_library_uses_it(hostile: Path) -> None:
    (hostile / "stranger.py").touch()
    (hostile / "wave.py").write_text("")
    (hostile / "sitecustomize.py").write_text("import stranger, wave\n")
    _, _, _, modules = json.loads(run("-c", TELL, environ={"PYTHONPATH": str(hostile)}, cwd=Path("/")).stdout)
    assert "stranger" not in modules
    assert "wave" in modules


def test_the_user_site_and_what_its_pth_files_add_are_taken_out(tmp_path: Path) -> None:
    base = os.path.join(sys.base_prefix, "bin", "python3")
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    user = tmp_path / "lib" / f"python{minor}" / "site-packages"
    user.mkdir(parents=True)
    (tmp_path / "more").mkdir()
    (user / "typer.py").write_text(HOSTILE)
    (user / "more.pth").write_text(f"{tmp_path}/more\n")
    import nixpydoctor

    source = os.path.dirname(os.path.dirname(nixpydoctor.__file__))
    code = TELL.replace("import json, sys\n", f"import json, sys\nsys.path.append({source!r})\n", 1)
    environ = {**os.environ, "PYTHONUSERBASE": str(tmp_path)}
    done = subprocess.run([base, "-c", code], capture_output=True, text=True, env=environ, cwd="/", check=True)
    started, path, _, _ = json.loads(done.stdout)
    assert started == {"user site": str(user)}
    assert not {str(user), f"{tmp_path}/more"} & set(path)


def test_a_tool_that_itself_comes_from_pythonpath_keeps_its_folder() -> None:
    import nixpydoctor

    source = os.path.dirname(os.path.dirname(nixpydoctor.__file__))
    _, path, _, _ = json.loads(run("-c", TELL, environ={"PYTHONPATH": source}, cwd=Path("/")).stdout)
    assert source in path


def test_without_variables_nothing_is_taken_out() -> None:
    started, _, found, _ = json.loads(run("-I", "-c", TELL, cwd=Path("/")).stdout)
    assert started == {}
    assert found["typer"] is not None


def test_what_the_tools_own_wrapper_names_stays_though_a_shell_names_it_too(hostile: Path, tmp_path: Path) -> None:
    """`nix-shell -p nixpydoctor` puts what it requires on PYTHONPATH; the wrapper then adds nothing, it is there."""
    requirements = tmp_path / "store/rich/lib/python3/site-packages"
    requirements.mkdir(parents=True)
    script = tmp_path / "store/.nixpydoctor-wrapped"
    added = f"site.addsitedir(p, k), [{str(requirements)!r}], site._init_pathinfo())"
    script.write_text(f"import functools, site\nfunctools.reduce(lambda k, p: {added}\n{TELL}")
    environ = {"PYTHONPATH": f"{hostile}:{requirements}"}
    _, path, found, _ = json.loads(run(str(script), environ=environ, cwd=Path("/")).stdout)
    assert str(requirements) in path
    assert str(hostile) not in path
    assert str(hostile) not in found["rich"]
