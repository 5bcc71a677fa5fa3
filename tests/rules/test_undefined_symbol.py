"""NPD111 speaks where a symbol is defined by nothing that the loader asks."""

from __future__ import annotations

from build import GLIBC, SITE, STORE_PYTHON, a_dist, a_library, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts
from nixpydoctor.findings import Severity
from nixpydoctor.replay import dump, load
from nixpydoctor.rules.undefined_symbol import undefined_symbol

EXT = "fast/_fast.cpython-312-x86_64-linux-gnu.so"
LEAF = f"{SITE}/fast.libs/libleaf.so.1"
OTHER = "slow/_slow.cpython-312-x86_64-linux-gnu.so"


def world(gives: dict[str, tuple[str, ...]], env: dict[str, str] | None = None) -> Facts:
    """fast takes PyModule_New from Python, malloc from libc, leaf from libleaf.so.1; `gives`: who defines what else."""
    takes = ("PyModule_New", "malloc", "leaf")
    symbols: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    symbols = {f"{SITE}/{EXT}": (takes, ("PyInit__fast",)), STORE_PYTHON: ((), ("PyModule_New",)),
               f"{GLIBC}/lib/libc.so.6": ((), ("malloc",))}  # fmt: skip
    symbols |= {path: ((), names) for path, names in gives.items()}
    return facts(
        a_dist("fast", extensions=[EXT]),
        a_dist("slow", extensions=[OTHER]),
        objects=[
            an_object(f"{SITE}/{EXT}", "libleaf.so.1", rpath="$ORIGIN/../fast.libs"),
            a_library(LEAF),
            an_object(f"{SITE}/{OTHER}"),
            a_library("/opt/libpre.so"),
        ],
        sources={"fast/__init__.py": "from fast import _fast", "slow/__init__.py": ""},
        env=env or {},
        symbols=symbols,
    )


def test_a_symbol_that_nobody_defines_is_named_and_breaks_the_import() -> None:
    (finding,) = undefined_symbol.check(Case(world({})))
    assert (finding.detail, finding.severity, finding.breaks) == ("leaf", Severity.ERROR, ("fast",))
    assert "nothing in this environment defines" in finding.message
    assert finding.loads is False


def test_silent_where_a_needed_library_has_it() -> None:
    assert not list(undefined_symbol.check(Case(world({LEAF: ("leaf",)}))))


def test_silent_where_a_preload_has_it() -> None:
    assert not list(
        undefined_symbol.check(Case(world({"/opt/libpre.so": ("leaf",)}, {"LD_PRELOAD": "/opt/libpre.so"})))
    )


def test_a_note_where_somebody_else_has_it_and_may_be_opened_for_all() -> None:
    (finding,) = undefined_symbol.check(Case(world({f"{SITE}/{OTHER}": ("leaf",)})))
    assert (finding.severity, finding.breaks) == (Severity.NOTE, ())
    assert any(f"{SITE}/{OTHER}" in str(item) for item in finding.evidence)


def test_silent_where_the_python_is_not_asked_about_companions() -> None:
    """A plugin gets its symbols from whoever opens it."""
    plugin = f"{SITE}/fast/plugins/libplugin.so"
    told = facts(
        a_dist("fast", libraries=["fast/plugins/libplugin.so"]),
        objects=[an_object(plugin)],
        symbols={plugin: (("host_function",), ())},
    )
    assert not list(undefined_symbol.check(Case(told)))


def test_a_python_that_cannot_start_is_one_finding() -> None:
    told = world({}, {"LD_PRELOAD": "/opt/libpre.so"})
    symbols = {"/opt/libpre.so": (("table",), ())}
    broken = facts(
        *told.main.dists, objects=[a_library("/opt/libpre.so")], symbols=symbols, env=dict(told.main.process.env)
    )
    (finding,) = undefined_symbol.check(Case(broken))
    assert "Python cannot start" in finding.message
    assert finding.detail == "table"


def test_a_replay_says_the_same() -> None:
    told = world({f"{SITE}/{OTHER}": ("leaf",)})
    before = list(undefined_symbol.check(Case(told)))
    assert [f.key for f in undefined_symbol.check(Case(load(dump(told))))] == [f.key for f in before] != []
