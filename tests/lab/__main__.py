"""`make lab`: builds the store, judges the predictions, runs the scenarios, writes docs/explanation/accuracy.md.

python -m lab                 everything
python -m lab accuracy        the table alone (HALF, or ENVIRONMENT names, to narrow it; nothing is written then)
python -m lab scenarios ARGS  the scenarios alone, ARGS for pytest
python -m lab store           build the store and say where everything is
python -m lab matrix          every remedy in every situation; writes docs/explanation/remedies-matrix.md (or some)
python -m lab lock            take today's versions of the distributions
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence

from lab import nixpkgs
from lab.accuracy import PAGE, Measurement, bench, environments, measure, page, verdict
from lab.judgement import HALVES
from lab.machine import HERE, REPOSITORY, LabError, Machine, cache, survey
from lab.matrix import matrix
from lab.scenario import discard
from lab.store import Store, build
from lab.wheels import interpreters, lock, tool

SCENARIO_CACHE = "NIXPYDOCTOR_LAB"


def main(words: Sequence[str]) -> int:
    """Runs one of the commands; 0 where every promise holds, 1 where one does not, 3 where the lab cannot run here."""
    try:
        machine = survey()
        with open(cache() / "lock", "w", encoding="ascii") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LabError(f"another run of the lab holds {cache()}") from None
            return _run(words, machine)
    except LabError as lack:
        print(f"lab: {lack}", file=sys.stderr)
        return 3


def _run(words: Sequence[str], machine: Machine) -> int:
    begin = time.monotonic()
    for left in (*cache().glob("tmp*"), *cache().glob("nixpkgs*")):  # of a run that was killed, of other texts
        shutil.rmtree(left, ignore_errors=True)
    discard(cache() / "scenarios")
    say("store (glibc takes minutes the first time)")
    store = build(machine)
    tool(store)
    command, *rest = words or ["all"]
    if command == "store":
        for name, path in (*store.paths.items(), *interpreters(store).items()):
            print(f"{name:18} {path}")
        return 0
    if command == "lock":
        return _lock(store)
    if command == "matrix":
        return matrix(store, rest)
    code = 0
    if command in ("all", "scenarios"):
        say("scenarios")
        code = scenarios(rest if command == "scenarios" else [])
    if command in ("all", "accuracy"):
        code = max(code, accuracy(store, machine, rest if command == "accuracy" else []))
    say(f"done after {time.monotonic() - begin:.0f} s")
    return code


def scenarios(arguments: Sequence[str]) -> int:
    """The scenarios, each a test of pytest."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-n", "2", str(HERE), *arguments]
    child = subprocess.run(command, env={**os.environ, SCENARIO_CACHE: "1"}, cwd=REPOSITORY, check=False)
    return 1 if child.returncode else 0


def accuracy(store: Store, machine: Machine, narrowed: Sequence[str]) -> int:
    """The table; written to the docs where it is whole, and no CI."""
    measurements: list[Measurement] = []
    left_out: list[str] = []
    for half in HALVES:
        for place in environments(store):
            if half not in place.halves:
                continue
            if set(narrowed) & set(HALVES) and half not in narrowed:
                continue
            if set(narrowed) - set(HALVES) and place.name not in narrowed:
                continue
            left_out += bench(store, half, place.python).left_out
            say(f"{half}: {place.title}")
            measurements.append(measure(store, half, place))
            say(f"  the check took {measurements[-1].seconds:.1f} s")
    text = page(measurements, machine, left_out)
    print(text)
    # Where a commit is judged its own page stands: other pages show the same figures, and a test holds them to it.
    if not narrowed and not any(one.faults for one in measurements) and not os.environ.get("CI"):
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text)
    broken = verdict(measurements)
    for line in broken:
        print(f"not held: {line}", file=sys.stderr)
    return 1 if broken else 0


def _lock(store: Store) -> int:
    listed = tomllib.loads((HERE / "distributions.toml").read_text())
    for half in HALVES:
        lock(store, half, listed[half])
    lock(store, HALVES[0], listed[HALVES[0]], "3.11")
    nixpkgs.lock(tool(store).python)
    return 0


def say(text: str) -> None:
    """Progress goes to stderr."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
