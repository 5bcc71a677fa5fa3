"""What nixpkgs' Python runs at start-up: takes the wrapper's three variables and makes the environment visible.

The variables are removed so that a child Python does not see them. Inside a venv `sys.prefix` is left alone, which is
why a venv made from such an environment does not see the environment's packages.
"""

import functools
import os
import site
import sys

folders = os.environ.pop("NIX_PYTHONPATH", None)
if folders is not None:
    functools.reduce(lambda known, folder: site.addsitedir(folder, known), folders.split(":"), site._init_pathinfo())  # type: ignore[attr-defined]

in_venv = sys.prefix != sys.base_prefix
executable = os.environ.pop("NIX_PYTHONEXECUTABLE", None)
prefix = os.environ.pop("NIX_PYTHONPREFIX", None)

if executable is not None and not in_venv:
    sys.executable = executable
    sys._base_executable = executable  # type: ignore[attr-defined]
if prefix is not None and not in_venv:
    sys.prefix = sys.exec_prefix = prefix
    site.PREFIXES.insert(0, prefix)
