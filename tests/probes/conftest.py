"""What several tests of probes need."""

from __future__ import annotations

import pytest

from nixpydoctor.probes import fork


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test runners have threads, and a machine may have one processor."""
    monkeypatch.setattr(fork, "possible", lambda: True)
