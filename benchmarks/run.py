"""Measures the tool side by side with others, in one run, on one venv, and prints a table.

    python benchmarks/run.py [--venv PATH] [--nix-python PATH] [--skip NAME ...]

Whole processes are measured, start of Python included, with the page cache warm: the best of interleaved runs, since
what else the machine does only ever adds. `cpu` is what the process itself used, whatever it had to wait for. What
would take minutes (`ldd` in a loop, auditwheel) is measured on an even sample of the files and scaled, and says so.
Without --venv, `make_venv.py` makes one. Nothing is written into the venv that is measured.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import make_venv
import worlds

HERE = Path(__file__).parent
SCRATCH = HERE.parent / ".doctor" / "bench"
TOOL = [sys.executable, "-m", "nixpydoctor"]
SAMPLE_LDD = 60
SAMPLE_AUDITWHEEL = 12
ROUNDS = 5
LEFT_OUT = "pyside6"
"""Without Qt's thousands of needs, some six hundred findings remain where nothing supplies what wheels expect."""
AUDITWHEEL = """
import sys
from pathlib import Path
try:
    from auditwheel.lddtree import ldd
except ImportError:
    sys.exit(7)
for name in sys.argv[1:]:
    ldd(Path(name))
"""


UNTRIED = """
from nixpydoctor import doctor
doctor._all_remedies = tuple
from nixpydoctor.__main__ import main
main()
"""
"""The tool with no remedy to try: what it does then is what trials are measured against."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to end."""

    seconds: float
    cpu: float
    """User and system time."""
    megabytes: float
    """Its highest resident memory, or that of its greatest child."""
    code: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    cpu: str = ""
    against: str = ""
    must: str = ""
    held: bool | None = None
    """None where nothing is demanded, or nothing could be measured."""


def run(command: Sequence[str | Path]) -> Run:
    """Start, wait, and read what the kernel counted for this child alone."""
    start = time.perf_counter()
    pid = os.posix_spawn(
        str(command[0]),
        [str(part) for part in command],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)],
    )
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    cpu = usage.ru_utime + usage.ru_stime
    return Run(seconds, cpu, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


def best(runs: Sequence[Run]) -> Run:
    """The shortest times, the highest memory."""
    return Run(
        min(run.seconds for run in runs),
        min(run.cpu for run in runs),
        max(run.megabytes for run in runs),
        runs[-1].code,
    )


def interleaved(*commands: Sequence[str | Path], rounds: int = ROUNDS) -> list[Run]:
    """Each command in turn, so that what else the machine does falls on all of them alike; one round to warm up."""
    done = [[run(command) for command in commands] for _ in range(rounds + 1)][1:]
    return [best(runs) for runs in zip(*done, strict=True)]


def check(venv: Path) -> list[str | Path]:
    """The command that is measured: the whole report, written nowhere."""
    return [*TOOL, "check", "--format", "json", "--exit-zero", venv]


def summary(venv: Path) -> dict[str, int]:
    """What the report counts."""
    with tempfile.TemporaryFile() as file:
        pid = os.posix_spawn(
            sys.executable,
            [str(part) for part in check(venv)],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), 1)],
        )
        os.waitpid(pid, 0)
        file.seek(0)
        counted: dict[str, int] = json.load(file)["summary"]
    return counted


def sampled(files: Sequence[Path], count: int) -> list[Path]:
    """An even sample: wheels differ more among each other than their files do."""
    step = max(1, len(files) // count)
    return list(files[::step])[:count]


def side_by_side(venv: Path) -> list[Row]:
    """Against libtree, which reads the same files; against an `ldd` loop; against auditwheel's `ldd`."""
    files = worlds.objects(venv)
    libtree = shutil.which("libtree")
    if libtree is None:
        (own,) = interleaved(check(venv))
        against, beside = Row("libtree", "not installed"), list[Row]()
    else:
        own, other, whole = interleaved(check(venv), [libtree, *files], [libtree, "-vv", *files])
        ratio = own.seconds / other.seconds
        took = f"check takes {ratio:.1f} × as long"
        against = Row("libtree, the same files", _ms(other.seconds), _ms(other.cpu), took, "≤ 4 ×", ratio <= 4)
        took = f"check takes {own.seconds / whole.seconds:.1f} × as long"
        beside = [Row("libtree -vv: libc's and libstdc++'s as well", _ms(whole.seconds), _ms(whole.cpu), took)]
    return [
        Row(f"check, {len(files)} objects", _ms(own.seconds), _ms(own.cpu)),
        against,
        *beside,
        _slower("ldd in a loop", own, len(files), *_ldd(files), at_least=40),
        _slower("auditwheel's ldd", own, len(files), *_auditwheel(files), at_least=200),
        Row("peak memory of check", f"{own.megabytes:.0f} MB", must="< 100 MB", held=own.megabytes < 100),
    ]


def _ldd(files: Sequence[Path]) -> tuple[float | None, int]:
    program = shutil.which("ldd")
    chosen = sampled(files, SAMPLE_LDD)
    return (None if program is None else sum(run([program, file]).seconds for file in chosen)), len(chosen)


def _auditwheel(files: Sequence[Path]) -> tuple[float | None, int]:
    chosen = sampled(files, SAMPLE_AUDITWHEEL)
    start, whole = (run([sys.executable, "-c", AUDITWHEEL, *some]) for some in ([], chosen))
    return (None if whole.code else whole.seconds - start.seconds), len(chosen)


def _slower(what: str, own: Run, files: int, seconds: float | None, sample: int, *, at_least: int) -> Row:
    if seconds is None:
        return Row(what, "not installed", must=f"≥ {at_least} ×")
    scaled = seconds * files / sample
    ratio = scaled / own.seconds
    measured = f"{scaled:.1f} s, from {sample} files"
    return Row(what, measured, "", f"check is {ratio:.0f} × faster", f"≥ {at_least} ×", ratio >= at_least)


def broken(venv: Path, nix_python: Path | None, scratch: Path) -> list[Row]:
    """The wheels but Qt, where hundreds of objects cannot load: trials and import walk included."""
    if nix_python is not None:
        made, how = worlds.on(nix_python, venv, scratch / "broken", LEFT_OUT), "on a Nix Python"
    else:
        made, how = worlds.without_bundled(venv, scratch / "broken", LEFT_OUT), "without their bundled libraries"
    counted = summary(made)
    findings = counted["errors"] + counted["warnings"] + counted["notes"]
    own, untried = interleaved(check(made), [sys.executable, "-c", UNTRIED, *check(made)[len(TOOL) :]])
    allowed = 1.5 * untried.seconds + 0.3
    return [
        Row(
            f"the wheels but Qt {how}: {findings} findings",
            _ms(own.seconds),
            _ms(own.cpu),
            must="≤ 3 s at 600",
            held=own.seconds <= 3,
        ),
        Row(
            "the same without trials of remedies",
            _ms(untried.seconds),
            _ms(untried.cpu),
            f"trials make it {own.seconds / untried.seconds:.2f} × as long",
            "≤ 1.5 × + 300 ms",
            own.seconds <= allowed,
        ),
        Row("its peak memory", f"{own.megabytes:.0f} MB"),
    ]


def tenfold(venv: Path, scratch: Path) -> list[Row]:
    """Every distribution ten times, under other names."""
    made = worlds.times(10, venv, scratch / "tenfold")
    times = summary(made)["objects"] / summary(venv)["objects"]
    one, ten = interleaved(check(venv), check(made), rounds=3)
    ratio = ten.seconds / one.seconds
    against = f"{ratio:.1f} × the time of one"
    what = f"a venv of {times:.1f} × the objects"
    return [Row(what, _ms(ten.seconds), _ms(ten.cpu), against, f"≤ {times:.1f} ×", ratio <= times)]


def small() -> list[Row]:
    """What is typed while reading."""
    commands = {"explain NPD101": [*TOOL, "explain", "NPD101"], "--help": [*TOOL, "--help"]}
    runs = interleaved(*commands.values())
    return [
        Row(what, _ms(own.seconds), _ms(own.cpu), must="< 150 ms", held=own.seconds < 0.15)
        for what, own in zip(commands, runs, strict=True)
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def find_nix_python(version: str) -> Path | None:
    """A Python of that minor version in the store, if there is one."""
    return next(iter(sorted(Path("/nix/store").glob(f"*-python3-{version}*/bin/python{version}"))), None)


def show(rows: Sequence[Row]) -> None:
    """A table in Markdown: readable here, ready for the README."""
    words = {True: "held", False: "MISSED", None: ""}
    lines = [("what", "measured", "cpu", "compared", "demanded", "")]
    lines += [(row.what, row.measured, row.cpu, row.against, row.must, words[row.held]) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    for number, line in enumerate(lines):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venv", type=Path, help="measure this one; without it, one is made")
    parser.add_argument("--nix-python", type=Path, help="a Python of the store, of the venv's minor version")
    parser.add_argument("--skip", action="append", default=[], choices=["side", "broken", "tenfold", "small"])
    given = parser.parse_args()
    # As an installed tool is, also where the environment keeps Python from writing bytecode.
    compileall.compile_dir(HERE.parent / "src", quiet=1)
    venv = given.venv.absolute() if given.venv is not None else SCRATCH / "venv"
    if given.venv is None and not (venv / "bin" / "python").exists():
        print("making a venv of a thousand objects, once …", file=sys.stderr)
        make_venv.make(venv)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    nix_python = given.nix_python or find_nix_python(worlds.minor(venv))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        scratch = Path(folder)
        parts: dict[str, Callable[[], list[Row]]] = {
            "side": lambda: side_by_side(venv),
            "broken": lambda: broken(venv, nix_python, scratch),
            "tenfold": lambda: tenfold(venv, scratch),
            "small": small,
        }
        for name, part in parts.items():
            if name not in given.skip:
                print(f"measuring: {name} …", file=sys.stderr)
                rows += part()
    show(rows)


if __name__ == "__main__":
    main()
