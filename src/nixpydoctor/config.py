"""Settings and where each came from: command line, NIXPYDOCTOR_* variables, the nearest file, defaults, in this order.

The file is `nixpydoctor.toml` or the table `[tool.nixpydoctor]` of `pyproject.toml`. Ignores of all places add up;
everything else is taken from the first place that says it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nixpydoctor import settings
from nixpydoctor.light import dataclass, field
from nixpydoctor.target import UsageError

if TYPE_CHECKING:
    from nixpydoctor.gate import Ignore

PREFIX = "NIXPYDOCTOR_"
_LINE = "the command line"
_WORDS = {**dict.fromkeys(("1", "true", "yes", "on"), True), **dict.fromkeys(("0", "false", "no", "off", ""), False)}
_LARGEST = 4 * 1024 * 1024
"""Bytes of a settings file: far above any that a person wrote."""
_TABLE = rb"""tool["']?[ \t]*(?:\.[ \t]*["']?nixpydoctor|[\]=])|\\[uU]"""
"""What TOML needs for our table: `tool.nixpydoctor`, spaced or quoted, or `tool` by itself; either may be escaped."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force."""

    values: Mapping[str, Any]
    """Key → value, every key of `DEFAULTS`."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Key → who said it; a key that is missing here has its default."""
    ignores: tuple[Ignore, ...] = ()
    select: frozenset[str] | None = None
    strangers: tuple[str, ...] = ()
    """Sentences about variables that nearly name a setting; others with our prefix may be somebody else's."""

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


def load(
    said: Mapping[str, Any],
    environ: Mapping[str, str],
    cwd: str,
    *,
    target: str | None = None,
    file: str | None = None,
    isolated: bool = False,
) -> Settings:
    """What the command line said (key → value, only what was given), completed from everywhere else.

    `target` is where the search for a file begins; `file` names it outright; `isolated`: neither file nor variables.
    Raises `UsageError` for a file that cannot be read, and for keys, values and rules that do not exist.
    """
    if isolated and file is not None:
        raise UsageError("--isolated reads no settings and --config names some: leave out one of them.")
    places: list[tuple[Mapping[str, Any], str, str | None]] = [(said, _LINE, None)]
    strangers: list[str] = []
    if not isolated:
        variables = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
        places += [_from_variables(variables, strangers)] if variables else []
        path = os.path.join(cwd, file) if file is not None else _nearest(target, cwd)
        places += [(_from_file(path, named=file is not None), path, os.path.dirname(path))] if path else []
    if not any(values for values, _, _ in places):
        return Settings(settings.DEFAULTS, strangers=tuple(strangers))
    return _merged(places, strangers)


def _merged(places: Iterable[tuple[Mapping[str, Any], str, str | None]], strangers: Iterable[str]) -> Settings:
    values, origins = dict(settings.DEFAULTS), dict[str, str]()
    ignores: list[Ignore] = []
    for given, origin, folder in places:
        # A file for the report belongs to the formats that stand beside it.
        homeless = "format" in origins
        for key, value in given.items():
            name = _named(key, origin)
            settings.check(key, value, name)
            if key in ("ignore", "per-dist-ignores"):
                found = list(settings.ignores(key, value, name))
                ignores += found
                values[key] = (*values[key], *found)
                origins[key] = f"{origins[key]}, {name}" if key in origins else name
            elif key not in origins and not (key == "output" and homeless):
                values[key] = value if folder is None else settings.placed(key, value, folder)
                origins[key] = name
    if values["require-reason"]:
        for one in ignores:
            if not one.reason:
                raise UsageError(
                    f"The ignore of {one.word} has no reason, and {origins['require-reason']} requires one: "
                    f'write {{ rule = "{one.word}", reason = "…" }}.'
                )
    select = None
    if values["select"]:
        select = frozenset(rule for word in values["select"] for rule in settings.rules(word, origins["select"]))
    return Settings(values, origins, tuple(ignores), select, tuple(strangers))


def _named(key: str, origin: str) -> str:
    """Who says a setting, as a person finds it."""
    if origin == PREFIX:
        return f"{PREFIX}{key.upper().replace('-', '_')}"
    return f"--{key}" if origin == _LINE else origin


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _nearest(target: str | None, cwd: str) -> str | None:
    """The nearest file with settings, from the target upward, else from the current folder."""
    starts = [os.path.join(cwd, target)] if target is not None and os.path.isdir(os.path.join(cwd, target)) else []
    for start in (*starts, cwd):
        for folder in _upward(os.path.abspath(start)):
            for name in ("nixpydoctor.toml", "pyproject.toml"):
                path = os.path.join(folder, name)
                if os.path.isfile(path) and (name == "nixpydoctor.toml" or _speaks_of_us(path)):
                    return path
    return None


def _upward(folder: str) -> Iterator[str]:
    """A folder and those above it, as far as the repository that they belong to."""
    while True:
        yield folder
        above = os.path.dirname(folder)
        # A worktree's .git is a file.
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            return
        folder = above


def _speaks_of_us(path: str) -> bool:
    """Whether a `pyproject.toml` has our table. One that is broken and may have it is for `_from_file` to tell."""
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError:
        return False
    if b"nixpydoctor" not in data or not re.search(_TABLE, data):
        return False
    import tomllib  # 4 ms, for which naming the tool is not enough: it may be among what a project requires

    try:
        table = tomllib.loads(data.decode()).get("tool")
    except (ValueError, RecursionError):
        return b"tool.nixpydoctor" in data
    return isinstance(table, dict) and "nixpydoctor" in table


def _from_file(path: str, *, named: bool) -> Mapping[str, Any]:
    import tomllib

    from nixpydoctor import named_file

    advice = "" if named else " --isolated does without it."
    try:
        data = named_file.read(path, _LARGEST)
    except OSError as error:
        raise UsageError(f"The settings in {path} cannot be read: {error.strerror}.{advice}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path} is larger than {_LARGEST // 2**20} MiB, which no settings are.{advice}")
    try:
        plain = tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise UsageError(f"The settings in {path} are no TOML: byte {error.start} is no UTF-8.{advice}") from error
    except (ValueError, RecursionError) as error:
        told = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"The settings in {path} are no TOML: {told}.{advice}") from error
    tool = plain.get("tool")
    ours = isinstance(tool, dict) and "nixpydoctor" in tool
    if os.path.basename(path) != "pyproject.toml":
        if ours:
            raise UsageError(f"In {path} the settings stand at the top: leave out [tool.nixpydoctor].{advice}")
        return plain
    table = tool["nixpydoctor"] if isinstance(tool, dict) and ours else {}
    if not isinstance(table, dict):
        raise UsageError(f"In {path}, tool.nixpydoctor must be a table.")
    return table


# ── variables ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _from_variables(variables: Mapping[str, str], strangers: list[str]) -> tuple[Mapping[str, Any], str, str | None]:
    given: dict[str, Any] = {}
    for name, value in variables.items():
        key = name[len(PREFIX) :].lower().replace("_", "-")
        if key == "output-format":
            key = "format"
        if key in settings.FLAGS:
            if value.lower() not in _WORDS:
                raise UsageError(f"{name} is {value}: give 1 or 0.")
            given[key] = _WORDS[value.lower()]
        elif key in settings.LISTS:
            given[key] = tuple(word.strip() for word in value.split(",") if word.strip())
        elif key in settings.DEFAULTS and key != "per-dist-ignores":
            given.update({key: value} if value else {})
        elif (near := settings.near(key, settings.DEFAULTS)) != ".":
            strangers.append(f"The variable {name} names no setting{near}")
    return given, PREFIX, None
