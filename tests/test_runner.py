"""`run` changes nothing about a command: not what it reads and writes, not its signals, not how it ends."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import tool
from nixpydoctor import onlooker, runner
from nixpydoctor.symptoms.sieve import Sieve
from tool import START

TOOL = [sys.executable, "-c", START, "run", "--no-look", "--"]
MESSAGE = "ImportError: libz.so.1: cannot open shared object file: No such file or directory"


def run(
    *command: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The command under the tool, in a fork of what was imported; what is about the tool's own start starts TOOL."""
    return tool.raw("run", "--no-look", "--", *command, stdin=stdin, env={**os.environ, **(env or {})}, cwd=cwd)


def python(code: str) -> tuple[str, str, str]:
    return (sys.executable, "-c", code)


# ── streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_command_that_succeeds_is_not_commented_on() -> None:
    told = run(*python("import sys; sys.stderr.write('warning\\n'); print(sys.stdin.read())"), stdin=b"hello")
    assert (told.returncode, told.stdout, told.stderr) == (0, b"hello\n", b"warning\n")


def test_every_byte_of_stderr_comes_through_unchanged() -> None:
    told = run(*python("import os; os.write(2, bytes(range(256)) * 300)"))
    assert told.stderr == bytes(range(256)) * 300


def test_the_environment_is_the_commands_own() -> None:
    code = "import json, os, sys; json.dump(dict(os.environ), sys.stdout)"
    env = {"PYTHONPATH": "/somewhere", "LD_LIBRARY_PATH": "/elsewhere", "VIRTUAL_ENV": "/venv"}
    direct = subprocess.run(python(code), capture_output=True, env={**os.environ, **env}, check=True)
    assert run(*python(code), env=env).stdout == direct.stdout


def test_what_our_parent_passed_on_is_passed_on() -> None:
    """As the jobs of make and the sockets of systemd are."""
    end, start = os.pipe()
    try:
        command = [*TOOL, *python(f"import os; os.write({start}, b'here')")]
        subprocess.run(command, pass_fds=(start,), timeout=60, check=True)
        assert os.read(end, 10) == b"here"
    finally:
        os.close(end)
        os.close(start)


def test_the_explanation_goes_to_stderr_after_what_the_command_wrote() -> None:
    told = run(*python(f"import sys; print('out'); sys.exit({MESSAGE!r})"))
    assert (told.returncode, told.stdout) == (1, b"out\n")
    said = told.stderr.decode()
    assert said.startswith(f"{MESSAGE}\nnixpydoctor: the command ended with exit status 1.\n")
    assert "NPD101 missing-library" in said


def test_errors_of_another_field_get_one_line() -> None:
    told = run(*python("1 / 0"))
    assert told.returncode == 1
    assert told.stderr.decode().splitlines()[-1].startswith("nixpydoctor: the command ended with exit status 1. ")
    assert told.stderr.count(b"nixpydoctor:") == 1


def test_a_command_that_closes_its_streams_goes_on() -> None:
    told = run(*python("import os, time; os.close(0); os.close(2); time.sleep(0.3); os.write(1, b'x'); os._exit(3)"))
    assert (told.returncode, told.stdout) == (3, b"x")


@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_for_us_are_closed_for_the_command(streams: str, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    inner = (
        "import os; here = [n for n in (0, 1) if os.path.exists(f'/proc/self/fd/{n}')]\n"
        f"with open({str(seen)!r}, 'w') as file: file.write(repr(here))\n"
        "os._exit(4)"
    )
    script = 'exec "$@" ' + streams
    ended = subprocess.run(["/bin/sh", "-c", script, "sh", *TOOL, *python(inner)], timeout=60, check=False)
    assert ended.returncode == 4
    closed = {number for number, word in ((0, "<&-"), (1, " >&-")) if word in f" {streams}"}
    if Path("/proc/self/fd").exists():
        assert seen.read_text() == repr([number for number in (0, 1) if number not in closed])


def test_a_flood_is_passed_on_whole_and_kept_in_part() -> None:
    code = "import sys\nfor n in range(400): sys.stderr.write('x' * 99_999 + '\\n')\nsys.exit(" + repr(MESSAGE) + ")"
    measured = (
        "import resource, subprocess, sys\n"
        "told = subprocess.run(sys.argv[1:], stderr=subprocess.PIPE)\n"
        "print(told.returncode, told.stderr.count(b'x'), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.stderr.buffer.write(told.stderr[-8000:])\n"
    )
    told = subprocess.run([*python(measured), *TOOL, *python(code)], capture_output=True, timeout=120, check=False)
    code_, letters, kib = map(int, told.stdout.split())
    assert code_ == 1
    assert letters >= 400 * 99_999
    assert kib < 150 * 1024, "40 MB of errors must not be held"
    assert b"NPD101 missing-library" in told.stderr


def test_who_stays_behind_still_reaches_our_stderr() -> None:
    """A daemon keeps its stderr; the command's end is told at once all the same."""
    command = [*TOOL, "sh", "-c", "(sleep 1; echo late >&2) & exit 3"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as child:
        assert child.wait(timeout=60) == 3
        assert child.stderr is not None
        said = child.stderr.read()
    assert b"late" in said


# ── ends ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_the_exit_status_is_the_commands(code: int) -> None:
    assert run("sh", "-c", f"exit {code}").returncode == code


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
def test_a_signal_ends_it_as_in_a_shell(number: signal.Signals) -> None:
    told = run(*python(f"import os; os.kill(os.getpid(), {int(number)})"))
    assert told.returncode == 128 + number


def test_a_crash_without_a_word_is_explained() -> None:
    said = run(*python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")).stderr.decode()
    assert "Segmentation fault" in said
    assert "NPD108 two-c-libraries" in said


def test_a_command_that_does_not_exist_is_127_and_one_line() -> None:
    told = run("no-such-command-anywhere", "--help")
    assert (told.returncode, told.stdout) == (127, b"")
    assert told.stderr == b"nixpydoctor: no-such-command-anywhere: command not found\n"


def test_what_may_not_be_executed_is_126(tmp_path: Path) -> None:
    file = tmp_path / "tool"
    file.write_text("#!/bin/sh\n")
    told = run(str(file))
    assert told.returncode == 126
    assert b"Permission denied" in told.stderr


def test_a_folder_is_126(tmp_path: Path) -> None:
    assert run(str(tmp_path)).returncode == 126


def test_a_script_whose_interpreter_is_gone_is_explained(tmp_path: Path) -> None:
    """The kernel says that the script does not exist, which is there for all to see."""
    file = tmp_path / "bin" / "tool"
    file.parent.mkdir()
    file.write_text("#!/nowhere/bin/python3\n")
    file.chmod(0o755)
    told = run(str(file))
    assert told.returncode == 127
    assert b"cannot execute: required file not found" in told.stderr
    assert b"broken-console-script" in told.stderr


def test_a_link_that_leads_nowhere_is_explained(tmp_path: Path) -> None:
    link = tmp_path / ".venv" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to("/nix/store/gone/bin/python3")
    told = run(str(link), "-c", "0")
    assert told.returncode == 127
    assert b"venv-base-gone" in told.stderr


def test_our_own_fault_does_not_change_the_commands_status() -> None:
    sabotage = "import nixpydoctor.questions as q\ndef read(*_): raise ValueError('boom')\nq.read = read\n" + START
    command = [sys.executable, "-c", sabotage, "run", "--", "sh", "-c", "echo ImportError >&2; exit 9"]
    told = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert told.returncode == 9
    assert b"boom" in told.stderr
    assert b"Traceback" not in told.stderr


# ── signals ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WAITS = (
    "import signal, sys, time\n"
    "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):\n"
    "    signal.signal(number, lambda number, frame: sys.exit(40 + number))\n"
    "print('ready', flush=True)\n"
    "while True: time.sleep(1)\n"
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_to_us_reaches_the_command(number: signal.Signals) -> None:
    with subprocess.Popen(
        [*TOOL, *python(WAITS)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(number)
        assert child.wait(timeout=60) == 40 + number


def in_a_terminal(command: list[str], *, keys: bytes = b"", wait_for: bytes = b"") -> tuple[int, bytes]:
    """Runs a command in a terminal of its own of 91 columns; types `keys` once it has said something."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    termios.tcsetwinsize(terminal, (33, 91))
    said = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        said += data
        if keys and wait_for in said:
            os.write(terminal, keys)
            keys = b""
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), said


def test_ctrl_c_in_a_terminal_reaches_the_command_once() -> None:
    code = (
        "import signal, sys, time\n"
        "count = 0\n"
        "def handle(number, frame):\n"
        "    global count\n"
        "    count += 1\n"
        "signal.signal(signal.SIGINT, handle)\n"
        "print('ready', flush=True)\n"
        "while not count: time.sleep(0.05)\n"
        "time.sleep(0.5)\n"
        "sys.exit(50 + count)\n"
    )
    ended, _ = in_a_terminal([*TOOL, *python(code)], keys=b"\x03", wait_for=b"ready")
    assert ended == 51


def test_ctrl_c_ends_a_command_without_an_explanation() -> None:
    code = "import time\nprint('ready', flush=True)\ntime.sleep(600)\n"
    ended, said = in_a_terminal([*TOOL, *python(code)], keys=b"\x03", wait_for=b"ready")
    assert ended == 128 + signal.SIGINT
    assert b"KeyboardInterrupt" in said
    assert b"nixpydoctor:" not in said


def test_stderr_stays_a_terminal_of_the_same_size() -> None:
    code = (
        "import os, sys, time\n"
        "time.sleep(0.5)\n"
        "print([os.isatty(n) for n in (0, 1, 2)], tuple(os.get_terminal_size(2)), file=sys.stderr)\n"
    )
    ended, said = in_a_terminal([*TOOL, *python(code)])
    assert ended == 0
    assert b"[True, True, True] (91, 33)" in said
    assert said.endswith(b"\r\n")
    assert b"\r\r\n" not in said


# ── who failed ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs proc(5)")
def test_the_python_below_is_seen_with_the_variables_that_it_started_with() -> None:
    code = "import os, time; os.environ['LATER'] = '1'; print('ready', flush=True); time.sleep(60)"
    script = f'LD_LIBRARY_PATH=/of/the/grandchild "{sys.executable}" -c "{code}"; exit 0'
    with subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        seen = onlooker.python_below(child.pid)
        below = [int(pid) for pid in Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()]
        for pid in below:
            os.kill(pid, signal.SIGKILL)
    assert seen is not None
    assert seen.command == sys.executable
    assert seen.environ["LD_LIBRARY_PATH"] == "/of/the/grandchild"
    assert "LATER" not in seen.environ


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs proc(5)")
def test_the_failing_grandchild_is_seen_while_it_writes_its_traceback() -> None:
    code = "import sys, time; print('Traceback', file=sys.stderr, flush=True); time.sleep(1); sys.exit(3)"
    script = f'MARK=below "{sys.executable}" -c "{code}"; exit 5'
    asked = (
        "from nixpydoctor import runner\n"
        f"ended = runner.run(['/bin/sh', '-c', {script!r}])\n"
        "print(ended.code, runner.environment(ended, {}).get('MARK'), runner.python_of(ended, ['sh']))\n"
    )
    told = subprocess.run(python(asked), capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.split() == ["5", "below", sys.executable]
    assert told.stderr == "Traceback\n"


def test_where_no_python_is_below_nobody_is_seen() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        time.sleep(0.05)
        assert onlooker.python_below(child.pid) is None
        child.kill()
    assert onlooker.python_below(child.pid) is None


@pytest.mark.parametrize(
    ("command", "found"),
    [(("/opt/bin/python3", "x.py"), "/opt/bin/python3"), (("uv", "run", "x.py"), None), (("./tool",), None)],
)
def test_the_python_that_was_started_is_read_off_the_command(command: tuple[str, ...], found: str | None) -> None:
    assert runner.python_of(runner.Ended(1, Sieve()), command) == found


def test_a_program_that_is_no_python_may_be_a_host() -> None:
    ended = runner.Ended(1, Sieve())
    assert runner.host_of(ended, ("/opt/host", "x")) == "/opt/host"
    assert runner.host_of(ended, ("python3", "x")) is None
    assert runner.host_of(runner.Ended(127, Sieve(), failure="x: not found"), ("./x",)) is None
    seen = runner.Ended(1, Sieve(), seen=onlooker.Seen("/venv/bin/python", {}))
    assert runner.host_of(seen, ("uv", "run")) is None


def test_a_python_that_was_seen_counts_for_more() -> None:
    seen = onlooker.Seen("/venv/bin/python", {"LD_LIBRARY_PATH": "/x"})
    ended = runner.Ended(1, Sieve(), seen=seen)
    assert runner.python_of(ended, ("uv", "run", "x.py")) == "/venv/bin/python"
    assert runner.environment(ended, {}) == {"LD_LIBRARY_PATH": "/x"}
