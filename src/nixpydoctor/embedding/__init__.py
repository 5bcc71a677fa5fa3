"""What CPython makes of its surroundings when a program embeds it: prefix, executable, sys.path. Nothing is started.

The rules are CPython's own: Modules/getpath.py since 3.11, Modules/getpath.c before, and Lib/site.py.
"""

from nixpydoctor.embedding.again import build_of, start_of, with_env
from nixpydoctor.embedding.getpath import Build, Start, Surroundings
from nixpydoctor.embedding.site import SITES, Entry, Outlook, predict

__all__ = ["SITES", "Build", "Entry", "Outlook", "Start", "Surroundings", "build_of", "predict", "start_of", "with_env"]
