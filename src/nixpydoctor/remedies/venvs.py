"""What the remedies for venvs share: which tool made one, from which Python it can be made again, and what is in it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, FsPath, Venv, in_store, join, leaf, normalize, parent, store_path
from nixpydoctor.light import replace

LIST = "requirements-of-the-venv.txt"

_BY_PLACE = {
    "/pypoetry/virtualenvs/": "poetry", "/hatch/env/": "hatch", "/pipx/venvs/": "pipx", "/uv/tools/": "uv tool",
    "/.devenv/state/": "devenv", "/.direnv/python-": "direnv", "/share/virtualenvs/": "pipenv",
}  # fmt: skip
"""Where tools keep the venvs that they manage themselves, whatever library they make them with."""

_BY_FILE = {"poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile": "pipenv"}
"""Tools that make a project's venv with virtualenv; their lock tells them apart."""

_MAKE = {
    "venv": ("@python@ -m venv --clear@site@ @root@",),
    "virtualenv": ("virtualenv --clear --python @python@@site@ @root@",),
    "uv": ("uv venv --clear --python @python@@site@ @root@",),
    "poetry": ("rm -r @root@", "poetry env use @python@"),
    "pdm": ("rm -r @root@", "pdm use --first @python@"),
    "pipenv": ("pipenv --rm", "pipenv --python @python@"),
    "hatch": ("hatch env prune", "HATCH_PYTHON=@python@ hatch env create"),
    "pipx": ("pipx reinstall --python @python@ @name@",),
    "uv tool": ("uv tool install --reinstall --python @python@ @name@",),
    "devenv": ("rm -r @root@", "devenv shell"),
    "direnv": ("rm -r @root@", "direnv reload"),
}  # fmt: skip

_WHOLE = frozenset({"hatch", "pipx", "uv tool", "devenv"})
"""Tools that install again by themselves."""

_INSTALL = {"poetry": "poetry install", "pdm": "pdm sync", "pipenv": "pipenv sync"}


_BORN = ("pip", "python")
"""What a new venv brings by itself."""


def tool(case: Case, venv: Venv) -> str:
    """Who made the venv: by where it lies, by the project's lock, by its pyvenv.cfg."""
    for place, name in _BY_PLACE.items():
        if place in f"{venv.root}/":
            return name
    project = case.facts.project
    if venv.creator in ("virtualenv", "unknown") and project is not None:
        for file, name in _BY_FILE.items():
            if file in project.files:
                return name
    return "venv" if venv.creator == "unknown" else venv.creator


def python_for(case: Case, venv: Venv) -> tuple[list[str], str]:
    """Commands that bring a Python of the same minor and keep it, and how it is then called."""
    python = case.facts.main.python
    minor = python.minor if python is not None else None
    version = f"{minor[0]}.{minor[1]}" if minor is not None else "3"
    base, link = str(venv.base or venv.home or ""), join(parent(venv.root), ".nix-python")
    held = store_path(base) or (store_path(venv.home) if venv.home is not None else None)
    if venv.base_exists and held is not None:
        said = base if in_store(base) else f"{venv.home}/python{version}"
        keep = f"nix-store --realise {held} --add-root {shlex.quote(link)} --indirect"
        return [keep], shlex.quote(link + said[len(held) :])
    if held is not None:
        attr = f"python{version.replace('.', '')}"
        told = f"nix build --out-link {shlex.quote(link)} nixpkgs#{attr}"
        return [f"{told}    # or: nix-build '<nixpkgs>' -A {attr} -o {shlex.quote(link)}"], shlex.quote(
            f"{link}/bin/python{version}"
        )
    if venv.base_exists:
        own = venv.own(base) and venv.home is not None
        return [], shlex.quote(f"{venv.home}/python{version}" if own else base)
    if "/.pyenv/versions/" in base:
        return [f"pyenv install --skip-existing {base.partition('/versions/')[2].partition('/')[0]}"], shlex.quote(base)
    return [], version if venv.creator == "uv" else f"python{version}"


def commands(case: Case, venv: Venv) -> list[str]:
    """What makes the venv anew and installs again what belongs into it, one command each."""
    steps, python = python_for(case, venv)
    return [*steps, *made_with(case, venv, python)]


def made_with(case: Case, venv: Venv, python: str) -> list[str]:
    """The same with this Python, which is there."""
    name, steps = tool(case, venv), list[str]()
    words = {
        "python": python,
        "root": shlex.quote(venv.root),
        "site": " --system-site-packages" if venv.system_site else "",
        "name": shlex.quote(leaf(venv.root)),
    }
    for line in _MAKE[name]:
        for key, value in words.items():
            line = line.replace(f"@{key}@", value)
        steps.append(line)
    install = _install(case, venv, name)
    return [*steps, install] if install else steps


def _install(case: Case, venv: Venv, name: str) -> str:
    if name in _WHOLE:
        return ""
    project = case.facts.project
    files = project.files if project is not None else ()
    if "uv.lock" in files and project is not None:
        own = venv.root == join(project.root, ".venv")
        return "uv sync" if own else f"UV_PROJECT_ENVIRONMENT={shlex.quote(venv.root)} uv sync"
    if name in _INSTALL:
        return _INSTALL[name]
    file = shlex.quote(join(project.root, "requirements.txt")) if needs_no_list(case) and project is not None else LIST
    python = shlex.quote(join(venv.root, "bin/python"))
    return f"uv pip install --python {python} -r {file}" if name == "uv" else f"{python} -m pip install -r {file}"


def needs_no_list(case: Case) -> bool:
    """Whether a file of the project says what belongs into the venv."""
    files = case.facts.project.files if case.facts.project is not None else ()
    return any(name in files for name in ("uv.lock", "requirements.txt", *_BY_FILE))


def installed(case: Case, venv: Venv) -> Iterator[str]:
    """What is in the venv, as lines of a requirements file: exact versions, or where else they came from (PEP 610)."""
    found: dict[str, str] = {}
    folders = dict.fromkeys(dist.location for dist in case.facts.main.dists if venv.own(f"{dist.location}/"))
    for folder in folders or _site_folders(case, venv):
        for entry in sorted(case.disk.names(folder) or ()):
            name, _, version = entry.removesuffix(".dist-info").rpartition("-")
            if entry.endswith(".dist-info") and _plain(name, version) and normalize(name) not in _BORN:
                text = case.disk.text(join(folder, f"{entry}/direct_url.json"))
                origin = _requirement(name, text) if isinstance(text, str) else None
                found[normalize(name)] = origin or f"{normalize(name)}=={version}"
    yield from found.values()


def _site_folders(case: Case, venv: Venv) -> list[FsPath]:
    """Those of every minor version: this Python may be another one than the venv was made for."""
    names = sorted(case.disk.names(join(venv.root, "lib")) or ())
    return [FsPath(f"{venv.root}/lib/{name}/site-packages") for name in names if name.startswith("python")]


def _requirement(name: str, text: str) -> str | None:
    """The requirement that a direct_url.json stands for; None where it says nothing that makes sense."""
    try:
        said = json.loads(text)
        url, vcs, folder = said["url"], said.get("vcs_info"), said.get("dir_info")
        if not isinstance(url, str):
            return None
        if isinstance(vcs, dict):
            found = f"{name} @ {vcs['vcs']}+{url}@{vcs['commit_id']}"
        elif isinstance(folder, dict) and folder.get("editable") is True:
            found = f"-e {url.removeprefix('file://')}"
        else:
            found = f"{name} @ {url}"
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None
    return found if found.isprintable() else None  # a second line would be a second requirement


def _plain(name: str, version: str) -> bool:
    """Whether these are a name and a version: what a stranger calls a folder becomes a line of a requirements file."""
    said = name[:1].isalnum() and bool(version)
    return said and all(char.isalnum() or char in "._-+!" for char in name + version)


def restored(case: Case, roots: tuple[FsPath, ...]) -> Facts:
    """The facts where the venv's base is there again, kept by these roots."""
    venv, python = case.facts.main.venv, case.facts.main.python
    if venv is not None:
        base = venv.base or venv.home
        held = venv.held or (store_path(base) if base is not None else None)
        venv = replace(venv, base_exists=True, home_exists=True, held=held, roots=roots if held is not None else None)
    if python is not None:
        python = replace(python, answered=True, silence=None)
    return replace(case.facts, main=replace(case.facts.main, venv=venv, python=python))


def remade(case: Case) -> Facts:
    """The facts where the venv was made anew and the same distributions were installed again, for this Python."""
    before = case.facts.main.venv
    facts = restored(case, (join(parent(before.root), ".nix-python"),) if before is not None else ())
    venv = facts.main.venv
    python = facts.main.python
    if venv is not None:
        version = python.version if python is not None else venv.version
        venv = replace(venv, activates=venv.root, aliases=(), scripts={}, links=(), version=version)
        python = replace(python, prefix=venv.root) if python is not None else None
    dists = tuple(
        replace(dist, foreign=(), gone=(), lost=())
        if (dist.foreign or dist.gone or dist.lost) and venv is not None and venv.own(f"{dist.location}/")
        else dist
        for dist in facts.main.dists
    )
    return replace(facts, main=replace(facts.main, venv=venv, python=python, dists=dists))
