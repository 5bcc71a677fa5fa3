"""One fixture scrubs the environment: our subject *is* the environment."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest

from nixpydoctor.facts import ENVIRONMENT

_SCRUBBED = ("GITHUB_", "NIXPYDOCTOR_", "LD_", "DYLD_", "NIX_", "PYTHON", "_PYTHON", "UV_", "CONDA_", "PYENV_")
_OURS = ("NIXPYDOCTOR_LAB", "NIXPYDOCTOR_ORACLE")
"""What `make lab` and `make test` tell the tests."""
_SINGLE = {"VIRTUAL_ENV", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CI", "COLUMNS", "TERM", *ENVIRONMENT} - {"PATH"}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the developer's shell decides the outcome of a test."""
    for name in list(os.environ):
        if name.startswith(_OURS):
            continue
        if name.startswith(_SCRUBBED) or name in _SINGLE:
            monkeypatch.delenv(name)


def pytest_configure() -> None:
    """Thousands of tests are collected and stay: to look for cycles as often as usual takes a tenth of all time."""
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a fifth of the time tests wait for programs that hang, and do nothing."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """What is there now is there until the end."""
    gc.freeze()


_STRICT = bool(os.environ.get("NIXPYDOCTOR_SKIP_NOTHING"))
_NOT_ESSENTIAL = ("this machine has nix-ld's default loader",)
"""What even a machine on which everything is installed may have."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With NIXPYDOCTOR_SKIP_NOTHING, which `.ci/run` sets, a test that finds its tools missing fails."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and _STRICT:
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason not in _NOT_ESSENTIAL:
            report.outcome = "failed"
            report.longrepr = f"{reason}: .ci/run installs what the tests need"
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden`: write expected reports instead of failing."""
    parser.addoption("--update-golden", action="store_true", help="write the reports of tests/cases and docs/reference")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether what was expected is to be written."""
    return bool(request.config.getoption("--update-golden"))
