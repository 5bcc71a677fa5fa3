"""The file of a project that a library path belongs in, and the lines for it.

A file that is there already is never written anew: what is shown is the part to put into it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from nixpydoctor.case import Case
from nixpydoctor.facts import join
from nixpydoctor.light import NamedTuple
from nixpydoctor.remedies.bindings import Bound, packages
from nixpydoctor.remedies.common import listed, template
from nixpydoctor.treatments import Snippet


class Form(NamedTuple):
    """One way to write the list down."""

    snippet: Snippet
    place: str
    """Where the lines belong, as the rest of a sentence."""
    enter: str
    """What makes them count, as a command; `COMMAND` stands for what is to run then."""
    part: bool = True
    """False for a whole new file."""


def forms(case: Case, attributes: Sequence[str]) -> tuple[Form, ...]:
    """A form for each file of the project that can hold the list, the one in use first; else a new `shell.nix`."""
    project = case.facts.project
    files = project.files if project is not None else ()
    known = [name for name in _FORMS if name in files]
    used = _used(case)
    known.sort(key=lambda name: name != used)
    if known:
        return tuple(_FORMS[name](attributes, packages(case, name)) for name in known)
    text = template("shell.nix", libraries=listed(attributes, "    "))
    made = Form(Snippet("shell.nix", text), "a new file", "nix-shell --run COMMAND", part=False)
    if ".envrc" not in files:
        return (made,)
    direnv = Form(Snippet(".envrc", "use nix\n"), "for direnv; then `direnv allow`", "direnv exec . sh -c COMMAND")
    return made, direnv


def _used(case: Case) -> str | None:
    """The file that the present shell comes from, as far as its variables and direnv's file tell."""
    env = case.process.env
    if env.get("DEVENV_ROOT"):
        return "devenv.nix"
    if env.get("DEVBOX_PROJECT_ROOT"):
        return "devbox.json"
    project = case.facts.project
    text = case.disk.text(join(project.root, ".envrc")) if project is not None and ".envrc" in project.files else None
    said = text if isinstance(text, str) else ""
    return next((file for word, file in _DIRENV.items() if word in said), None)


_DIRENV = {"use flake": "flake.nix", "use nix": "shell.nix", "use devenv": "devenv.nix", "devbox": "devbox.json"}


_PLACE = "among the attributes of its `mkShell`"


def _shell(attributes: Sequence[str], bound: Bound) -> Form:
    text = template("library_path.part.nix", let=bound.let, libraries=listed(attributes, "  "))
    return Form(Snippet("shell.nix", text), f"{_PLACE}{bound.remark}", "nix-shell --run COMMAND")


def _flake(attributes: Sequence[str], bound: Bound) -> Form:
    text = template("library_path.part.nix", let=bound.let, libraries=listed(attributes, "  "))
    return Form(Snippet("flake.nix", text), f"{_PLACE}{bound.remark}", "nix develop --command sh -c COMMAND")


def _devenv(attributes: Sequence[str], bound: Bound) -> Form:
    text = template("library_path.devenv.nix", libraries=listed(attributes, "  "))
    return Form(Snippet("devenv.nix", text), f"among its settings{bound.remark}", "devenv shell -- sh -c COMMAND")


def _devbox(attributes: Sequence[str], _: Bound) -> Form:
    settings = {
        "packages": list(attributes),
        "env": {"LD_LIBRARY_PATH": "$PWD/.devbox/nix/profile/default/lib"},
    }
    text = json.dumps(settings, indent=2) + "\n"
    return Form(Snippet("devbox.json", text), "beside what it lists already", "devbox run -- COMMAND")


_FORMS: dict[str, Callable[[Sequence[str], Bound], Form]] = {
    "flake.nix": _flake,
    "shell.nix": _shell,
    "devenv.nix": _devenv,
    "devbox.json": _devbox,
}
