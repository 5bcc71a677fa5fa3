"""The rules that know only ELF's words work on a world of macOS, because its answers have the same form."""

from __future__ import annotations

from a_mac import SITE, a_mac, a_mac_dist, an_extension, an_image
from nixpydoctor import replay
from nixpydoctor.case import Case
from nixpydoctor.darwin import X86_64, Dylib
from nixpydoctor.doctor import diagnose
from nixpydoctor.facts import FsPath, join
from nixpydoctor.loader.trace import How, Verdict
from nixpydoctor.report import as_text
from nixpydoctor.report.view import View

EXT = "numpy/_core/_umath.cpython-312-darwin.so"
GONE = "/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib/lib/libgfortran.5.dylib"


def test_a_healthy_extension_loads() -> None:
    bundled = an_image("numpy/.dylibs/libopenblas.dylib")
    extension = an_extension(EXT, "@loader_path/../.dylibs/libopenblas.dylib")
    case = Case(a_mac(a_mac_dist("numpy", EXT), images=[extension, bundled]))
    assert case.starts
    assert case.unloadable == ()
    assert case.drawn == {extension.path, bundled.path}


def test_a_store_path_that_is_gone_is_missing_with_its_working() -> None:
    case = Case(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, GONE)]))
    path = join(SITE, EXT)
    assert case.unloadable == (path,)
    (search,) = case.missing(path)
    assert (search.needed, search.requester) == (GONE, path)
    (attempt,) = search.attempts
    assert (attempt.how, attempt.verdict, attempt.reason) == (How.DIRECT, Verdict.ABSENT, "no such file")


def test_without_any_rpath_the_working_says_so() -> None:
    case = Case(a_mac(a_mac_dist("numba", EXT), images=[an_extension(EXT, "@rpath/libomp.dylib")]))
    (search,) = case.missing(join(SITE, EXT))
    assert [attempt.reason for attempt in search.attempts] == ["no LC_RPATH's found"]


def test_an_extension_for_another_processor_cannot_be_used() -> None:
    case = Case(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, arch=X86_64)]))
    fate = case.fate(join(SITE, EXT))
    assert fate.failure is not None
    assert "incompatible architecture (have 'x86_64', need 'arm64')" in fate.failure.reason


def test_an_absent_weak_library_is_no_trouble() -> None:
    case = Case(a_mac(a_mac_dist("mlx", EXT), images=[an_extension(EXT, Dylib("@rpath/libgone.dylib", "weak"))]))
    assert case.unloadable == ()


def test_one_rule_speaks_of_it() -> None:
    found = diagnose(a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, GONE)]), remedies=()).findings
    assert [(finding.rule.id, finding.detail) for finding in found] == [("NPD601", GONE)]


def test_a_name_without_a_folder_is_looked_for_where_dlopen_does() -> None:
    case = Case(a_mac(images=[]))
    assert not case.by_name.opens("libportaudio.2.dylib")
    assert not case.by_name.opens(str(FsPath("/opt/homebrew/lib/libportaudio.2.dylib")))


def test_a_facts_file_holds_the_slices() -> None:
    facts = a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, GONE)])
    before = diagnose(facts, remedies=()).findings
    again = diagnose(replay.load(replay.dump(facts)), remedies=()).findings
    assert [finding.key for finding in again] == [finding.key for finding in before]
    assert before


def test_the_working_is_told_in_the_words_of_dyld() -> None:
    told = a_mac(a_mac_dist("numpy", EXT), images=[an_extension(EXT, GONE)])
    text = as_text.render(diagnose(told, remedies=()), View(verbose=1))
    assert "searched   by /usr/lib/dyld" in text
    assert "no such file" in text
    assert "ld.so.cache" not in text
