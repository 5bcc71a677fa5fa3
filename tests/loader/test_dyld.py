"""dyld's search, each rule beside the function of dyld's source that decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from macho_bytes import version
from nixpydoctor.darwin import ARM64, BUNDLE, DYLIB, EXECUTE, X86_64, Cpu, Dylib, MachO, Signature, System
from nixpydoctor.facts import FsPath, Unread
from nixpydoctor.loader.dyld import Dyld, Loaded

EXT, PYTHON = FsPath("/venv/lib/ext.so"), FsPath("/nix/store/abc-python3/bin/python3.12")
SYSTEM = "/usr/lib/libSystem.B.dylib"
SONOMA, SEQUOIA, STRICT, TAHOE = (14, 0), (15, 3), (15, 4), (26, 0)
SIGNED = Signature("kept", adhoc=True)


def image(
    path: str, *needed: str | Dylib, kind: int = DYLIB, sdk: str = "14.4", named: str = "", **more: object
) -> MachO:
    """A signed arm64 slice; a library is called as its path unless `named` says otherwise."""
    return replace(
        MachO(
            FsPath(path),
            (1, hash((path, more.get("arch", ARM64)))),
            ARM64,
            kind,
            id=Dylib(named or path, "id") if kind == DYLIB else None,
            needed=tuple(Dylib(need) if isinstance(need, str) else need for need in (*needed, SYSTEM)),
            platform=1,
            sdk=version(sdk),
            uuid="00" * 16,
            signature=SIGNED,
        ),
        **more,  # type: ignore[arg-type]
    )


def ext(*needed: str | Dylib, **more: object) -> MachO:
    return image(EXT, *needed, kind=BUNDLE, **more)  # type: ignore[arg-type]


def opened(
    *files: MachO | Unread | tuple[MachO, ...],
    macos: tuple[int, int] = SEQUOIA,
    cpu: Cpu = ARM64,
    env: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    restricted: bool = False,
    cached: frozenset[str] | None = None,
) -> Loaded:
    """What opening EXT from Python does where only these files exist."""
    held: dict[str, tuple[MachO, ...] | Unread] = {}
    python = image(PYTHON, kind=EXECUTE)
    for file in (python, *files):
        parts = file if isinstance(file, tuple) else (file,) if isinstance(file, MachO) else None
        held[parts[0].path if parts else file.path] = parts if parts else file  # type: ignore[union-attr,assignment]
    real = {PYTHON: PYTHON, **(links or {})}
    dyld = Dyld(
        System(macos, cpu),
        held.get,
        lambda path: FsPath(real.get(path, path)),
        env or {},
        restricted=restricted,
        cached=lambda path: None if cached is None else path in cached,
    )
    assert not dyld.start(PYTHON).missing
    return dyld.dlopen(EXT, PYTHON)


def missing(loaded: Loaded) -> list[str]:
    return [search.needed.name for search in loaded.missing]


def reasons(loaded: Loaded) -> list[tuple[str, str]]:
    return [(tried.path, tried.reason) for search in loaded.missing for tried in search.tries]


# ── the ten cases that per-file readers get wrong ────────────────────────────────────────────────────────────────────


def test_an_rpath_is_inherited_from_the_image_that_asked() -> None:
    """`forEachResolvedAtPathVar` walks the load chain from the requester to the main executable."""
    loaded = opened(
        ext("@rpath/liba.dylib", rpaths=("@loader_path/libs",)),
        image("/venv/lib/libs/liba.dylib", "@rpath/libb.dylib", named="@rpath/liba.dylib"),
        image("/venv/lib/libs/libb.dylib", named="@rpath/libb.dylib"),
    )
    assert not loaded.missing
    assert [part.path for part in loaded.images][1:] == ["/venv/lib/libs/liba.dylib", "/venv/lib/libs/libb.dylib"]


def test_an_image_that_is_called_as_wanted_is_reused() -> None:
    """`Loader::getLoader` asks every loaded image `matchesPath`, which compares install names."""
    loaded = opened(
        ext("/deep/inside/liba.dylib", "@rpath/liba.dylib"),
        image("/deep/inside/liba.dylib", named="@rpath/liba.dylib"),
    )
    assert not loaded.missing


def test_an_absent_weak_library_stops_nothing() -> None:
    """`JustInTimeLoader::loadDependents` passes `canBeMissing` for weak links."""
    loaded = opened(ext(Dylib("@rpath/libgone.dylib", "weak")))
    assert not loaded.missing
    assert [search.needed.name for search in loaded.searches if search.image is None] == ["@rpath/libgone.dylib"]


def test_a_folder_of_that_name_on_an_earlier_rpath_is_passed_over() -> None:
    """`Loader::makeDiskLoader`: "not a file" is one more reason in the list; the search goes on."""
    loaded = opened(
        ext("@rpath/liba.dylib", rpaths=("/one", "/two")),
        Unread(FsPath("/one/liba.dylib"), "not a file", False),
        image("/two/liba.dylib"),
    )
    assert not loaded.missing


def test_a_library_of_another_architecture_is_an_error_or_the_next_rpath() -> None:
    """`MachOFile::compatibleSlice` refuses; the reason names what it has and what is needed."""
    other = image("/one/liba.dylib", arch=X86_64)
    needs = ext("@rpath/liba.dylib", rpaths=("/one", "/two"))
    assert reasons(opened(needs, other)) == [
        ("/one/liba.dylib", "mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64')"),
        ("/two/liba.dylib", "no such file"),
    ]
    assert not opened(needs, other, image("/two/liba.dylib")).missing


def test_each_slice_has_its_own_rpaths() -> None:
    """Only the slice that is mapped contributes load commands (`MachOFile::compatibleSlice`)."""
    fat = (
        ext("@rpath/liba.dylib"),
        ext("@rpath/liba.dylib", arch=X86_64, rpaths=("@loader_path",), signature=None),
    )
    library = (image("/venv/lib/liba.dylib"), image("/venv/lib/liba.dylib", arch=X86_64))
    assert missing(opened(fat, library)) == ["@rpath/liba.dylib"]


def test_a_bundle_cannot_be_linked_against() -> None:
    """`Loader::getLoader` with `canBeBundle` false: only dlopen sets it."""
    loaded = opened(ext("/venv/lib/other.so"), image("/venv/lib/other.so", kind=BUNDLE))
    assert reasons(loaded) == [("/venv/lib/other.so", "cannot link against bundle")]


@pytest.mark.parametrize("name", ["/usr/library/libx.dylib", "/SystemX/Library/y"])
def test_a_name_that_only_looks_like_the_systems_is_missing(name: str) -> None:
    """`mightBeInSharedCache` compares with the trailing slash."""
    assert missing(opened(ext(name))) == [name]


def test_a_store_path_that_is_gone_is_missing() -> None:
    """`Loader::getLoader` opens an absolute install name as it is: `forEachResolvedAtPathVar` has nothing to expand."""
    gone = "/nix/store/0c5dpqzkajlvvgmmfkvnqkqn5mdgzcbs-gfortran-13.2.0-lib/lib/libgfortran.5.dylib"
    assert reasons(opened(ext(gone))) == [(gone, "no such file")]


def test_loader_path_is_the_folder_of_the_real_file() -> None:
    """`forEachResolvedAtPathVar` uses the image's path, which F_GETPATH gave with every link resolved."""
    pool: dict[str, str] = {EXT: "/pool/ext.so"}
    needs = ext("@loader_path/liba.dylib")
    assert not opened(needs, image("/pool/liba.dylib"), links=pool).missing
    assert missing(opened(needs, image("/venv/lib/liba.dylib"), links=pool)) == ["@loader_path/liba.dylib"]


# ── variables and fallbacks ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_variable_comes_before_the_path_that_was_given() -> None:
    """`forEachPathVariant`: DYLD_LIBRARY_PATH with the leaf name, for absolute names as well."""
    loaded = opened(
        ext("/opt/lib/libiconv.2.dylib"),
        image("/opt/lib/libiconv.2.dylib"),
        image("/shadow/libiconv.2.dylib"),
        env={"DYLD_LIBRARY_PATH": "/nowhere:/shadow"},
    )
    assert loaded.images[-1].path == "/shadow/libiconv.2.dylib"


def test_a_restricted_process_has_no_variables() -> None:
    """`ProcessConfig::Security`: SIP and the hardened runtime prune DYLD_ variables."""
    loaded = opened(
        ext("/opt/lib/liba.dylib"),
        image("/shadow/liba.dylib"),
        env={"DYLD_LIBRARY_PATH": "/shadow"},
        restricted=True,
    )
    assert missing(loaded) == ["/opt/lib/liba.dylib"]


@pytest.mark.parametrize(("sdk", "found"), [("13.3", True), ("14.0", False)])
def test_default_fallbacks_end_with_the_sdk_of_the_image(sdk: str, found: bool) -> None:
    """`sdkOnOrAfter2022` in `forEachPathVariant`."""
    loaded = opened(ext("@rpath/liba.dylib", sdk=sdk), image("/usr/local/lib/liba.dylib"))
    assert bool(missing(loaded)) is not found


def test_before_macos_13_everybody_has_fallbacks() -> None:
    loaded = opened(ext("@rpath/liba.dylib", sdk="14.4"), image("/usr/local/lib/liba.dylib"), macos=(12, 6))
    assert not loaded.missing


def test_a_fallback_below_usr_lib_must_be_a_known_library() -> None:
    """A guess of dyld's is in the shared cache only if the cache really has that name."""
    assert missing(opened(ext("@rpath/libomp.dylib", sdk="10.15"))) == ["@rpath/libomp.dylib"]


def test_dyld_itself_is_believed_about_its_cache() -> None:
    """`_dyld_shared_cache_contains_path` decides where it could be asked."""
    held = frozenset({SYSTEM})
    assert missing(opened(ext("/usr/lib/libz.1.dylib"), cached=held)) == ["/usr/lib/libz.1.dylib"]
    assert not opened(ext("/usr/lib/libz.1.dylib"), cached=held | {"/usr/lib/libz.1.dylib"}).missing


def test_a_framework_is_looked_for_by_its_partial_path() -> None:
    """`getFrameworkPartialPath` and DYLD_FRAMEWORK_PATH."""
    name = "@rpath/Qt.framework/Versions/5/Qt"
    loaded = opened(ext(name), image("/fw/Qt.framework/Versions/5/Qt"), env={"DYLD_FRAMEWORK_PATH": "/fw"})
    assert not loaded.missing


def test_the_rpath_of_the_main_executable_counts_for_everybody() -> None:
    python = image(PYTHON, kind=EXECUTE, rpaths=("@executable_path/../lib",))
    loaded = opened(ext("@rpath/liba.dylib"), python, image("/nix/store/abc-python3/lib/liba.dylib"))
    assert not loaded.missing


def test_without_any_rpath_dyld_says_so() -> None:
    (search,) = opened(ext("@rpath/liba.dylib")).missing
    assert search.note == "no LC_RPATH's found"
    assert search.tries == ()


# ── what is refused though it is there ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("macos", "sdk", "refused"),
    [
        (SEQUOIA, "15.4", False),
        (STRICT, "15.2", False),
        (STRICT, "15.4", True),
        (STRICT, "0.0", True),
        (TAHOE, "15.4", False),
        (TAHOE, "26.0", True),
    ],
)
def test_a_duplicate_rpath_is_refused_by_the_sdk_of_the_image(macos: tuple[int, int], sdk: str, refused: bool) -> None:
    """`Header::valid`, first called for files in macOS 15.4."""
    loaded = opened(ext("/opt/liba.dylib"), image("/opt/liba.dylib", rpaths=("/a", "/a"), sdk=sdk), macos=macos)
    assert [why for _, why in reasons(loaded)] == ["duplicate LC_RPATH '/a'"] * refused


@pytest.mark.parametrize(
    ("macos", "sdk", "refused"), [(SEQUOIA, "14.4", False), (STRICT, "14.4", True), (STRICT, "11.3", False)]
)
def test_a_library_without_uuid_is_refused_since_15_4(macos: tuple[int, int], sdk: str, refused: bool) -> None:
    loaded = opened(ext("/opt/liba.dylib"), image("/opt/liba.dylib", uuid=None, sdk=sdk), macos=macos)
    assert [why for _, why in reasons(loaded)] == ["missing LC_UUID load command"] * refused


def test_the_same_library_linked_twice_is_refused() -> None:
    twice = image("/opt/liba.dylib", "/opt/libb.dylib", "/opt/libb.dylib", sdk="15.0")
    loaded = opened(ext("/opt/liba.dylib"), twice, image("/opt/libb.dylib"), macos=STRICT)
    assert reasons(loaded) == [("/opt/liba.dylib", "duplicate linked dylib '/opt/libb.dylib'")]


def test_apple_silicon_wants_a_signature_and_intel_does_not() -> None:
    unsigned = image("/opt/liba.dylib", signature=None)
    assert reasons(opened(ext("/opt/liba.dylib"), unsigned)) == [("/opt/liba.dylib", "not signed")]


def test_a_stale_signature_is_no_signature() -> None:
    stale = image("/opt/liba.dylib", signature=Signature("stale", adhoc=True))
    assert reasons(opened(ext("/opt/liba.dylib"), stale)) == [("/opt/liba.dylib", "code signature invalid")]


def test_a_library_for_another_system_is_refused() -> None:
    loaded = opened(ext("/opt/liba.dylib"), image("/opt/liba.dylib", platform=2))
    assert reasons(loaded)[0][1].endswith("incompatible platform (have 'iOS', need 'macOS')")


def test_everything_one_image_needs_comes_before_what_those_need() -> None:
    """`JustInTimeLoader::loadDependents`: the direct ones first, then each of them."""
    loaded = opened(
        ext("/o/a.dylib", "/o/b.dylib"),
        image("/o/a.dylib", "/o/c.dylib"),
        image("/o/b.dylib", "/o/d.dylib"),
        image("/o/c.dylib"),
        image("/o/d.dylib"),
    )
    assert [part.path for part in loaded.images][1:] == ["/o/a.dylib", "/o/b.dylib", "/o/c.dylib", "/o/d.dylib"]


def test_a_chain_of_any_length_and_a_circle_come_to_an_end() -> None:
    """Nothing that a file says makes the search deeper than this Python can go."""
    chain = [image(f"/o/{number}.dylib", f"/o/{number + 1}.dylib") for number in range(3000)]
    loaded = opened(ext("/o/0.dylib"), *chain, image("/o/3000.dylib", "/o/0.dylib", "@rpath/libgone.dylib"))
    assert missing(loaded) == ["@rpath/libgone.dylib"]
    assert len(loaded.images) == 3002
