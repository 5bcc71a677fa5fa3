"""A venv of a Mac is examined on any machine: by what it holds, and by what the user says of the Mac."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import pytest

from macho_bytes import BUNDLE, DSYM, DYLIB, EXECUTE, X86_64, Slice, fat
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.files import Files
from nixpydoctor.light import replace
from nixpydoctor.probes.mac import Mac
from nixpydoctor.probes.surveying import survey
from nixpydoctor.target import UsageError, find
from nixpydoctor.workflow import Wish, check

GONE = "/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib/lib/libgfortran.5.dylib"
HOME = "/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1/bin"


def a_venv(root: Path, *, base: bool = False) -> Path:
    """numpy with an extension that needs a library of the store, one bundled, and debug symbols beside it."""
    site = root / "lib" / "python3.12" / "site-packages"
    (root / "bin").mkdir(parents=True)
    (root / "pyvenv.cfg").write_text(f"home = {HOME}\nversion = 3.12.1\ninclude-system-site-packages = false\n")
    if base:
        (root / "bin" / "python").write_bytes(Slice(kind=EXECUTE, signed=True).build())
        (root / "bin" / "python").chmod(0o755)
    else:
        (root / "bin" / "python").symlink_to(f"{HOME}/python3.12")
    files = {
        "numpy/__init__.py": b"from numpy import _core\n",
        "numpy/_core.cpython-312-darwin.so": fat(
            Slice(kind=BUNDLE, signed=True, needed=(GONE, "@loader_path/.dylibs/libblas.dylib")).build(),
            Slice(kind=BUNDLE, cpu=X86_64).build(),
        ),
        "numpy/.dylibs/libblas.dylib": Slice(kind=DYLIB, signed=True, id="/DLC/numpy/libblas.dylib").build(),
        "numpy/_core.cpython-312-darwin.so.dSYM/Contents/Resources/DWARF/_core.cpython-312-darwin.so": b"\0",
        "numpy-2.3.2.dist-info/METADATA": b"Metadata-Version: 2.1\nName: numpy\nVersion: 2.3.2\n",
        "numpy-2.3.2.dist-info/RECORD": b"numpy/__init__.py,,\nnumpy/_core.cpython-312-darwin.so,,\n",
    }
    for name, data in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def facts(root: Path, mac: Mac | None = None) -> Facts:
    return survey(find(str(root), {}, "/"), {}, may_run=False, mac=mac)


def test_extension_modules_tell_for_which_system_a_venv_was_made(tmp_path: Path) -> None:
    told = facts(a_venv(tmp_path / "venv"))
    assert told.platform.system == "darwin"
    assert told.main.process.loader is not None
    assert told.main.process.loader.family == "dyld"
    assert told.main.python is not None
    assert told.main.python.suffixes == (".cpython-312-darwin.so", ".abi3.so", ".so")


def test_the_library_that_is_gone_is_found_missing(tmp_path: Path) -> None:
    case = Case(facts(a_venv(tmp_path / "venv")))
    (extension,) = case.extensions
    assert [search.needed for search in case.missing(extension)] == [GONE]
    assert case.breaks(extension) == ("numpy",)


def test_what_the_user_says_of_the_mac_counts(tmp_path: Path) -> None:
    told = facts(a_venv(tmp_path / "venv"), Mac("14.2", "x86_64"))
    assert told.main.process.loader is not None
    assert (told.main.process.loader.version, told.main.process.loader.platform) == ("14.2", "x86_64")
    (extension,) = Case(told).extensions
    assert Case(told).fate(extension).loads  # the slice for Intel needs nothing that is gone


def test_a_program_for_a_mac_tells_by_itself(tmp_path: Path) -> None:
    told = facts(a_venv(tmp_path / "venv", base=True))
    assert told.platform.system == "darwin"
    assert Case(told).starts


def test_debug_symbols_are_no_libraries(tmp_path: Path) -> None:
    (numpy,) = facts(a_venv(tmp_path / "venv")).main.dists
    assert [path.rpartition("/")[2] for path in numpy.libraries] == ["libblas.dylib"]
    assert len(numpy.extensions) == 1


@pytest.mark.parametrize(
    ("macos", "arch", "words"), [("Sequoia", None, "15.4"), ("9", None, "15.4"), (None, "ppc", "arm64 or x86_64")]
)
def test_a_mac_that_never_was_is_refused(tmp_path: Path, macos: str | None, arch: str | None, words: str) -> None:
    root = a_venv(tmp_path / "venv")
    with pytest.raises(UsageError, match=words):
        check(Wish(str(root), macos=macos, target_arch=arch), {}, "/", lambda message: None)


def test_the_story_of_a_collected_gfortran(tmp_path: Path) -> None:
    """The rule of the message that is pasted, and the two ways out, found by the files alone."""
    told = facts(a_venv(tmp_path / "venv"), Mac("15.4", "arm64"))
    told = replace(told, platform=replace(told.platform, nix=True))
    found = diagnose(told)
    assert [finding.rule.id for finding in found.findings if finding.detail == GONE] == ["NPD601"]
    assert {"restore-store-path", "nix-python"} <= {offer.treatment.remedy.name for offer in found.offers}


GOOD = Slice(signed=True).build()
ODD = {
    "a Java class": b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(200),
    "cut off": GOOD[:60],
    "empty": b"",
    "debug symbols": Slice(kind=DSYM).build(),
    "an object file": Slice(kind=1).build(),
    "a static archive": b"!<arch>\n" + bytes(100),
    "archives in a fat file": pack(">IIiiIII", 0xCAFEBABE, 1, 0x0100000C, 0, 64, 100, 3) + bytes(28) + b"!<arch>\n",
    "more slices than memory": pack(">II", 0xCAFEBABE, 0xFFFFFFFF) + bytes(100),
    "slices out of nothing": pack(">II", 0xCAFEBABE, 44) + bytes(1000),
    "overlapping slices": pack(">II", 0xCAFEBABE, 2) + pack(">iiIII", 0x0100000C, 0, 64, len(GOOD), 3) * 2 + GOOD,
    "commands beyond memory": pack("<IiiIIIII", 0xFEEDFACF, 0x0100000C, 0, 8, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0),
    "a text": b"version https://git-lfs.github.com/spec/v1\n",
    "an object of Linux": b"\x7fELF" + bytes(100),
}


@pytest.mark.parametrize("data", ODD.values(), ids=list(ODD))
def test_what_is_no_module_is_one_finding_and_never_a_crash(tmp_path: Path, data: bytes) -> None:
    root = a_venv(tmp_path / "venv", base=True)
    (extension,) = root.glob("lib/*/site-packages/numpy/_core*.so")
    extension.write_bytes(data)
    made = diagnose(facts(root, Mac("15.4", "arm64")))
    assert made.faults == ()
    assert [one.rule.id for one in made.findings if one.subject == str(extension)] == ["NPD104"]


@pytest.mark.parametrize("data", ODD.values(), ids=list(ODD))
def test_what_lies_about_and_nobody_loads_is_nothing_or_a_note(tmp_path: Path, data: bytes) -> None:
    """Frameworks, static archives, companions: none of them is an import."""
    root = a_venv(tmp_path / "venv", base=True)
    (site,) = root.glob("lib/*/site-packages")
    for name in ("Qt.framework/Versions/A/Qt", "libx.a", "x.o", "Some.class", "libplugin.dylib", "x.dSYM/x.so"):
        (site / "numpy" / name).parent.mkdir(parents=True, exist_ok=True)
        (site / "numpy" / name).write_bytes(data)
    (site / "numpy/Qt.framework/Qt").symlink_to("Versions/A/Qt")
    (site / "numpy/Qt.framework/Versions/Current").symlink_to("A")
    made = diagnose(facts(root, Mac("15.4", "x86_64")))
    assert made.faults == ()
    numpys = [one for one in made.findings if one.dist == "numpy"]
    assert {one.subject.rpartition("/")[2] for one in numpys} <= {"libplugin.dylib"}
    assert {one.severity.name for one in numpys} <= {"NOTE"}


def test_store_paths_of_images_without_a_root_are_facts(tmp_path: Path) -> None:
    """Below a root with a store that Nix manages: what keeps the libraries is looked for there."""
    disk = tmp_path / "disk"
    a_venv(disk / "Users/ada/venv")
    library = disk / GONE[1:]
    library.parent.mkdir(parents=True)
    library.write_bytes(Slice(kind=DYLIB, signed=True, id=GONE).build())
    (disk / "nix/var/nix/db").mkdir(parents=True)
    (disk / "nix/var/nix/gcroots").mkdir()
    told = seen(disk)
    assert told.unrooted == {FsPath(GONE.rpartition("/lib/")[0]): False}
    assert [finding.rule.id for finding in diagnose(told).findings if finding.dist == "numpy"] == ["NPD609"]
    (disk / "nix/var/nix/gcroots/gfortran").symlink_to(GONE.rpartition("/lib/")[0])
    assert seen(disk).unrooted == {}


def seen(disk: Path) -> Facts:
    files = Files(str(disk))
    return survey(find("/Users/ada/venv", {}, "/", files=files), {}, files=files)
