"""Tells findings apart in the same way on every machine and after every rebuild, for baselines and platforms.

A store hash changes with each update of nixpkgs, and a checkout lies elsewhere on each machine: neither may count.
"""

from __future__ import annotations

import re

from nixpydoctor.findings import Finding

Key = tuple[str, str, str, str]
"""Rule, distribution, place, detail."""

_STORE = r"/nix/store/[0-9a-z]{32}-"


def steady(finding: Finding, root: str | None = None) -> Key:
    """The finding's key without store hashes, and with what lies below `root` (the project) told from there."""
    rule, dist, place, detail = finding.key
    return (rule, dist, _steady(place, root), _steady(detail, root))


def fingerprint(finding: Finding, root: str | None = None) -> str:
    """The steady key as 32 hexadecimal digits."""
    import hashlib  # 10 ms, and a plain `check` makes none

    return hashlib.sha256("\0".join(steady(finding, root)).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _steady(text: str, root: str | None) -> str:
    if root and text.startswith(f"{root.rstrip('/')}/"):
        text = text[len(root.rstrip("/")) + 1 :]
    return re.sub(_STORE, "/nix/store/", text)
