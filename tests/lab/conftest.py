"""What needs the lab's store runs only under `make lab`; the lab's own arithmetic is tested everywhere."""

from __future__ import annotations

import os
from pathlib import Path

_EVERYWHERE = {"test_comparison.py"}
_HERE = {path.name for path in Path(__file__).parent.glob("test_*.py")}
collect_ignore = [] if os.environ.get("NIXPYDOCTOR_LAB") else sorted(_HERE - _EVERYWHERE)
