"""Nix text for distributions: from nixpkgs where it has them, else built from what their installed metadata says."""

from __future__ import annotations

import json
from collections.abc import Sequence

from nixpydoctor.case import PYTHON, Case
from nixpydoctor.facts import Dist, join
from nixpydoctor.findings import Finding
from nixpydoctor.knowledge.nixpkgs_python import selected
from nixpydoctor.light import NamedTuple
from nixpydoctor.remedies.common import in_nixpkgs, listed, quoted, template, wanted

_SYSTEMS = (
    ("hatchling", "hatchling"), ("poetry", "poetry-core"), ("flit", "flit-core"), ("pdm", "pdm-backend"),
    ("meson", "meson-python"),
    ("scikit-build-core", "scikit-build-core"), ("maturin", "maturin"), ("uv", "uv-build"), ("whey", "whey"),
    ("setuptools", "setuptools"), ("bdist_wheel", "setuptools"),
)  # fmt: skip
"""How WHEEL's Generator begins → the build system's attribute."""
_BORN = frozenset({"pip", "setuptools", "wheel"})


class Origin(NamedTuple):
    """Where a distribution came from."""

    kind: str
    """`registry`, `git`, `archive` or `folder`."""
    url: str = ""
    revision: str = ""


class Listing(NamedTuple):
    """The distributions of a Python as Nix text."""

    definitions: str
    """Bindings of the set `own`, a distribution each."""
    packages: str
    """Elements of a list, one a line."""
    remarks: tuple[str, ...]
    """A sentence about each that could not be written down as it is."""


def roots(case: Case) -> tuple[Dist, ...]:
    """The distributions that nobody else here requires; all of a circle that nobody leads into are missed by that."""
    dists = [dist for dist in case.facts.main.dists if dist.name != PYTHON and dist.key not in _BORN and plain(dist)]
    required = {key for dist in dists for key in dist.requires if key != dist.key}
    return tuple(dist for dist in dists if dist.key not in required) or tuple(dists)


def plain(dist: Dist) -> bool:
    """Whether its name and version are such: what a stranger calls a folder becomes Nix text."""
    return (
        bool(dist.version)
        and dist.key[:1].isalnum()
        and all(char.isascii() and (char.isalnum() or char in "._-+!") for char in dist.key + dist.version)
    )


def listing(case: Case, findings: Sequence[Finding], dists: Sequence[Dist]) -> Listing:
    """These distributions, with definitions for whatever nixpkgs may lack."""
    by_key = {dist.key: dist for dist in case.facts.main.dists if plain(dist)}
    lines: dict[str, None] = {}
    remarks: list[str] = []
    todo: dict[str, None] = {}
    for dist in dists:
        attr = in_nixpkgs(case, dist.key)
        if attr is not None:
            lines.setdefault(f"{selected('ps', attr)} # {dist.version} here")
        elif origin(case, dist).kind == "folder":
            remarks.append(f"`{dist.key}` is a folder of yours: run it from there, or give it a `default.nix`.")
        else:
            lines.setdefault(f"{selected('own', dist.key)}")
            todo.setdefault(dist.key)
    definitions: dict[str, str] = {}
    while todo:
        key = next(iter(todo))
        del todo[key]
        dist = by_key[key]
        needs = [name for name in dist.requires if name in by_key and name != key]
        unknown = [name for name in needs if in_nixpkgs(case, name) is None]
        todo.update(dict.fromkeys(name for name in unknown if name not in definitions and name != key))
        definitions[key] = _definition(case, findings, dist, needs, remarks)
    return Listing("".join(definitions.values()), "\n".join(f"  {line}" for line in lines), tuple(remarks))


def _definition(case: Case, findings: Sequence[Finding], dist: Dist, needs: Sequence[str], remarks: list[str]) -> str:
    """A binding that takes nixpkgs' own where there is one of that name."""
    found = origin(case, dist)
    compiled = bool(dist.extensions or dist.libraries or dist.programs)
    named = [in_nixpkgs(case, name) for name in needs]
    requires = [
        selected("ps", attr) if attr is not None else selected("own", name)
        for name, attr in zip(needs, named, strict=True)
    ]
    values: dict[str, str] = {
        "known": selected("ps", dist.key),
        "bound": selected("", dist.key).removeprefix("."),
        "pname": quoted(dist.key),
        "version": quoted(dist.version),
        "requires": "".join(f"\n        {one}" for one in requires) + ("\n      " if requires else " "),
    }
    if found.kind == "registry" and compiled:
        python, abi, platform = _tags(dist)
        libraries = wanted(case, [finding for finding in findings if finding.dist == dist.key])
        attributes = dict.fromkeys(("stdenv.cc.cc.lib", *(known.attr for known in libraries)))
        return template(
            "nix_python_wheel.nix",
            **values,
            file=quoted(_stem(case, dist)),
            python=quoted(python),
            abi=quoted(abi),
            platform=quoted(platform),
            inputs=listed(attributes, "        "),
        )
    system = _system(case, dist)
    if not system:
        remarks.append(f"Nothing tells what built `{dist.key}`: setuptools is a guess.")
    if not dist.requires and found.kind == "registry":
        remarks.append(f"The metadata of `{dist.key}` names no requirements: add what it imports.")
    fetch, said = {
        "registry": ("ps.fetchPypi", {"pname": _stem(case, dist), "version": dist.version}),
        "git": ("pkgs.fetchgit", {"url": found.url, "rev": found.revision}),
        "archive": ("pkgs.fetchurl", {"url": found.url}),
    }[found.kind if found.kind != "folder" else "registry"]
    lines = "".join(f"        {name} = {quoted(value)};\n" for name, value in said.items())
    source = f"{fetch} {{\n{lines}        hash = pkgs.lib.fakeHash;\n      }}"
    system = selected("ps", system or "setuptools")
    return template("nix_python_source.nix", **values, system=system, source=source)  # a stranger's words come last


def origin(case: Case, dist: Dist) -> Origin:
    """What direct_url.json tells (PEP 610); the registry where there is none that makes sense."""
    text = _said(case, dist, "direct_url.json")
    try:
        said = json.loads(text) if text else {}
        url, vcs = said.get("url"), said.get("vcs_info")
        if not isinstance(url, str) or not url.isprintable():
            return Origin("registry")
        if "dir_info" in said or url.startswith("file:"):
            return Origin("folder", url)
        if isinstance(vcs, dict) and isinstance(vcs.get("commit_id"), str):
            return Origin("git", url, vcs["commit_id"]) if vcs.get("vcs") == "git" else Origin("registry")
    except (ValueError, AttributeError, TypeError, RecursionError):
        return Origin("registry")
    return Origin("archive", url)


def _system(case: Case, dist: Dist) -> str:
    """The attribute of the build system that WHEEL names; empty where it names none that is known."""
    lines = (line.partition(":") for line in _said(case, dist, "WHEEL").splitlines())
    said = next((value.strip().lower() for key, _, value in lines if key.lower() == "generator"), "")
    return next((attr for begin, attr in _SYSTEMS if said.startswith(begin)), "")


def _said(case: Case, dist: Dist, file: str) -> str:
    """A file of its metadata; empty where there is none."""
    entry = _entry(case, dist)
    text = case.disk.text(join(dist.location, f"{entry}/{file}")) if entry else None
    return text if isinstance(text, str) else ""


def _stem(case: Case, dist: Dist) -> str:
    """Its name as files of the registry have it, as far as the folder of its metadata tells."""
    return _entry(case, dist).removesuffix(".dist-info").rpartition("-")[0] or dist.key.replace("-", "_")


def _entry(case: Case, dist: Dist) -> str:
    """The folder of its metadata; empty where there is none of that name and version."""
    names = case.disk.names(dist.location) or frozenset()
    spelled = (dist.name.replace("-", "_").replace(".", "_"), dist.name.replace("-", "_"), dist.name)
    known = (f"{name}-{dist.version}.dist-info" for one in spelled for name in (one.lower(), one))
    return next((entry for entry in known if entry in names), "")


def _tags(dist: Dist) -> tuple[str, str, str]:
    """Python, ABI and platform of its wheel's name."""
    parts = [tag.split("-") for tag in dist.tags if tag.count("-") == 2] or [["py3", "none", "any"]]
    joined = [".".join(dict.fromkeys(part[place] for part in parts)) for place in range(3)]
    return joined[0], joined[1], joined[2]
