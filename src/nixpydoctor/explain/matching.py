"""Decides whether a finding of this machine speaks of the same thing as an error text."""

from __future__ import annotations

import re

from nixpydoctor.facts import STORE, Facts, leaf
from nixpydoctor.findings import Finding
from nixpydoctor.loader.trace import VersionFault
from nixpydoctor.symptoms import Sign, Told

_NAME = re.compile(r"(?:lib)?([A-Za-z0-9_+]+?)(?:[-_.]?\d[\w.-]*)?(?:\.so(?:\.[\w.]*)?|\.dylib)?$")
_NORMAL = re.compile(r"[-_.]+")
_VARIABLE = re.compile(r"_?[A-Z][A-Z0-9_]{3,}")
_WORD = re.compile(r"[\w.+-]+")
_ITSELF = ("python", "pypy")


def agree(finding: Finding, told: Told, facts: Facts, *, expected: bool) -> bool:
    """Whether a finding confirms a text. `expected`: its rule is among those that the message speaks of.

    A finding about another library or symbol version than the text's never does. Else one thing that both name is
    enough: the library, the version, the symbol, the path, the module. A text that names nothing of its own speaks of
    the process that wrote it.
    """
    sign = told.decisive
    if sign is None or _of_another(finding, sign):
        return False
    said = sign.said
    if "version" in said and _same_version(finding, said["version"], said.get("path", "")):
        return True
    if "soname" in said and _same_library(finding.detail, said["soname"], loosely=expected):
        return True
    if not expected:
        return "path" in said and finding.subject == said["path"]
    if "symbol" in said and said["symbol"] in _words(finding):
        return True
    if "path" in said and _of_path(finding, said["path"], facts):
        return True
    if "module" in said and _of_module(finding, said["module"]):
        return True
    if said.keys() & {"soname", "version", "module"}:
        return _VARIABLE.fullmatch(finding.detail) is not None and _said_of_variable(finding, sign)
    masked = sign.message.name.partition("-")[0] if sign.message is not None else ""
    modules = (masked, *told.clues.modules[:3])
    return _of_process(finding, said.get("path", ""), facts) or any(_of_module(finding, name) for name in modules)


# ── libraries ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_another(finding: Finding, sign: Sign) -> bool:
    """Whether both name a library or a symbol version, and not the same one."""
    said = sign.said
    faults = [item for item in finding.evidence if isinstance(item, VersionFault)]
    if "version" in said and faults:
        return all(fault.version != said["version"] for fault in faults)
    if "soname" not in said or "path" in said or ".so" not in finding.detail:
        return False
    return not _same_library(finding.detail, said["soname"], loosely=True)


def _same_version(finding: Finding, version: str, path: str) -> bool:
    """The same need of the same object; a program is called by its bare name in some messages."""
    faults = [item for item in finding.evidence if isinstance(item, VersionFault) and item.version == version]
    return any(not path or leaf(path) in (leaf(fault.requester), leaf(finding.subject)) for fault in faults)


def _same_library(detail: str, soname: str, *, loosely: bool) -> bool:
    wanted, have = leaf(soname), leaf(detail)
    return wanted == have or (loosely and ".so" not in wanted and _bare(wanted) == _bare(have))


def _bare(name: str) -> str:
    """`cairo` of `libcairo.so.2`, `cairo-2` and `Cairo`."""
    found = _NAME.match(name)
    return (found[1] if found is not None else name).casefold()


# ── modules, paths, processes ────────────────────────────────────────────────────────────────────────────────────────


def _words(finding: Finding) -> set[str]:
    return {word.strip(".") for word in _WORD.findall(finding.message)} | {finding.detail}


def _of_module(finding: Finding, module: str) -> bool:
    if not module:
        return False
    top = module.partition(".")[0]
    dist = _NORMAL.sub("-", top).lower()
    if module != top and leaf(finding.subject).partition(".")[0] == module.rpartition(".")[2]:
        return True
    named = {*finding.breaks, *finding.undecided, *_words(finding)}
    return top in named or finding.dist == dist or f"/{top}/" in finding.subject


def _of_path(finding: Finding, path: str, facts: Facts) -> bool:
    """The same file, seen through the link that was typed or below another spelling of the venv's folder."""
    evidence = {str(getattr(item, "path", "")) for item in finding.evidence}
    if path in (finding.subject, finding.detail, *evidence):
        return True
    if any(path.startswith(f"{folder}/") for folder in (finding.subject, *evidence) if _is_site(folder)):
        return True
    if finding.dist is not None and "/bin/" in path and leaf(path) == finding.dist:
        return True
    if _package(path) and _package(path) == _package(finding.subject):
        return True
    below = path.partition("-packages/")[2]
    if below and finding.subject.endswith(f"/{below}"):
        return True
    return leaf(path).startswith(_ITSELF) and _of_process(finding, path, facts)


def _of_process(finding: Finding, path: str, facts: Facts) -> bool:
    """A finding about the Python itself, its venv or its variables, and a text that speaks of no other program."""
    python, venv, process = facts.main.python, facts.main.venv, facts.main.process
    here = {process.executable, *((python.command,) if python is not None else ())}
    if venv is not None:
        here |= {venv.root, *(venv.root + f"/bin/{leaf(name)}" for name in tuple(here))}
        if _is_site(finding.subject) and finding.subject.startswith(f"{venv.root}/"):
            here.add(finding.subject)
    of_process = finding.subject in here or _VARIABLE.fullmatch(finding.detail) is not None
    return of_process and (not path or leaf(path).startswith(_ITSELF))


def _said_of_variable(finding: Finding, sign: Sign) -> bool:
    """Whether a finding about a variable names what the text names, in its value."""
    return any(len(value) > 3 and value in finding.message for value in sign.said.values())


def _is_site(folder: str) -> bool:
    return folder.endswith("-packages")


def _package(path: str) -> str:
    """The store path that a path lies in."""
    return path[: path.find("/", len(STORE))] if path.startswith(STORE) and path.find("/", len(STORE)) > 0 else ""
