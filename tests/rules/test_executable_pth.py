"""NPD209 lists what .pth files run, the usual tools' lines left out."""

from __future__ import annotations

import pytest

from build import SITE
from nixpydoctor.rules.executable_pth import executable_pth
from paths import case

USUAL = (
    "import _virtualenv\n",
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; __import__('_distutils_hack').add_shim();\n",
    "import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()\n",
    "import _demo_editable_loader\n",
    "import sys, types, os;m = sys.modules.setdefault('google', types.ModuleType('google'))\n",
    "/home/ada/src\n# import this\n",
)


def test_the_line_is_shown() -> None:
    (finding,) = executable_pth.check(case(texts={f"{SITE}/trace.pth": "import trace_all; trace_all.begin()\n"}))
    assert finding.detail == "code at every start"
    assert "trace_all.begin()" in finding.message


@pytest.mark.parametrize("line", USUAL)
def test_silent_about_the_usual_lines(line: str) -> None:
    assert not list(executable_pth.check(case(texts={f"{SITE}/usual.pth": line})))
