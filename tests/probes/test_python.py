"""Asking a Python: every version answers alike, and no Python can stop or fool the asker."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from nixpydoctor.facts import FsPath
from nixpydoctor.probes.path_entries import provider
from nixpydoctor.probes.python import Answer, Question
from probes.making import pythons, script, site_packages, venv

PATH = {"PATH": os.defpath}


def ask(command: str | Path, environ: Mapping[str, str] = PATH, cwd: str = "/", timeout: float = 30) -> Answer:
    return Question(FsPath(str(command)), environ, cwd, timeout).collect()


@pytest.mark.parametrize("python", pythons())
def test_every_python_says_what_it_says_of_itself(python: str) -> None:
    import json
    import subprocess

    code = """
import json, sys
path = [entry for entry in sys.path if entry]
import importlib.machinery, sysconfig
print(json.dumps([path, list(sys.version_info[:3]), sys.prefix, sys.base_prefix, importlib.machinery.EXTENSION_SUFFIXES,
    sorted(sys.builtin_module_names), sys.platform, sys.implementation.name]))
"""
    said = json.loads(subprocess.run([python, "-B", "-c", code], capture_output=True, env=PATH, check=True).stdout)
    answer = ask(python)
    assert answer.silence is None
    assert answer.told is not None
    names = ("path", "version", "prefix", "base_prefix", "suffixes", "builtins", "platform", "implementation")
    told = {**answer.told, "builtins": sorted(answer.told["builtins"])}
    assert [told[name] for name in names] == said


def test_a_venv_answers_for_itself(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    told = ask(root / "bin" / "python").told
    assert told is not None
    assert (told["prefix"], told["base_prefix"]) == (str(root), sys.base_prefix)
    assert str(site_packages(root)) in told["path"]


def test_nothing_is_written_into_the_target(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (site_packages(root) / "hook.py").write_text("x = 1\n")
    (site_packages(root) / "run.pth").write_text("import hook\n")
    before = sorted(tmp_path.rglob("*"))
    assert ask(root / "bin" / "python").silence is None
    assert sorted(tmp_path.rglob("*")) == before


def test_the_order_of_pythonpath_is_kept_and_relative_parts_mean_the_users_folder(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
    environ = {**PATH, "PYTHONPATH": f"b:{tmp_path}/a::/gone"}
    told = ask(sys.executable, environ, str(tmp_path)).told
    assert told is not None
    assert told["path"][:4] == [f"{tmp_path}/b", f"{tmp_path}/a", str(tmp_path), "/gone"]


def test_modules_on_the_path_cannot_take_the_place_of_ours(tmp_path: Path) -> None:
    for name in ("json", "sysconfig", "platform", "importlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hostile')\n")
    assert ask(sys.executable, {**PATH, "PYTHONPATH": str(tmp_path)}).silence is None


def test_a_banner_and_noise_around_the_answer_do_no_harm(tmp_path: Path) -> None:
    wrapped = script(tmp_path / "python", f'echo "Welcome <>"; echo noise >&2; "{sys.executable}" "$@"; echo bye')
    answer = ask(wrapped)
    assert answer.told is not None
    assert answer.silence is None


def test_a_python_that_replaces_its_stdout_still_answers(tmp_path: Path) -> None:
    root = venv(tmp_path / "v")
    (site_packages(root) / "sitecustomize.py").write_text("import sys, io; sys.stdout = io.StringIO()\nprint('x')\n")
    assert ask(root / "bin" / "python").silence is None


FATAL = (
    "Fatal Python error: init_x: y\\nPython runtime state: core initialized\\nImportError: z\\n\\n"
    "Current thread 0x1 (most recent call first):\\n  <no Python frame>\\n"
)


@pytest.mark.parametrize(
    ("body", "silence"),
    [
        ("echo Python 3.12.1", "it ended without an answer"),
        ("echo dead >&2; exit 4", "it ended with exit code 4: dead"),
        ("kill -SEGV $$", "it was ended by SIGSEGV"),
        ("echo '<$4'; echo '{}'", "it ended without an answer"),
        ('for m; do :; done; printf "\\n<%s\\n{]\\n>%s\\n" $m $m', "its answer makes no sense"),
        ('for m; do :; done; printf "\\n<%s\\n[1]\\n>%s\\n" $m $m', "its answer makes no sense"),
        ('for m; do :; done; printf "\\n<%s\\n{\\"path\\": 7}\\n>%s\\n" $m $m', "its answer makes no sense"),
        ("yes", "it printed more than anybody would read instead of an answer"),
        (f"printf '{FATAL}' >&2; exit 1", "it ended with exit code 1: ImportError: z"),
    ],
    ids=["garbage", "exit", "crash", "half", "no JSON", "a list", "wrong shape", "endless", "fatal"],
)
def test_a_program_that_gives_no_answer_is_silent_for_a_reason(tmp_path: Path, body: str, silence: str) -> None:
    answer = ask(script(tmp_path / "python", body))
    assert (answer.told, answer.silence) == (None, silence)


def test_a_python_that_hangs_is_silent_when_its_time_is_up(tmp_path: Path) -> None:
    answer = ask(script(tmp_path / "python", "sleep 1000"), timeout=0.3)
    assert answer.silence == "it gave no answer within 0.3 s and was ended; with -I -S there was none within 0.3 s"


@pytest.mark.parametrize("code", ["import os; os._exit(5)", "import time; time.sleep(1000)", "import os; os.abort()"])
def test_where_something_at_its_start_kills_it_the_python_answers_without_that(tmp_path: Path, code: str) -> None:
    root = venv(tmp_path / "v")
    (site_packages(root) / "sitecustomize.py").write_text(code)
    answer = ask(root / "bin" / "python", timeout=3)
    assert answer.told is not None
    assert answer.told["version"] == list(sys.version_info[:3])
    assert answer.silence is not None
    assert answer.silence.endswith("with -I -S it answered, so something that runs at its start is to blame")


def test_what_cannot_be_started_says_so(tmp_path: Path) -> None:
    lost = script(tmp_path / "python", "")
    lost.write_text("#!/no/such/shell\n")
    assert ask(lost).silence == "it could not be started: its first line names /no/such/shell, which does not exist"
    lost.write_bytes(b"\x7fELF")
    assert ask(lost).silence == "it could not be started: Exec format error"
    assert ask(tmp_path / "none").silence == "it could not be started: No such file or directory"


def test_variables_that_change_a_pythons_start_are_the_users_and_stay(tmp_path: Path) -> None:
    told = ask(sys.executable, {**PATH, "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "0", "LD_LIBRARY_PATH": ":/x:rel:"}).told
    assert told is not None
    assert told["flags"]["no_user_site"] == 1
    assert told["environ"]["LD_LIBRARY_PATH"] == ":/x:rel:"


def test_hostile_bytes_in_paths_come_through(tmp_path: Path) -> None:
    name = str(tmp_path / "\udcff \n\u20ac\U0001f40d")
    told = ask(sys.executable, {**PATH, "PYTHONPATH": name, "PYTHONUTF8": "1"}).told
    assert told is not None
    assert told["path"][0] == name


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/nix/store/x-numpy/lib/python3.12/site-packages", "nix"),
        ("/v/lib/python3.12/site-packages", "venv"),
        ("/home/ada/.local/lib/python3.12/site-packages", "user"),
        ("/usr/lib/python3/dist-packages", "system"),
        ("/opt/python/lib/python3.12", "standalone"),
        ("/home/ada/src", "project"),
        ("/optical", "project"),
    ],
)
def test_who_put_a_folder_on_the_path_shows_in_where_it_lies(path: str, who: str) -> None:
    assert provider(path, "/v", "/home/ada/.local/lib/python3.12/site-packages", "/opt/python", False) == who


def test_under_conda_its_prefix_is_condas() -> None:
    assert provider("/opt/c/lib/python3.12", None, None, "/opt/c", True) == "conda"


def test_the_soabi_equals_sysconfigs(tmp_path: Path) -> None:
    from nixpydoctor.probes.surveying import survey
    from probes.making import target

    python = survey(target(venv(tmp_path / "v")), PATH).main.python
    assert python is not None
    assert python.soabi == sysconfig.get_config_var("SOABI")
