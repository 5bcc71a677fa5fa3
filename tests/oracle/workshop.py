"""Builds tiny programs and objects with gcc, has the real loader judge them, and holds the model to its word."""

from __future__ import annotations

import os
import re
import struct
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nixpydoctor.facts import FsPath, Loader, Process
from nixpydoctor.loader import Closures, dlopen
from nixpydoctor.loader.trace import Attempt, How, LinkMap
from oracle.real import disk

OPENER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
static int show(struct dl_phdr_info *info, size_t size, void *data) {
    if (info->dlpi_name[0] == '/') printf("%s\\n", info->dlpi_name);
    return 0;
}
int main(int argc, char **argv) {
    void *last = 0;
    for (int i = 1; i < argc; i++)
        if (!(last = dlopen(argv[i], RTLD_NOW))) printf("error %s\\n", dlerror());
    dl_iterate_phdr(show, 0);
    return last ? 0 : 1;
}
"""
"""Opens each argument and prints what is mapped then. Fails where the last one does not open."""


@dataclass(frozen=True)
class Verdict:
    """What the real loader did."""

    success: bool
    found: Mapping[str, str | None]
    """Needed name → real path, or None; in the order of loading."""
    searches: Sequence[tuple[str, tuple[str, ...]]]
    """(name, files tried) for each search, folders that do not exist left out."""
    said: str


class Compiler:
    """Compiles each text once; most objects of most scenarios differ in how they are linked alone."""

    def __init__(self, gcc: str, folder: Path) -> None:
        self.folder = folder
        self._gcc = gcc
        self._compiled: dict[str, Path] = {}
        self._stubs: dict[tuple[str, str | None], Path] = {}

    def link(self, out: Path, text: str, arguments: Sequence[str], last: Sequence[str | Path] = ()) -> None:
        """An object at `out`, of this text and with these arguments before and after it."""
        inputs = [*arguments, "-Wl,--no-as-needed,--allow-shlib-undefined", *map(str, last)]
        self._run([str(self._object(text)), "-o", str(out), *inputs])

    def stub(self, soname: str, version: str | None) -> Path:
        """Something to link against, so that `soname` becomes a needed name. Nothing finds it at run time."""
        if (soname, version) not in self._stubs:
            folder = self.folder / f"stub{len(self._stubs)}"
            folder.mkdir()
            text, script = "", ""
            if version is not None:
                text, script = _versioned([version])
            (folder / "stub.map").write_text(script)
            listed = [f"-Wl,--version-script,{folder}/stub.map"] if script else []
            self.link(folder / "stub.so", text, ["-shared", "-nostdlib", f"-Wl,-soname,{soname}", *listed])
            self._stubs[soname, version] = folder / "stub.so"
        return self._stubs[soname, version]

    def _object(self, text: str) -> Path:
        if text not in self._compiled:
            out = self.folder / f"{len(self._compiled)}.o"
            self._run(["-w", "-c", "-o", str(out), "-xc", "-"], text)
            self._compiled[text] = out
        return self._compiled[text]

    def _run(self, arguments: list[str], text: str = "") -> None:
        command = [self._gcc, "-fPIC", *arguments]
        subprocess.run(command, input=text, text=True, check=True, env={"PATH": os.environ["PATH"]})


class Workshop:
    """A folder in which objects are built, and a loader that judges them."""

    def __init__(self, root: Path, compiler: Compiler, loader: Loader) -> None:
        self.root = root
        self.loader = loader
        self._compiler = compiler

    # ── building ─────────────────────────────────────────────────────────────────────────────────────────────────

    def path(self, name: str) -> Path:
        """A path in the workshop, its folder made."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def library(
        self,
        name: str,
        *needs: str,
        soname: str | None = "",
        rpath: str | None = None,
        runpath: str | None = None,
        defines: Iterable[str] | None = None,
        wants: tuple[str, str] | None = None,
        weak: bool = False,
        code: str = "",
        flags: Iterable[str] = (),
    ) -> Path:
        """A shared object. Its soname is the file's name unless given; None leaves it out.

        `defines`: symbol versions, each with a function `leaf`. `wants`: `leaf` in that version of that soname.
        """
        out = self.path(name)
        label = out.name if soname == "" else soname
        text = f"int here(void) {{ return 0; }}\n{code}\n"
        arguments = ["-shared", "-nostdlib", *flags]
        if label is not None:
            arguments.append(f"-Wl,-soname,{label}")
        if defines is not None:
            text, script = _versioned(list(defines))
            listing = self.path(f"src/{len(list(self.root.iterdir()))}-{out.name}.map")
            listing.write_text(script)
            arguments.append(f"-Wl,--version-script,{listing}")
        stubs = [self._compiler.stub(need, None) for need in needs]
        if wants is not None:
            mark = "__attribute__((weak)) " if weak else ""
            text += f"{mark}extern int leaf(void);\nint use(void) {{ return leaf && leaf(); }}\n"
            stubs.append(self._compiler.stub(*wants))
        self._compiler.link(out, text, arguments + _search(rpath, runpath), stubs)
        return out

    def program(
        self,
        *needs: str,
        name: str = "bin/program",
        rpath: str | None = None,
        runpath: str | None = None,
        wants: tuple[str, str] | None = None,
        code: str = "",
        flags: Iterable[str] = (),
    ) -> Path:
        """A program that does nothing and succeeds. It needs the C library last."""
        out = self.path(name)
        text = f"#include <unistd.h>\n{code}\nvoid _start(void) {{ _exit(0); }}\n"
        stubs = [self._compiler.stub(need, None) for need in needs]
        if wants is not None:
            text += "extern int leaf(void);\nint use(void) { return leaf(); }\n"
            stubs.append(self._compiler.stub(*wants))
        arguments = ["-nostartfiles", "-pie", f"-Wl,--dynamic-linker,{self.loader.path}", *flags]
        self._compiler.link(out, text, arguments + _search(rpath, runpath), stubs)
        return out

    def opener(
        self, *needs: str, rpath: str | None = None, runpath: str | None = None, code: str = "", flag: str = "RTLD_NOW"
    ) -> Path:
        """A program that opens its arguments one after the other."""
        out = self.path("bin/opener")
        arguments = [f"-Wl,--dynamic-linker,{self.loader.path}", *_search(rpath, runpath)]
        text = code + OPENER.replace("RTLD_NOW", flag)
        stubs = [self._compiler.stub(need, None) for need in needs]
        self._compiler.link(out, text, ["-rdynamic"] * bool(code) + arguments, [*stubs, "-ldl"])
        return out

    # ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────

    def process(self, program: Path, env: Mapping[str, str]) -> Process:
        """The program as the model sees it."""
        return Process(FsPath(os.path.realpath(program)), self.loader.path, self.loader, dict(env))

    def agree(self, program: Path, **env: str) -> tuple[Verdict, LinkMap]:
        """Start the program for real and in the model; both must say the same, in outcome and in order."""
        real = self._start(program, env)
        closures = Closures(self.process(program, env), disk())
        model = closures.image
        fine = model.loads and not closures.unbound_at_start
        assert fine == real.success, (closures.unbound_at_start, real.said.partition("\n")[0])
        if not any(step.invalid for step in model.resolutions):
            assert self._found(model) == real.found, (self._found(model), real.found)
            assert self._searches(model) == [
                search for search in real.searches if search[0] not in {step.needed for step in model.ignored}
            ]
        return real, model

    def agree_open(self, program: Path, *paths: Path, **env: str) -> tuple[Verdict, LinkMap]:
        """Open the paths one after the other, for real and in the model; the last one's fate is compared."""
        *before, last = [FsPath(str(path)) for path in paths]
        process, machine = self.process(program, env), disk()
        closures = Closures(process, machine)
        also = tuple(before)
        fate, model = closures.fate(last, also), closures.trace(last, also)
        assert (fate.loads, fate.missing, fate.failure) == (
            model.loads,
            tuple((step.needed, step.requester) for step in model.missing),
            model.failure,
        )
        if not also:
            assert dlopen(closures.image, process, last, machine) == model
        real = self._run([str(program), *map(str, paths)], {**env, "LD_DEBUG": "libs"})
        unbound = closures.unbound(last)
        assert (fate.loads and not unbound) == (real.returncode == 0), (unbound, real.stdout)
        if unbound:
            assert f"{unbound[0][0]}: undefined symbol: {unbound[0][1]}" in real.stdout
        elif fate.loads:
            mapped = {os.path.realpath(line) for line in real.stdout.splitlines() if line.startswith("/")}
            assert {os.path.realpath(obj.path) for obj in model.objects[1:]} == mapped
        searches = self._searches(model)
        tried = _tried(real.stderr)
        ours = tried[len(tried) - len(searches) :] if fate.loads else _from(tried, searches)
        assert searches[: len(ours)] == ours, (searches, ours, tried)
        verdict = Verdict(real.returncode == 0, {}, tried, real.stdout)
        return verdict, model

    def run(self, program: Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Start the program, for real only."""
        return self._run([str(program)], env)

    def unbound(self, program: Path, **env: str) -> tuple[tuple[str, str], ...]:
        """(object, symbol) that the start looks for in vain, in the model only."""
        return Closures(self.process(program, env), disk()).unbound_at_start

    def _run(self, command: list[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=dict(env), cwd=self.root, timeout=60
        )

    def _start(self, program: Path, env: Mapping[str, str]) -> Verdict:
        plain = self._run([str(program)], env)
        traced = self._run([str(program)], {**env, "LD_DEBUG": "libs", "LD_TRACE_LOADED_OBJECTS": "1"})
        return Verdict(
            plain.returncode == 0, _printed(traced.stdout), _tried(traced.stderr), plain.stderr + traced.stderr
        )

    def _found(self, model: LinkMap) -> dict[str, str | None]:
        """What the trace of the model would print."""
        found: dict[str, str | None] = {}
        for step in model.resolutions:
            if step.found is None:
                found[step.needed] = None
            elif step.attempts[-1].how is not How.LOADED and step.found.path not in found.values():
                found[step.attempts[-1].path if "/" in step.needed else step.needed] = step.found.path
        return {name: path for name, path in found.items() if path != self.loader.real}

    def _searches(self, model: LinkMap) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (step.needed, self._spelled_out(step.needed, step.attempts))
            for step in model.resolutions
            if "/" not in step.needed and all(attempt.how is not How.LOADED for attempt in step.attempts)
        ]

    def _spelled_out(self, name: str, attempts: Iterable[Attempt]) -> tuple[str, ...]:
        """Every file that these attempts stand for, in existing folders."""
        subfolders = [*(f"glibc-hwcaps/{level}" for level in self.loader.hwcaps), *self.loader.legacy]
        tried: list[str] = []
        seen: set[tuple[object, str]] = set()
        for attempt in attempts:
            if attempt.how is How.CACHE:
                tried.append(attempt.path)
                continue
            base = attempt.path if attempt.folder else _base(os.path.dirname(attempt.path), subfolders)
            for folder in [*(os.path.join(base, subfolder) for subfolder in subfolders), base]:
                step = (attempt.how, attempt.source)
                if (step, folder) not in seen:
                    seen.add((step, folder))
                    tried.append(os.path.join(folder, name))
                if not attempt.folder and os.path.join(folder, name) == attempt.path:
                    break
        return tuple(os.path.normpath(path) for path in tried if os.path.isdir(os.path.dirname(path) or "."))


def patched(path: Path, offset: int, data: bytes) -> None:
    """Write bytes into a built object."""
    content = bytearray(path.read_bytes())
    content[offset : offset + len(data)] = data
    path.write_bytes(bytes(content))


def small_object() -> bytes:
    """A shared object of the 32-bit class: headers, one mapped page, an empty dynamic section."""
    header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 3, 3, 1, 0, 52, 0, 0, 52, 32, 2, 0, 0, 0)
    load = struct.pack("<IIIIIIII", 1, 0, 0, 0, 0x80, 0x80, 6, 0x1000)
    dynamic = struct.pack("<IIIIIIII", 2, 0x74, 0x74, 0x74, 8, 8, 6, 4)
    return header + load + dynamic + bytes(12)


def with_tag(path: Path, tag: int, value: int) -> None:
    """Use one of the spare entries that ld leaves at the end of the dynamic section (64-bit, little-endian)."""
    entries = _entries(path)
    spare = [at for at, found in entries if found == 0]
    assert len(spare) > 1, "no spare entry"
    patched(path, spare[0], struct.pack("<QQ", tag, value))


def retagged(path: Path, tag: int, new: int, value: int) -> None:
    """Give an entry of the dynamic section another tag and value (64-bit, little-endian)."""
    for at, found in _entries(path):
        if found == tag:
            patched(path, at, struct.pack("<QQ", new, value))


def without_needs(path: Path) -> None:
    """Make every needed entry one that no loader knows."""
    for at, tag in _entries(path):
        if tag == 1:
            patched(path, at, struct.pack("<Q", 0x6000000F))


def _entries(path: Path) -> list[tuple[int, int]]:
    """(offset, tag) of every entry of the dynamic section."""
    data = path.read_bytes()
    phoff, phentsize, phnum = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
    for at in range(phoff, phoff + phnum * phentsize, phentsize):
        kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", data, at)
        if kind == 2:
            return [(place, struct.unpack_from("<Q", data, place)[0]) for place in range(offset, offset + size, 16)]
    raise AssertionError("no dynamic section")


def _versioned(versions: list[str]) -> tuple[str, str]:
    text = "".join(
        f'int leaf_{number}(void) {{ return 0; }}\n__asm__(".symver leaf_{number},leaf@{at}{version}");\n'
        for number, version in enumerate(versions)
        for at in ("@" if number == len(versions) - 1 else "",)
    )
    return text, "".join(f"{version} {{ }};\n" for version in versions)


def _search(rpath: str | None, runpath: str | None) -> list[str]:
    if rpath is not None:
        return [f"-Wl,--disable-new-dtags,-rpath,{rpath}"]
    if runpath is not None:
        return [f"-Wl,--enable-new-dtags,-rpath,{runpath}"]
    return []


def _printed(text: str) -> dict[str, str | None]:
    """What LD_TRACE_LOADED_OBJECTS printed, without the kernel's object and the loader."""
    found: dict[str, str | None] = {}
    for line in text.splitlines():
        name, arrow, target = line.strip().partition(" => ")
        if arrow:
            found[name] = None if target == "not found" else target.rpartition(" (0x")[0]
        elif name.startswith("/"):
            found[name.rpartition(" (0x")[0]] = name.rpartition(" (0x")[0]
    return {name: path for name, path in found.items() if not re.search(r"/ld[^/]*\.so\.\d$", path or "")}


def _tried(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The searches in the output of LD_DEBUG=libs."""
    searches: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        begins = re.search(r"find library=(\S+) \[\d+\]; searching", line)
        if begins:
            searches.append((begins[1], []))
        tries = re.search(r"trying file=(.*)$", line)
        if tries and os.path.isdir(os.path.dirname(tries[1]) or "."):
            searches[-1][1].append(os.path.normpath(tries[1]))
    return [(name, tuple(tried)) for name, tried in searches]


def _from(
    tried: list[tuple[str, tuple[str, ...]]], searches: list[tuple[str, tuple[str, ...]]]
) -> list[tuple[str, tuple[str, ...]]]:
    """The real searches from the model's first on: those before belong to the start and to earlier openings."""
    names = [name for name, _ in tried]
    if not searches or searches[0][0] not in names:
        return []
    return tried[len(names) - 1 - names[::-1].index(searches[0][0]) :]


def _base(folder: str, subfolders: Iterable[str]) -> str:
    for subfolder in subfolders:
        if folder.endswith(f"/{subfolder}"):
            return folder.removesuffix(f"/{subfolder}")
    return folder
