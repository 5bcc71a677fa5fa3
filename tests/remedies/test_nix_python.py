"""nix-python names what nixpkgs has, builds the rest from installed metadata, and lets no stranger write Nix."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from build import SITE, a_dist, an_object, facts
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Diagnosis, Trial, diagnose
from nixpydoctor.facts import Dist, Facts, FsPath, Platform, Project
from nixpydoctor.knowledge.nixpkgs_python import spellings

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
TAG = "cp312-cp312-manylinux2014_x86_64"


def world(*more: Dist, texts: dict[str, str] | None = None, files: tuple[str, ...] = ()) -> Facts:
    """numpy lacks a library; these are installed as well, with these files of metadata."""
    lacking = [an_object(path, "libz.so.1") for dist in more for path in dist.extensions]
    made = facts(
        a_dist(extensions=[EXT]),
        *more,
        objects=[an_object(f"{SITE}/{EXT}", "libstdc++.so.6"), *lacking],
        sources={"numpy/__init__.py": "from . import _multiarray\n"},
        project=Project(FsPath("/home/ada/app"), files),
    )
    held = {FsPath(f"{SITE}/{path}"): text for path, text in (texts or {}).items()}
    folders = {FsPath(f"{SITE}/{path.partition('/')[0]}") for path in (texts or {})}
    disk = made.disk.overlay({}, {**held, **dict.fromkeys(folders, "")})
    return replace(made, disk=disk)


def knowing(made: Facts, **attributes: bool) -> Facts:
    """The same where nixpkgs can be read."""
    held = made.disk.recorded()
    held.attributes.update({name.replace("_", "-"): there for name, there in attributes.items()})
    return replace(made, disk=Disk.replayed(held))


def trial(diagnosis: Diagnosis) -> Trial:
    (found,) = [one for one in diagnosis.offers if one.treatment.remedy.name == "nix-python"]
    return found


def text(made: Facts) -> str:
    return trial(diagnose(made)).treatment.files[0].text


def refusal(made: Facts) -> str:
    (why,) = [one.why for one in diagnose(made).not_offered if one.remedy.name == "nix-python"]
    return why


def test_it_is_expected_to_cure_and_says_what_it_assumes() -> None:
    found = trial(diagnose(world()))
    assert found.cures_all_errors
    assert not found.caused
    assert found.treatment.basis == "assumed"
    assert found.treatment.assumes
    assert "ps.numpy # 2.3.2 here" in found.treatment.files[0].text
    assert "pkgs.python312" in found.treatment.files[0].text
    assert "fakeHash" not in found.treatment.files[0].text


def test_the_nixpkgs_of_this_machine_decides_where_it_can_be_read() -> None:
    made = world(
        a_dist("frobnicator", "1.5"),
        texts={"frobnicator-1.5.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: hatchling 1.25.0\n"},
    )
    diagnose(made)  # asks and so records everything
    assert "own.frobnicator" in text(made)
    said = text(knowing(made, frobnicator=True, numpy=False))
    assert "ps.frobnicator # 1.5 here" in said
    assert "own.numpy" in said
    assert "ps.numpy or (" in said


@pytest.mark.parametrize(
    ("key", "attr"), [("et-xmlfile", "et_xmlfile"), ("python-dateutil", "dateutil"), ("opencv-python", "opencv4")]
)
def test_an_older_nixpkgs_spells_some_names_otherwise(key: str, attr: str) -> None:
    made = world(a_dist(key, "1.5"))
    diagnose(made)
    held = made.disk.recorded()
    held.attributes.update({name: name in ("numpy", attr) for name in (*spellings(key), "numpy")})
    said = text(replace(made, disk=Disk.replayed(held)))
    assert f"ps.{attr} # 1.5 here" in said
    assert "own." not in said


def test_what_another_one_requires_is_not_named() -> None:
    said = text(world(a_dist("pandas", "2.2.0", requires=("numpy",))))
    assert "ps.pandas" in said
    assert "ps.numpy" not in said


def test_what_nixpkgs_may_lack_is_built_from_its_metadata() -> None:
    made = world(
        a_dist("frobnicator", "1.5", requires=("numpy", "gadget-lib", "not-installed")),
        a_dist("gadget_lib", "0.2"),
        texts={"frobnicator-1.5.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: hatchling 1.25.0\n"},
    )
    said = text(made)
    assert 'frobnicator = ps.frobnicator or (ps.buildPythonPackage {\n      pname = "frobnicator";' in said
    assert "build-system = [ ps.hatchling ];" in said
    assert 'ps.fetchPypi {\n        pname = "frobnicator";' in said
    assert "dependencies = [\n        ps.numpy\n        own.gadget-lib\n      ];" in said
    assert "gadget-lib = ps.gadget-lib or" in said
    assert "not-installed" not in said
    assert said.count("pkgs.lib.fakeHash") == 2
    instructions = trial(diagnose(made)).treatment.instructions
    assert "`got:`" in instructions
    assert "Nothing tells what built `gadget-lib`" in instructions
    assert "metadata of `gadget-lib` names no requirements" in instructions


def test_a_compiled_one_is_the_same_wheel_with_its_libraries() -> None:
    dist = replace(a_dist("frob", "1.5", extensions=["frob/_c.cpython-312-x86_64-linux-gnu.so"]), tags=(TAG,))
    said = text(world(dist))
    for part in ('format = "wheel"', 'abi = "cp312"', 'platform = "manylinux2014_x86_64"', "pkgs.autoPatchelfHook"):
        assert part in said
    inputs = said.partition("buildInputs")[2].partition("]")[0]
    assert "pkgs.zlib" in inputs


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ({"url": "https://git.example/frob.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}, "fetchgit"),
        ({"url": "https://example.org/frob.tar.gz", "archive_info": {}}, "fetchurl"),
        ({"url": ["nonsense"]}, "fetchPypi"),
    ],
)
def test_the_source_is_where_it_came_from(said: object, part: str) -> None:
    made = world(a_dist("frob", "1.5"), texts={"frob-1.5.dist-info/direct_url.json": json.dumps(said)})
    assert f"{part} {{" in text(made)


def test_a_folder_of_the_user_is_left_out_and_said() -> None:
    said = {"url": "file:///home/ada/frob", "dir_info": {"editable": True}}
    made = world(a_dist("frob", "1.5"), texts={"frob-1.5.dist-info/direct_url.json": json.dumps(said)})
    found = trial(diagnose(made)).treatment
    assert "frob" not in found.files[0].text
    assert "`frob` is a folder of yours" in found.instructions


@pytest.mark.parametrize("name", ['x"; evil', "a b", "${x}", "x\n"])
def test_no_name_gets_out_of_its_string(name: str) -> None:
    assert "evil" not in text(world(a_dist(name, "1.0")))
    assert "${" not in text(world(a_dist(name, "1.0")))


@pytest.mark.parametrize("name", ["3to2", "with", "zope.interface"])
def test_a_name_that_is_no_identifier_is_quoted_where_it_must_be(name: str) -> None:
    said = text(world(a_dist(name, "1.0")))
    assert "own.zope-interface" in said if "." in name else f'own."{name}"' in said


def test_a_url_with_the_signs_of_nix_stays_a_string() -> None:
    said = {"url": 'https://x/${builtins.exec}"', "vcs_info": {"vcs": "git", "commit_id": "a"}}
    made = world(a_dist("frob", "1.5"), texts={"frob-1.5.dist-info/direct_url.json": json.dumps(said)})
    assert r'url = "https://x/\${builtins.exec}\"";' in text(made)


def test_a_flake_gets_a_line() -> None:
    files = trial(diagnose(world(files=("flake.nix",)))).treatment.files
    assert [file.name for file in files] == ["nix-python.nix", "flake.nix"]
    assert "packages.x86_64-linux.python" in files[1].text


def test_where_it_has_no_form() -> None:
    made = world()
    assert "needs Nix" in refusal(replace(made, platform=Platform("linux", "x86_64", "Debian 12", nix=False)))
    python = made.main.python
    assert python is not None
    silent = replace(made.main, python=replace(python, version=""))
    assert "version is not known" in refusal(replace(made, main=silent))
    pypy = replace(made.main, python=replace(python, implementation="pypy"))
    assert "pypy" in refusal(replace(made, main=pypy))


def test_a_disk_without_metadata_is_no_error() -> None:
    assert isinstance(world().disk, Disk)
    assert not diagnose(world(a_dist("frob", "1.5"))).faults


def test_a_library_that_nobody_has_would_be_lacking_again() -> None:
    dist = a_dist("frob", "1.5", extensions=["frob/_c.cpython-312-x86_64-linux-gnu.so"])
    made = facts(
        dist,
        objects=[an_object(dist.extensions[0], "libnobody-has.so.3")],
        sources={"frob/__init__.py": "from . import _c\n"},
    )
    assert "frob would lack libnobody-has.so.3" in refusal(made)
