"""Asks the nixpkgs of this machine which distributions it has: only when a remedy wants to name one.

Printed text means `<nixpkgs>` or the project's flake, so those are looked for first: the locked input of the project's
`flake.lock`, whose store path follows from its hash (Nix manual, "Store path specification"), then NIX_PATH, then the
registry and the channels. Nothing is evaluated: the attributes of the Python package sets stand in one file, each at
the head of a line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from nixpydoctor.facts import STORE
from nixpydoctor.files import HERE, Files

NAMES = "pkgs/top-level/python-packages.nix"
_BINDING = re.compile(r'^  "?[\w\'-]+"? =', re.MULTILINE | re.ASCII)
_LARGEST = 1 << 23
_ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz"
"""Nix' base 32: without e, o, t and u."""
_DIGEST = 20
"""Bytes of a store path's hash."""
_REGISTRIES = ("/etc/nix/registry.json",)
_CHANNELS = ("nixos", "nixpkgs")
_PROFILE = "/nix/var/nix/profiles/per-user/root/channels"


class Nixpkgs:
    """The first nixpkgs that can be read here, read at most once."""

    def __init__(self, environ: Mapping[str, str], project: str | None = None, files: Files = HERE) -> None:
        self._environ = environ
        self._project = project
        self._files = files

    def attribute(self, name: str) -> bool | None:
        """Whether its Python package sets bind this name; None where there is no nixpkgs to read."""
        text = self._text
        return None if text is None else f"\n  {name} =" in text or f'\n  "{name}" =' in text

    @cached_property
    def _text(self) -> str | None:
        """The file; a few names looked for in it are quicker than all of them taken out of it."""
        for folder in self._places():
            text = _read(os.path.join(folder, NAMES), self._files)
            if text is not None and _BINDING.search(text):
                return text
        return None

    def _places(self) -> Iterator[str]:
        if self._project is not None:
            yield from _locked(os.path.join(self._project, "flake.lock"), self._files)
        for entry in self._environ.get("NIX_PATH", "").split(":"):
            prefix, sign, path = entry.rpartition("=")
            if path.startswith("/") and prefix in ("", "nixpkgs"):
                yield path if sign else os.path.join(path, "nixpkgs")
        yield from _registered(self._files)
        home = self._environ.get("HOME", "")
        folders = [_PROFILE]
        if home.startswith("/"):
            folders = [f"{home}/.nix-defexpr/channels", f"{home}/.local/state/nix/profiles/channels", *folders]
        yield from (f"{folder}/{name}" for folder in folders for name in _CHANNELS)


def _locked(path: str, files: Files) -> Iterator[str]:
    """The folder of the flake's own input `nixpkgs`, or of the first that is called so."""
    said = _json(path, files)
    nodes = said.get("nodes") if isinstance(said, dict) else None
    if not isinstance(nodes, dict):
        return
    root = nodes.get("root")
    inputs = root.get("inputs") if isinstance(root, dict) else None
    name = inputs.get("nixpkgs") if isinstance(inputs, dict) else None
    node = nodes.get(name if isinstance(name, str) else "nixpkgs")
    locked = node.get("locked") if isinstance(node, dict) else None
    digest = locked.get("narHash") if isinstance(locked, dict) else None
    found = source(digest) if isinstance(digest, str) else None
    if found is not None:
        yield found


def source(nar_hash: str) -> str | None:
    """The store path of a flake's input by the hash that its lock holds; None for what is no such hash."""
    kind, _, encoded = nar_hash.partition("-")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
    if kind != "sha256" or len(digest) != hashlib.sha256().digest_size:
        return None
    described = hashlib.sha256(f"source:sha256:{digest.hex()}:{STORE.rstrip('/')}:source".encode()).digest()
    short = bytearray(_DIGEST)
    for place, byte in enumerate(described):
        short[place % _DIGEST] ^= byte
    number = int.from_bytes(short, "little")
    letters = [_ALPHABET[number >> shift & 31] for shift in range(_DIGEST * 8 - 5, -1, -5)]
    return f"{STORE}{''.join(letters)}-source"


def _registered(files: Files) -> Iterator[str]:
    """Where the machine's registry says that nixpkgs lies, if in a folder."""
    for path in _REGISTRIES:
        said = _json(path, files)
        flakes = said.get("flakes") if isinstance(said, dict) else None
        for one in flakes if isinstance(flakes, list) else ():
            said_of, target = (one.get("from"), one.get("to")) if isinstance(one, dict) else (None, None)
            if isinstance(said_of, dict) and said_of.get("id") == "nixpkgs" and isinstance(target, dict):
                folder = target.get("path")
                if isinstance(folder, str) and folder.startswith("/"):
                    yield folder


def _json(path: str, files: Files) -> object:
    text = _read(path, files)
    try:
        return json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None


def _read(path: str, files: Files) -> str | None:
    """A text of a regular file; None where there is none, or a longer one than anybody writes."""
    text = files.text(path, _LARGEST + 1)
    return text if text is not None and len(text) <= _LARGEST else None
