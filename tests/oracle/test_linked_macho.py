"""Real bundles and dylibs, linked and signed by LLVM: read as by llvm-objdump, searched, edited, signed again."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from macho_bytes import EXECUTE, Slice
from nixpydoctor.case import Case
from nixpydoctor.darwin import MachO, Signature
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import FsPath
from nixpydoctor.files import Files
from nixpydoctor.light import replace
from nixpydoctor.probes.disk import DiskReader
from nixpydoctor.probes.mac import Mac
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import find
from oracle.clang import LACKING, LIBSYSTEM, Linker, judged, run, told, universal

pytestmark = pytest.mark.skipif(bool(LACKING), reason=f"no {', '.join(LACKING)} here")

GONE = "/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib/lib/libgfortran.5.dylib"
HERE = "/nix/store/1gfaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-gfortran-14.2.0-lib"
EXT = "demo/_ext.cpython-312-darwin.so"
SITE = "/Users/ada/app/.venv/lib/python3.12/site-packages"


@pytest.fixture
def link(tmp_path: Path) -> Linker:
    return Linker(tmp_path / "work")


def slices(path: Path) -> tuple[MachO, ...]:
    found = DiskReader().slices(FsPath(str(path)))
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize("arch", ["arm64", "x86_64"])
def test_a_bundle_is_read_as_by_llvm(link: Linker, tmp_path: Path, arch: str) -> None:
    path = link.bundle(
        tmp_path / "ext.so", GONE, "@rpath/libomp.dylib", weak=["/usr/lib/libmaybe.dylib"],
        rpaths=["@loader_path/.dylibs", "/nix/store/x/lib"], arch=arch, minos="12.3", sdk="15.4",
    )  # fmt: skip
    (image,) = slices(path)
    judge = judged(path, arch)
    assert told(image) == judge
    assert judge.needed == ((LIBSYSTEM, "load"), (GONE, "load"), ("@rpath/libomp.dylib", "load"),
                            ("/usr/lib/libmaybe.dylib", "weak"))  # fmt: skip
    assert (image.arch.name, image.kind, image.platform) == (arch, 8, 1)


def test_a_library_and_a_universal_file_are_read_as_by_llvm(link: Linker, tmp_path: Path) -> None:
    made = [
        link.dylib(tmp_path / f"{arch}.dylib", "/usr/lib/libz.1.dylib", name="@rpath/libx.dylib", arch=arch)
        for arch in ("arm64", "x86_64")
    ]
    for image in slices(universal(tmp_path / "both.dylib", *made)):
        assert told(image) == judged(tmp_path / "both.dylib", image.arch.name)
        assert image.id is not None
        assert image.id.name == "@rpath/libx.dylib"


def test_the_linkers_signature_fits_until_a_byte_is_changed(link: Linker, tmp_path: Path) -> None:
    """Signed for Apple's processors and not for Intel's, as Apple's linker does."""
    path = link.bundle(tmp_path / "ext.so", GONE)
    assert slices(path)[0].signature == Signature("kept", adhoc=True)
    path.write_bytes(path.read_bytes().replace(b"gfortran-13", b"gfortran-14"))
    assert slices(path)[0].signature == Signature("stale", adhoc=True)
    (intel,) = slices(link.bundle(tmp_path / "intel.so", GONE, arch="x86_64"))
    assert intel.signature is None


# ── a venv of them ───────────────────────────────────────────────────────────────────────────────────────────────────


class Disk:
    """A Mac's disk below a folder: a venv whose Python is ours, whose extension is linked."""

    def __init__(self, folder: Path, link: Linker) -> None:
        self.folder = folder
        self.link = link
        venv = self.at("/Users/ada/app/.venv")
        (venv / "bin").mkdir(parents=True)
        self.at("/usr/local/bin").mkdir(parents=True)
        (venv / "pyvenv.cfg").write_text("home = /usr/local/bin\nversion = 3.12.1\n")
        (venv / "bin/python").write_bytes(Slice(kind=EXECUTE, signed=True).build())
        (venv / "bin/python").chmod(0o755)
        info = self.at(f"{SITE}/demo-1.0.dist-info")
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"demo/__init__.py,,\n{EXT},,\ndemo/.dylibs/libb.dylib,,\n")
        self.at(f"{SITE}/demo").mkdir()
        self.at(f"{SITE}/demo/__init__.py").write_text("from . import _ext\n")

    def at(self, path: str) -> Path:
        return self.folder / path[1:]

    def extension(self, *needed: str, **more: object) -> Path:
        return self.link.bundle(self.at(f"{SITE}/{EXT}"), *needed, **more)

    def library(self, file: str, *needed: str, **more: object) -> Path:
        return self.link.dylib(self.at(f"{SITE}/demo/.dylibs/{file}"), *needed, **more)  # type: ignore[arg-type]

    def case(self, macos: str = "15.4") -> Case:
        files = Files(str(self.folder))
        found = find("/Users/ada/app/.venv", {}, "/", files=files)
        return Case(survey(found, {}, files=files, mac=Mac(macos, "arm64")))


@pytest.fixture
def disk(tmp_path: Path, link: Linker) -> Disk:
    return Disk(tmp_path / "disk", link)


def loads(disk: Disk) -> None:
    """The extension brings its library along, and finds it beside itself."""
    disk.extension("@loader_path/.dylibs/libb.dylib")
    disk.library("libb.dylib", name="/DLC/demo/libb.dylib")


def inherits(disk: Disk) -> None:
    """The library needs another by @rpath, and only the extension has an LC_RPATH."""
    disk.extension("@rpath/liba.dylib", rpaths=["@loader_path/.dylibs"])
    disk.library("liba.dylib", "@rpath/libb.dylib", name="@rpath/liba.dylib")
    disk.library("libb.dylib", name="@rpath/libb.dylib")


def is_loaded_already(disk: Disk) -> None:
    """The library needs by @rpath what the extension loaded by path, and the install names agree."""
    disk.extension("@loader_path/.dylibs/libb.dylib", "@loader_path/.dylibs/liba.dylib")
    disk.library("libb.dylib", name="@rpath/libb.dylib")
    disk.library("liba.dylib", "@rpath/libb.dylib", name="@rpath/liba.dylib")


def is_weak(disk: Disk) -> None:
    disk.extension(weak=["@rpath/libmaybe.dylib"])


def is_universal(disk: Disk) -> None:
    """The slice for this processor decides, and the other lacks what it needs."""
    own = disk.link.bundle(disk.folder / "own.so", "/usr/lib/libz.1.dylib")
    other = disk.link.bundle(disk.folder / "other.so", GONE, arch="x86_64")
    universal(disk.at(f"{SITE}/{EXT}"), own, other)


@pytest.mark.parametrize("build", [loads, inherits, is_loaded_already, is_weak, is_universal])
def test_what_dyld_would_load_has_no_finding(disk: Disk, build: Callable[[Disk], None]) -> None:
    build(disk)
    case = disk.case()
    (extension,) = case.extensions
    assert case.fate(extension).loads, case.missing(extension)
    assert [one.rule.id for one in diagnose(case.facts, remedies=()).findings if one.dist == "demo"] == []


def lost_in_the_store(disk: Disk) -> None:
    disk.extension(GONE)


def lost_by_rpath(disk: Disk) -> None:
    disk.extension("@rpath/libomp.dylib")


def for_the_wrong_processor(disk: Disk) -> None:
    disk.extension("/usr/lib/libz.1.dylib", arch="x86_64")


def changed_after_signing(disk: Disk) -> None:
    path = disk.extension("/usr/lib/libz.1.dylib")
    path.write_bytes(path.read_bytes().replace(b"libz.1", b"libz.2"))


def linked_against_a_bundle(disk: Disk) -> None:
    disk.extension("@loader_path/.dylibs/libb.dylib")
    disk.link.bundle(disk.at(f"{SITE}/demo/.dylibs/libb.dylib"))


def with_an_rpath_twice(disk: Disk) -> None:
    path = disk.extension(rpaths=["/x/lib", "/y/lib"], sdk="15.4")
    path.write_bytes(path.read_bytes().replace(b"/y/lib", b"/x/lib"))
    run("llvm-install-name-tool", "-add_rpath", "/z/lib", path)  # signs again


@pytest.mark.parametrize(
    ("build", "rule"),
    [
        (lost_in_the_store, "NPD601"),
        (lost_by_rpath, "NPD101"),
        (for_the_wrong_processor, "NPD106"),
        (changed_after_signing, "NPD604"),
        (with_an_rpath_twice, "NPD605"),
    ],
)
def test_what_dyld_would_refuse_has_the_finding_of_its_rule(
    disk: Disk, build: Callable[[Disk], None], rule: str
) -> None:
    build(disk)
    found = diagnose(disk.case().facts, remedies=()).findings
    assert [one.rule.id for one in found if one.dist == "demo" and one.severity.name == "ERROR"] == [rule]


def test_a_bundle_cannot_be_linked_against(disk: Disk) -> None:
    linked_against_a_bundle(disk)
    case = disk.case()
    (extension,) = case.extensions
    (search,) = case.missing(extension)
    assert search.attempts[-1].reason == "cannot link against bundle"


# ── the plan, carried out ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_install_names_prints_does_what_was_simulated(disk: Disk) -> None:
    """LLVM's tool stands for Apple's: it edits and signs again, and the disk then is what the treatment foresaw."""
    extension = disk.extension(GONE)
    disk.link.dylib(disk.at(f"{HERE}/lib/libgfortran.5.dylib"), name=f"{HERE}/lib/libgfortran.5.dylib")
    facts = disk.case().facts
    (offer,) = [one for one in diagnose(facts).offers if one.treatment.remedy.name == "install-names"]
    assert {finding.rule.id for finding in offer.cured} == {"NPD601"}
    (line,) = [line for line in offer.treatment.instructions.splitlines() if line.startswith("$ install_name_tool")]
    tool, *words, file = shlex.split(line.removeprefix("$ "))
    assert (tool, disk.at(file)) == ("install_name_tool", extension)
    run("llvm-install-name-tool", *words, extension)
    (foreseen,) = offer.treatment.after.disk.slices(FsPath(file)) or ()  # type: ignore[misc]
    (real,) = slices(extension)
    assert real.signature == foreseen.signature == Signature("kept", adhoc=True)
    assert told(real) == told(replace(foreseen, path=real.path))
    assert not [one for one in diagnose(disk.case().facts, remedies=()).findings if one.severity.name == "ERROR"]
