"""NPD101 speaks where a process cannot find a needed library, and nowhere else."""

from __future__ import annotations

from a_mac import a_mac, a_mac_dist, an_extension, an_image
from build import GLIBC, SITE, a_dist, a_library, an_object, facts, fhs_loader
from nixpydoctor.case import Case
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import Facts, FsPath
from nixpydoctor.findings import Severity
from nixpydoctor.loader.trace import Resolution
from nixpydoctor.rules.missing_library import missing_library

EXT = "numpy/_core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so"
SOURCES = {
    "numpy/__init__.py": "from . import _core\n",
    "numpy/_core/__init__.py": "from . import _multiarray_umath\n",
}


def broken(*needed: str, env: dict[str, str] | None = None, sources: dict[str, str] | None = None) -> Facts:
    return facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", *needed, "libc.so.6"), a_library("/gcc/lib/libstdc++.so.6", "libc.so.6")],
        sources=SOURCES if sources is None else sources,
        env=env,
    )


def test_one_finding_per_missing_soname_in_load_order() -> None:
    found = list(missing_library.check(Case(broken("libz.so.1", "libstdc++.so.6"))))
    assert [finding.detail for finding in found] == ["libz.so.1", "libstdc++.so.6"]
    assert all(finding.severity is Severity.ERROR and not finding.loads for finding in found)
    assert {finding.breaks for finding in found} == {("numpy",)}
    assert found[0].message == "numpy 2.3.2 needs libz.so.1, which this process cannot find"


def test_the_evidence_is_the_search_with_its_places() -> None:
    (finding,) = missing_library.check(Case(broken("libstdc++.so.6")))
    (search,) = finding.evidence
    assert isinstance(search, Resolution)
    assert search.found is None
    assert any(attempt.path.startswith(f"{GLIBC}/lib") for attempt in search.attempts)
    assert finding.place == EXT
    assert finding.hint == "stdenv.cc.cc.lib"


def test_an_extension_that_no_plain_import_reaches_is_a_note() -> None:
    quiet = {"numpy/__init__.py": "", "numpy/_core/__init__.py": "from . import _multiarray_umath\n"}
    (finding,) = missing_library.check(Case(broken("libstdc++.so.6", sources=quiet)))
    assert finding.severity is Severity.NOTE
    assert finding.breaks == ()


def test_silent_where_the_variable_supplies_the_library() -> None:
    assert not list(missing_library.check(Case(broken("libstdc++.so.6", env={"LD_LIBRARY_PATH": "/gcc/lib"}))))


def test_silent_on_a_distribution_whose_default_folder_has_it() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libz.so.1"), a_library("/usr/lib/libz.so.1")],
        store=False,
        fhs=fhs_loader(),
    )
    assert not list(missing_library.check(Case(world)))


def test_a_python_that_lacks_libpython_is_one_finding_and_its_extensions_are_none() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libstdc++.so.6")],
        executable_needs=("libpython3.12.so.1.0", "libc.so.6"),
    )
    (finding,) = missing_library.check(Case(world))
    assert finding.detail == "libpython3.12.so.1.0"
    assert finding.subject == world.main.process.executable


def test_a_console_program_is_a_process_of_its_own() -> None:
    program = FsPath("/home/ada/app/.venv/bin/tool")
    world = facts(
        a_dist("tool", programs=[program]),
        objects=[an_object(program, "libz.so.1", interp="/lib64/ld-linux-x86-64.so.2")],
        fhs=fhs_loader(),
    )
    (finding,) = missing_library.check(Case(world))
    assert (finding.subject, finding.detail) == (program, "libz.so.1")


def test_a_soname_that_two_objects_of_one_closure_need_is_one_finding() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[
            an_object(f"{SITE}/{EXT}", "libinner.so", "libz.so.1", rpath="$ORIGIN"),
            a_library(f"{SITE}/numpy/_core/libinner.so", "libz.so.1"),
        ],
        sources=SOURCES,
    )
    assert [finding.detail for finding in missing_library.check(Case(world))] == ["libz.so.1"]


# ── macOS ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_on_macos_plugins_are_notes_and_guarded_extensions_no_errors() -> None:
    """As on Linux: severity follows from which imports die."""
    extension, plugin = "numba.cpython-312-darwin.so", "numba/plugins/libsql.dylib"
    images = [an_extension(extension, "@rpath/libomp.dylib"), an_image(plugin, "/opt/homebrew/lib/libiodbc.2.dylib")]
    told = a_mac(
        a_mac_dist("numba", extension, libraries=(images[1].path,), top_level=("numba_api",)),
        images=images,
        texts={"numba_api.py": "try:\n    import numba\nexcept ImportError:\n    numba = None\n"},
    )
    found = {finding.detail: finding.severity for finding in missing_library.check(Case(told))}
    assert found["@rpath/libomp.dylib"] is Severity.NOTE
    plugins = [one for one in diagnose(told, remedies=()).findings if one.subject == images[1].path]
    assert [one.severity for one in plugins] == [Severity.NOTE]
