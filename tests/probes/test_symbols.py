"""Who is asked for a symbol: no more objects than it takes, and all of them before one is said to be missing."""

from __future__ import annotations

import subprocess
from pathlib import Path

from nixpydoctor.facts import FsPath
from nixpydoctor.probes.disk import DiskReader


def library(path: Path, code: str, *options: str) -> FsPath:
    command = ["gcc", "-shared", "-fPIC", "-nostdlib", "-xc", "-", "-o", str(path), *options]
    subprocess.run(command, input=code, text=True, check=True)
    return FsPath(str(path))


def versioned(folder: Path, name: str, code: str) -> FsPath:
    """A library whose symbols all have a version."""
    script = folder / f"{name}.map"
    script.write_text("V_1 { global: *; };\n")
    return library(folder / f"{name}.so", code, f"-Wl,--version-script={script}")


def test_a_library_whose_symbols_have_versions_is_asked_last(tmp_path: Path) -> None:
    """What is looked for without a version is rarely one of hers."""
    base = library(tmp_path / "base.so", "int nothing(void) { return 0; }")
    user = library(tmp_path / "user.so", "int leaf(void); int call(void) { return leaf(); }")
    with_versions = versioned(tmp_path, "versioned", "int other(void) { return 1; }")
    plain = library(tmp_path / "plain.so", "int leaf(void) { return 1; }")
    reader = DiskReader()
    for path in (base, user, with_versions, plain):
        reader.objects(path)
    Path(with_versions).unlink()  # whoever asks it finds nothing, and then says nothing
    assert reader.symbols.settled(user, (base,), (user, with_versions, plain), every=False)
    assert list(reader.symbols._held) == [plain]


def test_it_is_asked_all_the_same_before_a_symbol_is_missing(tmp_path: Path) -> None:
    base = library(tmp_path / "base.so", "int nothing(void) { return 0; }")
    user = library(tmp_path / "user.so", "int leaf(void); int gone(void); int call(void) { return leaf() + gone(); }")
    plain = library(tmp_path / "plain.so", "int other(void) { return 1; }")
    with_versions = versioned(tmp_path, "versioned", "int leaf(void) { return 1; }")
    reader = DiskReader()
    for path in (base, user, with_versions, plain):
        reader.objects(path)
    scope = (user, plain, with_versions)
    assert reader.symbols.lacking(user, (base,), scope, every=False, lazy=False) == ("gone",)
    assert not reader.symbols.settled(user, (base,), scope, every=False)
