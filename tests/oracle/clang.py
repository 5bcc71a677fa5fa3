"""Links real bundles and dylibs of macOS with clang and LLVM's ld64, signed as Apple's linker would; no Mac is needed.

Libraries that nobody has here are text-based stubs (.tbd), each a few lines that the tests write: an install name and
one symbol. Whatever else is undefined is left to dyld, as in every extension module (`-undefined dynamic_lookup`).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nixpydoctor.darwin import Dylib, MachO

LIBSYSTEM = "/usr/lib/libSystem.B.dylib"
_STUB = """--- !tapi-tbd
tbd-version:     4
targets:         [ arm64-macos, x86_64-macos ]
install-name:    '{name}'
exports:
  - targets:     [ arm64-macos, x86_64-macos ]
    symbols:     [ {symbol} ]
...
"""
_KINDS = {"LC_LOAD_DYLIB": "load", "LC_LOAD_WEAK_DYLIB": "weak", "LC_REEXPORT_DYLIB": "reexport"}


def tool(name: str) -> str | None:
    """A tool of LLVM, under its own name or with Debian's version behind it."""
    found = shutil.which(name)
    if found is None:
        versions = sorted(Path("/usr/bin").glob(f"{name}-[0-9]*"), key=lambda path: int(path.name.rpartition("-")[2]))
        found = str(versions[-1]) if versions else None
    return found


TOOLS = ("clang", "ld64.lld", "llvm-objdump", "llvm-lipo", "llvm-install-name-tool")
LACKING = [name for name in TOOLS if tool(name) is None]


def run(name: str, *arguments: str | Path) -> str:
    """A tool's output."""
    program = tool(name)
    assert program is not None
    ended = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


class Linker:
    """Links files below one folder. Each links with libSystem first, as the real one makes everybody do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    def bundle(self, out: Path, *needed: str, **more: object) -> Path:
        """An extension module."""
        return self._link(out, ["-bundle"], needed, **more)  # type: ignore[arg-type]

    def dylib(self, out: Path, *needed: str, name: str | None = None, **more: object) -> Path:
        """A library; its install name is its path where `name` says nothing else."""
        return self._link(out, ["-dylib", "-install_name", name or str(out)], needed, **more)  # type: ignore[arg-type]

    def _link(
        self,
        out: Path,
        kind: list[str],
        needed: Iterable[str],
        *,
        weak: Iterable[str] = (),
        rpaths: Iterable[str] = (),
        arch: str = "arm64",
        minos: str = "11.0",
        sdk: str = "14.4",
    ) -> Path:
        self._made += 1
        work = self._folder / str(self._made)
        work.mkdir(parents=True)
        stubs: list[str | Path] = [_stub(work / "libSystem.tbd", LIBSYSTEM, "dyld_stub_binder")]
        used = []
        for index, name in enumerate((*needed, *weak)):
            used.append(f"used_{index}")
            path = _stub(work / f"lib{index}.tbd", name, f"_used_{index}")
            stubs += ["-weak_library", path] if name in tuple(weak) else [path]
        text = "".join(f"extern int {one}(void);\n" for one in (*used, "PyModule_Create2"))
        text += f"int PyInit_x(void) {{ return PyModule_Create2(){''.join(f' + {one}()' for one in used)}; }}\n"
        (work / "x.c").write_text(text)
        run("clang", "-target", f"{arch}-apple-macos11", "-Os", "-c", work / "x.c", "-o", work / "x.o")
        out.parent.mkdir(parents=True, exist_ok=True)
        folders = [word for rpath in rpaths for word in ("-rpath", rpath)]
        version = ["-platform_version", "macos", minos, sdk]
        run("ld64.lld", "-arch", arch, *version, *kind, "-undefined", "dynamic_lookup", *folders, "-headerpad", "0x400",
            work / "x.o", *stubs, "-o", out)  # fmt: skip
        return out


def universal(out: Path, *thin: Path) -> Path:
    """One file of several slices."""
    run("llvm-lipo", "-create", *thin, "-output", out)
    return out


def _stub(path: Path, name: str, symbol: str) -> Path:
    path.write_text(_STUB.format(name=name, symbol=symbol))
    return path


@dataclass(frozen=True)
class Told:
    """What llvm-objdump says of one slice."""

    id: str | None
    needed: tuple[tuple[str, str], ...]
    """(install name, kind)."""
    rpaths: tuple[str, ...]
    uuid: str | None
    minos: str
    sdk: str
    signed: bool


def judged(path: Path, arch: str = "arm64") -> Told:
    """One slice as the second judge reads it."""
    text = run("llvm-objdump", "--macho", "--private-headers", f"--arch={arch}", path)
    commands = re.split(r"^Load command \d+$", text, flags=re.M)[1:]
    named = [(_word(block, "cmd"), block) for block in commands]
    version = next(block for command, block in named if command == "LC_BUILD_VERSION")
    uuid = next((_word(block, "uuid") for command, block in named if command == "LC_UUID"), None)
    return Told(
        id=next((_word(block, "name") for command, block in named if command == "LC_ID_DYLIB"), None),
        needed=tuple((_word(block, "name"), _KINDS[command]) for command, block in named if command in _KINDS),
        rpaths=tuple(_word(block, "path") for command, block in named if command == "LC_RPATH"),
        uuid=uuid.replace("-", "").lower() if uuid is not None else None,
        minos=_word(version, "minos"),
        sdk=_word(version, "sdk"),
        signed=any(command == "LC_CODE_SIGNATURE" for command, _ in named),
    )


def told(image: MachO) -> Told:
    """The same out of our own reader."""

    def number(packed: int) -> str:
        return f"{packed >> 16}.{packed >> 8 & 0xFF}"

    def named(one: Dylib) -> tuple[str, str]:
        return one.name, one.kind

    return Told(
        image.id.name if image.id is not None else None,
        tuple(map(named, image.needed)),
        image.rpaths,
        image.uuid,
        number(image.minos),
        number(image.sdk),
        image.signature is not None,
    )


def _word(block: str, key: str) -> str:
    match = re.search(rf"^\s*{key} (.+?)(?: \(offset \d+\))?$", block, re.M)
    assert match is not None, (key, block)
    return match[1]
