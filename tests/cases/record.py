"""Makes and records the environments of the golden cases, and the one that `nixpydoctor demo` shows.

    python tests/cases/record.py --make /nix/store/…-python3-…/bin/python3    once; needs uv and wheels
    python tests/cases/record.py                                              all of them
    python tests/cases/record.py hostile_files demo                           some of them

The environments live below /home/ada, so that no path of the machine that records gets into a case. Afterwards,
`pytest tests/test_cases.py --update-golden` writes the reports that belong to them.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from glob import glob
from pathlib import Path

HERE = Path(__file__).parent
DEMO = HERE.parent.parent / "src" / "nixpydoctor" / "demo.json"
HOME = Path("/home/ada")
WHEELS = (
    "numpy", "pandas", "scipy", "psycopg2-binary", "opencv-python-headless", "pyarrow", "lxml", "pillow",
)  # fmt: skip
GONE = "/nix/store/2b4nqzxs8wsy5q6cwzk1zmnqqxd9wkcv-python3-3.11.6/bin"
"""A store path that no store holds."""


def libraries() -> str:
    """Where the store of this machine holds what the wheels lack."""
    wanted = ("*-gcc-*/lib/libstdc++.so.6", "*-zlib/lib/libz.so.1")
    found = [sorted(glob(f"/nix/store/{pattern}"), key=len) for pattern in wanted]
    if not all(found):
        sys.exit("the store holds no libstdc++.so.6 or no libz.so.1")
    return ":".join(str(Path(paths[0]).parent) for paths in found)


CASES: dict[str, tuple[str, Callable[[], str]]] = {
    "wheels_on_a_nix_python": ("app/.venv", lambda: ""),
    "wheels_with_their_libraries": ("app/.venv", libraries),
    "libraries_of_the_host": ("app/.venv", lambda: "/usr/lib/x86_64-linux-gnu"),
    "venv_whose_base_is_gone": ("old/.venv", lambda: ""),
    "hostile_files": ("odd/.venv", lambda: ""),
    "demo": ("app/.venv", lambda: ""),
}
"""Name → the environment below HOME, and the LD_LIBRARY_PATH with which it is examined."""


def record(name: str) -> None:
    """Run the tool on a case's environment and keep what it saw."""
    place, library_path = CASES[name]
    file = DEMO if name == "demo" else HERE / name / "facts.json.gz"
    file.parent.mkdir(exist_ok=True)
    env = {"HOME": str(HOME), "USER": HOME.name, "PATH": "/usr/bin:/bin"}
    if path := library_path():
        env["LD_LIBRARY_PATH"] = path
    command = [sys.executable, "-m", "nixpydoctor", "check", str(HOME / place), "--save-facts", str(file), "-q"]
    # From the project's folder: what the tool is started in is a fact, too.
    code = subprocess.run(command, env=env, cwd=(HOME / place).parent, check=False).returncode
    if code not in (0, 1):
        sys.exit(f"{name}: exit code {code}")


def make(python: str) -> None:
    """Make every environment anew, on a Python that no garbage collection takes: that is another story."""
    for place in ("app", "old", "odd"):
        shutil.rmtree(HOME / place, ignore_errors=True)
        (HOME / place).mkdir(parents=True)
        subprocess.run([python, "-m", "venv", "--without-pip", ".venv"], cwd=HOME / place, check=True)
    root = ["nix-store", "--realise", str(Path(python).resolve().parent.parent), "--add-root", str(HOME / "python")]
    subprocess.run([*root, "--indirect"], check=True, capture_output=True)
    program = str(HOME / "app" / ".venv" / "bin" / "python")
    subprocess.run(["uv", "pip", "install", "-q", "--python", program, *WHEELS], check=True)
    _lose_the_base(HOME / "old" / ".venv", python)
    _add_hostile_files(next((HOME / "odd" / ".venv" / "lib").glob("python*/site-packages")))


def _lose_the_base(venv: Path, python: str) -> None:
    link = venv / "bin" / "python3"
    link.unlink()
    link.symlink_to(f"{GONE}/python3")
    config = venv / "pyvenv.cfg"
    config.write_text(f"home = {GONE}\ninclude-system-site-packages = false\nversion = 3.11.6\n")
    (folder,) = (venv / "lib").glob("python*")
    folder.rename(folder.with_name("python3.11"))


def _add_hostile_files(site: Path) -> None:
    """Everything that a file named like an extension can be instead, and names that no terminal should see."""
    suffix = b".cpython-312-x86_64-linux-gnu.so"
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + b"\xff" * 300
    files = {
        b"empty" + suffix: b"",
        b"text" + suffix: b"hello\n",
        b"cut" + suffix: elf[:40],
        b"absurd" + suffix: elf,
        b"zip.abi3.so": b"PK\x03\x04" + bytes(60),
        b"evil\n\x1b[2J[bold]\xff" + suffix: b"\x7fELF" + b"\xff" * 100,
        "\u202etxt".encode() + suffix: b"x",
        b"other/x.cpython-311-x86_64-linux-gnu.so": elf,
        b"other/__init__.py": b"from . import x\n",
        b"evil\n-1.0.dist-info/METADATA": b"Name: evil\x1b[31m\nVersion: 1\n",
        b"evil\n-1.0.dist-info/RECORD": (
            b'"evil\n\x1b[2J[bold]\xff' + suffix + b'",,\nother/x.cpython-311-x86_64-linux-gnu.so,,\n'
        ),
    }
    for name, data in files.items():
        path = site / name.decode("utf-8", "surrogateescape")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    loop = site / f"loop{suffix.decode()}"
    loop.symlink_to(loop.name)
    (site / "folder").symlink_to(".")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(site / f"sock{suffix.decode()}"))


def main(arguments: Sequence[str]) -> None:
    """See the head of this file."""
    if arguments[:1] == ["--make"] and len(arguments) == 2:
        make(arguments[1])
        return
    for name in arguments or CASES:
        if name not in CASES:
            sys.exit(__doc__)
        record(name)


if __name__ == "__main__":
    main(sys.argv[1:])
