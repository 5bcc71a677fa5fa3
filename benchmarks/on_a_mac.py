"""Compares, on a Mac, what the model of dyld maps for each extension of this Python with what dyld says that it does.

    python benchmarks/on_a_mac.py

dyld prints its search and what it maps where DYLD_PRINT_SEARCHING and DYLD_PRINT_LIBRARIES are set. The outcome counts:
whether `dlopen` succeeds, and which files outside of the system's own folders it maps.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.loader.images import Images
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find

MAPPED = re.compile(r"^dyld\[\d+\]: <[^>]*> (/.*)$", re.MULTILINE)
SYSTEM = ("/usr/lib/", "/System/")
OPEN = "import ctypes, sys; ctypes.PyDLL(sys.argv[1])"


def really(path: str) -> tuple[bool, set[str], str]:
    """Whether it opens, what is mapped, and all that dyld printed."""
    env = {**os.environ, "DYLD_PRINT_LIBRARIES": "1", "DYLD_PRINT_SEARCHING": "1"}
    done = subprocess.run([sys.executable, "-c", OPEN, path], env=env, capture_output=True, text=True, check=False)
    mapped = {os.path.realpath(one) for one in MAPPED.findall(done.stderr) if not one.startswith(SYSTEM)}
    return done.returncode == 0, mapped, done.stderr


def main() -> int:
    if sys.platform != "darwin":
        print("this needs a Mac")
        return 2
    case = Case(survey(find(sys.executable, {}, os.getcwd()), dict(os.environ)))
    images = case.closures
    assert isinstance(images, Images)
    wrong = 0
    for path in case.extensions:
        opens, mapped, said = really(path)
        expected = {os.path.realpath(one) for one in images.drawn([FsPath(path)]) if not one.startswith(SYSTEM)}
        if opens != images.loads(path) or (opens and not expected <= mapped):
            wrong += 1
            print(f"{path}: loads {opens}, predicted {images.loads(path)}", sorted(expected - mapped), said[-2000:])
    print(f"{len(case.extensions)} extensions, {wrong} differences to dyld")
    return 1 if wrong or not case.extensions else 0


if __name__ == "__main__":
    sys.exit(main())
