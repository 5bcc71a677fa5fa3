"""Measures what the size of a program that embeds Python costs: beside a check of a venv of the same Python.

    python benchmarks/hosts.py [--python PATH] [--wheels NAME ...]

The Python must have a shared libpython. Three programs are made that embed it: a small one, one with a hundred
megabytes of data that its loader maps, and one with as much behind its end, where debug information stands. The
shell's Python is the venv, which each check of a program looks at as well. Whole processes, best of interleaved runs;
`cpu` is what they and their children used, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = 100 << 20
ROUNDS = 5
ASK = (
    "import json, sysconfig as s; v = s.get_config_var; "
    "print(json.dumps([v('LIBDIR'), v('INSTSONAME'), bool(v('Py_ENABLE_SHARED'))]))"
)
HOST = r"""
void Py_Initialize(void);
const char padding[%d] = {1};
int main(void) { Py_Initialize(); return padding[9]; }
"""


def main() -> int:
    """Make, measure, print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--python", default=sys.executable, help="a Python with a shared libpython")
    words.add_argument("--wheels", nargs="*", default=["numpy", "pandas"], help="what the venv holds")
    given = words.parse_args()
    told = subprocess.run([given.python, "-I", "-c", ASK], capture_output=True, text=True, check=True).stdout
    folder, soname, shared = json.loads(told)
    if not shared:
        print(f"{given.python} has no shared libpython: name another with --python", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as work:
        venv = Path(work, "venv")
        subprocess.run([given.python, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/pip", "install", "-q", *given.wheels], check=True)
        targets = {"venv": venv, **hosts(Path(work), Path(folder), soname)}
        env = {**os.environ, "PATH": f"{venv}/bin:/usr/bin:/bin", "HOME": work}
        best = dict.fromkeys(targets, (float("inf"), float("inf")))
        for _ in range(ROUNDS):
            for name, target in targets.items():
                begin, used = time.perf_counter(), children()
                command = [sys.executable, "-m", "nixpydoctor", "check", "--exit-zero", "--quiet", str(target)]
                subprocess.run(command, env=env, cwd=work, check=True)
                took = time.perf_counter() - begin, children() - used
                best[name] = min(best[name][0], took[0]), min(best[name][1], took[1])
    for name, (wall, cpu) in best.items():
        ratios = f"{wall / best['venv'][0]:.2f} and {cpu / best['venv'][1]:.2f} x the venv"
        print(f"{name:24} {wall * 1000:5.0f} ms, cpu {cpu * 1000:5.0f} ms: {ratios}")
    return 0


def children() -> float:
    """Seconds of processor that finished children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def hosts(work: Path, folder: Path, soname: str) -> dict[str, Path]:
    """The three programs."""
    made = {}
    for name, size in (("small host", 16), ("100 MB that are mapped", SIZE)):
        source = work / "host.c"
        source.write_text(HOST % size)
        made[name] = work / name.replace(" ", "-")
        flags = [folder / soname, f"-Wl,-rpath,{folder}"]
        subprocess.run(["gcc", "-o", made[name], source, *flags], check=True)
    appended = made["100 MB behind its end"] = work / "appended"
    appended.write_bytes(made["small host"].read_bytes())
    with open(appended, "ab") as file:
        for _ in range(SIZE >> 20):
            file.write(os.urandom(1 << 20))
    appended.chmod(0o755)
    return made


if __name__ == "__main__":
    sys.exit(main())
