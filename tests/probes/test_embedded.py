"""A program that embeds Python is surveyed without being started; the program itself says what is true."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from embeddable import EMBEDDABLE, HOST
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import World
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import UsageError, find

needs_a_libpython = pytest.mark.skipif(not EMBEDDABLE, reason="no shared libpython here: tests/oracle says so in CI")


def compiled(folder: Path, *flags: str | Path, source: str = HOST) -> Path:
    (folder / "host.c").write_text(source)
    subprocess.run(["gcc", "-o", folder / "host", folder / "host.c", *flags], check=True)
    return folder / "host"


def world(program: Path, env: Mapping[str, str]) -> World:
    return survey(find(str(program), env, str(program.parent)), env).main


@needs_a_libpython
def test_the_paths_of_a_host_are_those_that_it_prints(tmp_path: Path) -> None:
    one = EMBEDDABLE[0]
    program = compiled(tmp_path, one.library, f"-Wl,-rpath,{one.library.parent}")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    executable, prefix, _, _, path = json.loads(
        subprocess.run([program], env=env, cwd=tmp_path, capture_output=True, check=True).stdout
    )
    seen = world(program, env)
    assert seen.host is not None
    assert seen.python is not None
    assert seen.host.needed is not None
    assert seen.host.needed.startswith("libpython3")
    assert seen.host.library is not None
    assert os.path.samefile(seen.host.library, one.library)
    assert seen.host.executable == executable
    assert seen.python.prefix == prefix
    assert [entry.path for entry in seen.python.path] == path
    assert seen.python.minor == one.build.version
    assert any(dist.name == "python" and dist.extensions for dist in seen.dists)


@needs_a_libpython
def test_beside_a_host_stands_the_python_of_its_shell(tmp_path: Path) -> None:
    one = EMBEDDABLE[0]
    program = compiled(tmp_path, one.library, f"-Wl,-rpath,{one.library.parent}")
    env = {"PATH": str(one.python.parent), "HOME": str(tmp_path)}
    beside = survey(find(str(program), env, str(tmp_path)), env).beside
    assert beside is not None
    assert beside.python is not None
    assert beside.python.command == str(one.python.parent / "python3")


@needs_a_libpython
def test_a_libpython_that_is_not_found_is_a_fact(tmp_path: Path) -> None:
    program = compiled(tmp_path, EMBEDDABLE[0].library)
    subprocess.run(["patchelf", "--remove-rpath", program], check=True)
    needed = EMBEDDABLE[0].library.name
    subprocess.run(["patchelf", "--replace-needed", needed, "libpython3.99.so.1.0", program], check=True)
    seen = world(program, {"PATH": "/usr/bin", "HOME": str(tmp_path)})
    assert seen.host is not None
    assert seen.host.library is None
    assert seen.host.needed in (needed, "libpython3.99.so.1.0")


@needs_a_libpython
def test_what_a_program_sets_itself_is_named_and_not_guessed(tmp_path: Path) -> None:
    one = EMBEDDABLE[0]
    sets = "#include <wchar.h>\nvoid Py_SetPythonHome(const wchar_t *);\n" + HOST.replace(
        "Py_Initialize();\n    PyRun", 'Py_SetPythonHome(L"/opt"); Py_Initialize();\n    PyRun'
    )
    program = compiled(tmp_path, one.library, f"-Wl,-rpath,{one.library.parent}", source=sets)
    seen = world(program, {"PATH": "/usr/bin", "HOME": str(tmp_path)})
    assert seen.host is not None
    assert seen.host.sets == ("Py_SetPythonHome",)
    assert not seen.host.isolated
    other = compiled(tmp_path, one.library, f"-Wl,-rpath,{one.library.parent}")
    plain = world(other, {"PATH": "/usr/bin", "HOME": str(tmp_path)})
    assert plain.host is not None
    assert plain.host.sets == ()


@needs_a_libpython
@pytest.mark.parametrize(("method", "end"), [("insert(0, ", 0), ("append(", -1)])
def test_the_folder_that_pybind11_puts_into_the_path_is_there(
    method: str, end: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which end depends on its version: the text that it runs tells."""
    one = EMBEDDABLE[0]
    runs = f"import sys, os.path; sys.path.{method}os.path.abspath(os.path.dirname(sys.argv[0])) if 0 else '')"
    source = f'const char *by = "pybind11";\n{HOST}'.replace(
        "Py_Initialize();\n    PyRun", f'Py_Initialize(); PyRun_SimpleString("{runs}");\n    PyRun'
    )
    program = compiled(tmp_path, one.library, f"-Wl,-rpath,{one.library.parent}", source=source)
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    monkeypatch.chdir(tmp_path)
    told = subprocess.run([program], env=env, cwd=tmp_path, capture_output=True, check=True).stdout
    entries = json.loads(told)[4]
    assert entries[end] == ""
    seen = world(program, env)
    assert seen.python is not None
    assert [entry.path for entry in seen.python.path] == [os.path.abspath(entry) for entry in entries]


def test_a_static_python_is_recognised_stripped_as_well(tmp_path: Path) -> None:
    """Its version is told by the suffix of extension modules: a linker may merge any other text away."""
    archives = [
        path for one in EMBEDDABLE for path in Path(one.build.prefix).glob("lib/python3.*/config-*/libpython3.*[0-9].a")
    ]
    if not archives:
        pytest.skip("no static libpython here: the lab has some")
    program = compiled(tmp_path, "-no-pie", "-rdynamic", archives[0], "-lm", "-ldl")
    subprocess.run(["strip", program], check=True)
    env = {"PATH": "/nowhere", "HOME": str(tmp_path)}
    _, prefix, *_ = json.loads(subprocess.run([program], env=env, capture_output=True, check=True).stdout)
    seen = world(program, env)
    assert seen.host is not None
    assert seen.python is not None
    assert seen.host.needed is None
    assert seen.host.exports
    assert seen.python.prefix == prefix
    assert f"python{seen.python.version}" in archives[0].name


def test_a_program_without_a_python_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "plain.c"
    source.write_text("int main(void) { return 0; }")
    subprocess.run(["gcc", "-o", tmp_path / "plain", source], check=True)
    with pytest.raises(UsageError, match="neither needs a libpython nor contains one"):
        world(tmp_path / "plain", {"PATH": "/usr/bin"})


def test_a_script_of_a_python_is_that_pythons(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text("#!/opt/venv/bin/python3.12\nimport tool\n")
    script.chmod(0o755)
    with pytest.raises(UsageError, match=r"a script that /opt/venv/bin/python3.12 runs"):
        find(str(script), {"PATH": "/usr/bin"}, str(tmp_path))


def test_a_script_of_a_shell_is_no_host(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text("#!/bin/sh\necho hello\n")
    script.chmod(0o755)
    with pytest.raises(UsageError, match="a script"):
        world(script, {"PATH": "/usr/bin"})


def test_a_program_without_a_loader_and_without_a_python_is_refused(tmp_path: Path) -> None:
    """Statically linked: neither needs nor contains one."""
    (tmp_path / "host.c").write_text("int main(void) { return 0; }")
    subprocess.run(["gcc", "-static", "-o", tmp_path / "host", tmp_path / "host.c"], check=True)
    with pytest.raises(UsageError, match="neither needs a libpython nor contains one"):
        world(tmp_path / "host", {"PATH": "/usr/bin"})


def test_a_program_for_another_machine_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "host.c").write_text("int main(void) { return 0; }")
    subprocess.run(["gcc", "-o", tmp_path / "host", tmp_path / "host.c"], check=True)
    data = bytearray((tmp_path / "host").read_bytes())
    foreign, name = (183, "aarch64") if os.uname().machine == "x86_64" else (62, "x86_64")
    data[18:20] = foreign.to_bytes(2, "little")
    (tmp_path / "host").write_bytes(data)
    with pytest.raises(UsageError, match=rf"built for another machine \({name}\)"):
        world(tmp_path / "host", {"PATH": "/usr/bin"})


@needs_a_libpython
def test_a_stripped_program_is_examined_like_any_other(tmp_path: Path) -> None:
    one = EMBEDDABLE[0]
    program = compiled(tmp_path, one.library, f"-Wl,-rpath,{one.library.parent}")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    before = world(program, env)
    subprocess.run(["strip", program], check=True)
    after = world(program, env)
    assert before.host is not None
    assert after.host == before.host
    assert after.python == before.python


@needs_a_libpython
def test_a_libpython_that_is_a_text_for_linkers_is_named_as_such(tmp_path: Path) -> None:
    """As `libpython3.so` of some development packages: the loader refuses it, and so says the finding."""
    one = EMBEDDABLE[0]
    library = tmp_path / "lib" / one.library.name
    library.parent.mkdir()
    program = compiled(tmp_path, one.library, f"-Wl,--disable-new-dtags,-rpath,{library.parent}")
    library.write_text(f"/* GNU ld script */\nGROUP ( {one.library} )\n")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    assert subprocess.run([program], env=env, capture_output=True, check=False).returncode == 127
    facts = survey(find(str(program), env, str(tmp_path)), env)
    (finding,) = (one for one in diagnose(facts, remedies=()).findings if one.rule.id == "NPD401")
    assert f"{library}, is a text for linkers" in finding.message


def test_a_setuid_program_is_refused_with_a_reason(tmp_path: Path) -> None:
    """Its loader ignores variables: a prediction from this shell's would be wrong."""
    (tmp_path / "host.c").write_text("int main(void) { return 0; }")
    subprocess.run(["gcc", "-o", tmp_path / "host", tmp_path / "host.c"], check=True)
    (tmp_path / "host").chmod(0o4755)
    with pytest.raises(UsageError, match="is setuid"):
        world(tmp_path / "host", {"PATH": "/usr/bin"})
