"""Makes the facts about a Python out of what it said of itself, and where it said nothing, out of its files."""

from __future__ import annotations

from collections.abc import Mapping

from nixpydoctor.facts import FsPath, Python
from nixpydoctor.files import HERE, Files
from nixpydoctor.light import replace
from nixpydoctor.probes.layout import Layout
from nixpydoctor.probes.path_entries import entries
from nixpydoctor.probes.python import Answer

FROZEN = frozenset(
    [
        "__hello__",
        "__phello__",
        "_collections_abc",
        "_frozen_importlib",
        "_frozen_importlib_external",
        "_sitebuiltins",
        "abc",
        "codecs",
        "genericpath",
        "io",
        "ntpath",
        "os",
        "posixpath",
        "runpy",
        "site",
        "stat",
        "zipimport",
    ]
)
"""Top-level modules that every CPython from 3.11 on has frozen (`Tools/build/freeze_modules.py`)."""


def unasked(
    command: FsPath,
    layout: Layout,
    why: str,
    machine: str,
    venv_root: FsPath | None,
    variables: Mapping[str, tuple[str, ...]],
    files: Files = HERE,
) -> Python:
    """The Python as its files describe it. `variables`: the folders that each variable names."""
    suffixes = layout.suffixes
    minor = layout.version.split(".")[1:2]
    return Python(
        command=command,
        version=layout.version,
        soabi=soabi(suffixes),
        suffixes=suffixes,
        prefix=FsPath(layout.prefix),
        base_prefix=FsPath(layout.base_prefix),
        path=entries(layout.path, venv_root, layout.user_site, layout.base_prefix, variables, files),
        builtins=layout.builtins,
        frozen=FROZEN if minor and int(minor[0]) > 10 else frozenset(),
        machine=machine,
        user_site=FsPath(layout.user_site) if layout.user_site else None,
        user_folder=FsPath(layout.user_folder) if layout.user_folder else None,
        site_folders=tuple(map(FsPath, layout.site_folders)),
        basis="read",
        silence=why,
    )


def asked(
    command: FsPath,
    answer: Answer,
    layout: Layout,
    machine: str,
    venv_root: FsPath | None,
    variables: Mapping[str, tuple[str, ...]],
) -> Python:
    """The Python as it described itself; where it did not, as its files do."""
    told = answer.told
    if told is None:
        silent = unasked(command, layout, answer.silence or "nothing came back", machine, venv_root, variables)
        return replace(silent, answered=False)
    path = list(told["path"])
    user = told.get("user_site") if told.get("enable_user_site") is True else None
    if answer.silence is not None:  # started with -S: what `site` would have added is told by the files
        path = list(dict.fromkeys([*path, *layout.path]))
        user = layout.user_site
    base = told["base_prefix"]
    folders = _texts(told.get("site_folders")) or layout.site_folders
    added = variables.get("NIX_PYTHONPATH", ())
    folder = told.get("user_folder")
    return Python(
        command=command,
        version=".".join(str(part) for part in told["version"]),
        implementation=told["implementation"],
        soabi=soabi(told["suffixes"]),
        suffixes=tuple(told["suffixes"]),
        prefix=FsPath(told["prefix"]),
        base_prefix=FsPath(base),
        path=entries(path, venv_root, user if isinstance(user, str) else None, base, variables),
        builtins=frozenset(told["builtins"]),
        frozen=frozenset(_texts(told.get("frozen"))),
        platform=told["platform"],
        machine=told["machine"],
        user_site=FsPath(user) if isinstance(user, str) else None,
        user_folder=FsPath(folder) if isinstance(folder, str) else None,
        site_folders=tuple(FsPath(one) for one in dict.fromkeys((*folders, *added)) if one in path),
        silence=answer.silence,
        answered=answer.silence is None,
    )


def soabi(suffixes: tuple[str, ...] | list[str]) -> str | None:
    """`cpython-312-x86_64-linux-gnu`, out of the first suffix (PEP 3149)."""
    first = suffixes[0] if suffixes else ""
    return first.strip(".").removesuffix(".so") if first.count(".") > 1 else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, list) else ()
