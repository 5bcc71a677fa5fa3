"""Records a real environment: as a golden case, or as the one that `nixpydoctor demo` shows.

    python tests/cases/record.py NAME TARGET [OPTION ...]     tests/cases/NAME/facts.json.gz
    python tests/cases/record.py demo TARGET [OPTION ...]     src/nixpydoctor/demo.json

Options go to `nixpydoctor check`. Afterwards, `pytest tests/test_cases.py --update-golden` writes the reports.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DEMO = HERE.parent.parent / "src" / "nixpydoctor" / "demo.json"


def main(name: str, target: str, *options: str) -> int:
    """Run the tool on the target and keep what it saw."""
    file = DEMO if name == "demo" else HERE / name / "facts.json.gz"
    file.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "nixpydoctor", "check", target, "--save-facts", str(file), *options]
    code = subprocess.run(command, check=False).returncode
    return 0 if code in (0, 1) else code


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
