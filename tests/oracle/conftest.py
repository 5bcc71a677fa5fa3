"""What the oracle needs: a compiler, and the loader of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oracle.real import default_loader, glibc
from oracle.workshop import Compiler, Workshop


@pytest.fixture(scope="session")
def gcc() -> str:
    """The compiler; a test that needs it fails with a sentence where there is none."""
    found = shutil.which("gcc")
    assert found is not None, "the oracle compiles its scenarios: it needs gcc on PATH"
    return found


@pytest.fixture(scope="session")
def compiler(gcc: str, tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    """What was compiled for one scenario serves the others."""
    return Compiler(gcc, tmp_path_factory.mktemp("compiled"))


@pytest.fixture
def workshop(tmp_path: Path, compiler: Compiler) -> Workshop:
    """An empty workshop under this machine's loader."""
    return Workshop(tmp_path.resolve(), compiler, glibc(default_loader()))
