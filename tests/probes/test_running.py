"""A process that runs is looked at: its program, its variables, what it has mapped; or a sentence says why not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from embeddable import EMBEDDABLE
from nixpydoctor import workflow
from nixpydoctor.probes import proc
from nixpydoctor.probes.running import look, seen
from nixpydoctor.target import UsageError
from nixpydoctor.workflow import Wish, check

WAITS = "import sys; print('ready', flush=True); sys.stdin.read()"


@contextmanager
def running(*command: str | Path, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that says that it is ready, and waits until it is let go."""
    ends = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env={**os.environ, **env}, **ends) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == b"ready\n"
        yield child
        child.stdin.close()


def venv(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin" / "python"


def test_a_python_of_a_venv_is_known_by_what_was_called(tmp_path: Path) -> None:
    python = venv(tmp_path / "venv")
    with running(python, "-c", WAITS, MARK="here") as child:
        told = look(child.pid)
    assert told.command == str(python)
    assert told.env["MARK"] == "here"
    assert told.cwd == os.getcwd()
    assert told.running.pid == child.pid
    assert any(path.rpartition("/")[2].startswith("libc.so") for path in told.running.mapped)


def test_check_examines_it_with_its_own_variables(tmp_path: Path) -> None:
    python = venv(tmp_path / "venv")
    with running(python, "-c", WAITS, PYTHONPATH=str(tmp_path)) as child:
        facts = check(Wish(pid=child.pid), {"PATH": "/usr/bin"}, "/", lambda message: None).facts
    assert facts.main.venv is not None
    assert facts.main.venv.root == str(tmp_path / "venv")
    assert facts.main.process.env["PYTHONPATH"] == str(tmp_path)
    assert facts.choice.why == f"process {child.pid} runs it"
    assert facts.main.running is not None


@pytest.mark.skipif(not EMBEDDABLE, reason="no shared libpython here: tests/oracle says so in CI")
def test_a_program_that_opened_its_libpython_by_itself_is_a_host_once_it_runs(tmp_path: Path) -> None:
    """As PyCall does: no file of the program names a libpython."""
    one = EMBEDDABLE[0]
    opens = "\n".join(
        [
            "#include <dlfcn.h>",
            "#include <stddef.h>",
            "int main(void) {",
            f'    void *python = dlopen("{one.library}", RTLD_NOW | RTLD_GLOBAL);',
            "    if (python == NULL) return 1;",
            '    ((void (*)(void))dlsym(python, "Py_Initialize"))();',
            f'    return ((int (*)(const char *))dlsym(python, "PyRun_SimpleString"))("{WAITS}");',
            "}",
        ]
    )
    (tmp_path / "host.c").write_text(opens)
    subprocess.run(["gcc", "-o", tmp_path / "host", tmp_path / "host.c"], check=True)
    with pytest.raises(UsageError, match="neither needs a libpython nor contains one"):
        check(Wish(target=str(tmp_path / "host")), {"PATH": "/usr/bin"}, "/", lambda message: None)
    with running(tmp_path / "host") as child:
        facts = workflow.seen(Wish(pid=child.pid), {"PATH": "/usr/bin"}, "/", lambda message: None)
    assert facts.main.host is not None
    assert facts.main.host.library is not None
    assert os.path.samefile(facts.main.host.library, one.library)
    assert facts.main.python is not None
    assert facts.main.python.minor == one.build.version


@pytest.mark.skipif(len(EMBEDDABLE) < 2, reason="no two shared libpythons here")
def test_two_libpythons_in_one_process_are_found(tmp_path: Path) -> None:
    """Both are opened by path, each behind the other's back."""
    first, second = EMBEDDABLE[:2]
    opens = f"import ctypes; ctypes.CDLL('{second.library}'); {WAITS}"
    (tmp_path / "host.c").write_text(
        "int PyRun_SimpleString(const char *text);\nvoid Py_Initialize(void);\n"
        f'int main(void) {{ Py_Initialize(); return PyRun_SimpleString("{opens}"); }}\n'
    )
    flags: list[str | Path] = [first.library, f"-Wl,-rpath,{first.library.parent}"]
    subprocess.run(["gcc", "-o", tmp_path / "host", tmp_path / "host.c", *flags], check=True)
    with running(tmp_path / "host", PATH=str(first.python.parent)) as child:
        diagnosis = check(Wish(pid=child.pid), {"PATH": "/usr/bin"}, "/", lambda message: None)
    (finding,) = (one for one in diagnosis.findings if one.rule.id == "NPD409" and one.detail == "libpython")
    assert {str(first.library), str(second.library)} == {place.path for place in finding.evidence}  # type: ignore[union-attr]


def test_a_process_without_a_python_is_refused() -> None:
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    try:
        with pytest.raises(UsageError, match=rf"Process {child.pid} runs \S+cat, in which no Python is"):
            check(Wish(pid=child.pid), {"PATH": "/usr/bin"}, "/", lambda message: None)
    finally:
        child.communicate()


def test_a_process_that_has_ended_is_refused() -> None:
    child = subprocess.Popen(["true"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.read() == b""  # its end of the pipe is closed: it has ended, and nobody has asked how
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(UsageError, match=f"Process {child.pid} has ended"):
        look(child.pid)
    child.communicate()
    with pytest.raises(UsageError, match=f"There is no process {child.pid}"):
        look(child.pid)


def test_a_process_that_ends_while_it_is_looked_at_is_refused() -> None:
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    process = psutil.Process(child.pid)
    child.communicate()
    with pytest.raises(UsageError, match=f"Process {child.pid} ended while it was looked at"):
        seen(process)


@pytest.mark.parametrize("without", [[], ["psutil"]])
def test_a_process_of_another_user_is_refused(without: list[str]) -> None:
    """As root, by a child that gives up being root; the first process is root's."""
    code = (
        "import os, sys\n"
        "from nixpydoctor.probes.running import look\n"
        "from nixpydoctor.target import UsageError\n"
        "if len(sys.argv) > 2: sys.modules['psutil'] = None\n"
        "else: import psutil\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: look(int(sys.argv[1]))\n"
        "except UsageError as error: print(error)\n"
    )
    with running(sys.executable, "-c", WAITS) as child:
        pid = child.pid if os.getuid() == 0 else 1
        told = subprocess.run(
            [sys.executable, "-c", code, str(pid), *without], capture_output=True, text=True, check=True
        )
    assert f"Process {pid} belongs to " in told.stdout
    assert "only that user and root may look at it" in told.stdout


@pytest.mark.parametrize(
    ("me", "whose", "said"),
    [
        (0, "root", "lets not even root look at it here"),
        (1, "daemon", "is yours, and it lets nobody but root look at it"),
        (1, "root", "belongs to root: only that user and root may look at it"),
    ],
)
def test_a_refusal_says_who_may_look(monkeypatch: pytest.MonkeyPatch, me: int, whose: str, said: str) -> None:
    """Even root is refused where a container or a sandbox keeps it from tracing (ptrace(2), capabilities(7))."""

    def refuses(self: psutil.Process) -> str:
        raise psutil.AccessDenied(self.pid)

    monkeypatch.setattr(os, "geteuid", lambda: me)
    monkeypatch.setattr(proc, "login", {0: "root", 1: "daemon"}.__getitem__)
    monkeypatch.setattr(psutil.Process, "exe", refuses)
    monkeypatch.setattr(psutil.Process, "username", lambda self: whose)
    with pytest.raises(UsageError, match=said):
        look(os.getpid())


def test_a_program_that_was_replaced_meanwhile_is_refused(tmp_path: Path) -> None:
    """What stands at its path now is not what runs."""
    program = tmp_path / "sleeper"
    program.write_bytes(Path("/bin/cat").read_bytes())
    program.chmod(0o755)
    child = subprocess.Popen([program], stdin=subprocess.PIPE)
    try:
        program.unlink()
        with pytest.raises(UsageError, match="which is not there as seen from here"):
            look(child.pid)
    finally:
        child.communicate()


needs_proc = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs proc(5)")


@needs_proc
def test_proc_says_what_psutil_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a process with a folder, a variable and an argument that are no plain words."""
    folder = tmp_path / "ein Ordner, ö\n"
    folder.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-c", WAITS, "a b", ""], cwd=folder, env={**os.environ, "X": "a=b\nc"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        child.stdout.readline()
        asked = look(child.pid)
        monkeypatch.setitem(sys.modules, "psutil", None)
        read = look(child.pid)
    finally:
        child.communicate()
    assert read.running.without_psutil
    assert not asked.running.without_psutil
    assert (read.command, read.cwd) == (asked.command, asked.cwd) == (asked.command, str(folder))
    assert read.env == asked.env
    assert read.env["X"] == "a=b\nc"
    assert set(read.running.mapped) == set(asked.running.mapped)
    assert len(read.running.mapped) > 2


@needs_proc
def test_without_psutil_what_cannot_be_looked_at_is_the_same_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["true"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.read() == b""
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(UsageError, match=f"Process {child.pid} has ended"):
        look(child.pid)
    child.communicate()
    with pytest.raises(UsageError, match=f"There is no process {child.pid}"):
        look(child.pid)


@needs_proc
def test_without_psutil_the_report_says_so() -> None:
    """As in the file that zipapp makes."""
    code = (
        "import sys; sys.modules['psutil'] = None\n"
        "from nixpydoctor.__main__ import main\n"
        "sys.argv = ['nixpydoctor', 'check', '--pid', sys.argv[1]]\n"
        "main()\n"
    )
    with running(sys.executable, "-c", WAITS) as child:
        command = [sys.executable, "-c", code, str(child.pid)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    assert f"process    {child.pid}, " in ended.stdout
    assert "read from /proc: psutil is not installed here" in " ".join(ended.stdout.split())  # a line may be wrapped


@pytest.mark.parametrize("wish", [Wish(pid=1, target="x"), Wish(pid=1, python="x"), Wish(pid=1, root="/")])
def test_a_process_is_the_whole_target(wish: Wish) -> None:
    with pytest.raises(UsageError, match="--pid names what runs"):
        check(wish, {}, "/", lambda message: None)
