"""The scenarios need the lab's store and run only under `make lab`; the lab's own arithmetic is tested everywhere."""

from __future__ import annotations

import os

_REAL = [
    "test_embedders.py",
    "test_action.py", "test_fix.py", "test_flake.py", "test_hosts.py", "test_locks.py", "test_nixpkgs.py",
    "test_paths.py", "test_pre_commit.py", "test_root.py", "test_scenarios.py", "test_shells.py", "test_snippets.py",
    "test_venvs.py", "test_zipapp.py",
]  # fmt: skip
collect_ignore = [] if os.environ.get("NIXPYDOCTOR_LAB") else _REAL
