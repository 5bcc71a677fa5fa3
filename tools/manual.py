"""Writes `share/`: the man page and the completions of three shells, from the command line as it is.

The wheel carries the folder as data, so pip, pipx and Nix put each file where its reader looks for it.
`python tools/manual.py` writes; tests/test_manual.py compares.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer
from typer._completion_shared import get_completion_script
from typer.main import get_command

from nixpydoctor import __version__
from nixpydoctor.cli import app

SHARE = Path(__file__).resolve().parent.parent / "share"
NAME = "nixpydoctor"
_EXITS = {
    0: "Nothing at or above --fail-on was found.",
    1: "Something was.",
    2: "The command line cannot be used.",
    3: "Nothing could be examined.",
    4: "nixpydoctor itself failed.",
}
_SHELLS = {
    "bash": "bash-completion/completions/nixpydoctor",
    "zsh": "zsh/site-functions/_nixpydoctor",
    "fish": "fish/vendor_completions.d/nixpydoctor.fish",
}


def files() -> dict[str, str]:
    """Every file below `share` with its text."""
    complete = f"_{NAME}_COMPLETE".upper()
    scripts = {
        place: get_completion_script(prog_name=NAME, complete_var=complete, shell=shell) + "\n"
        for shell, place in _SHELLS.items()
    }
    scripts[_SHELLS["zsh"]] = _autoloaded(scripts[_SHELLS["zsh"]])
    return {f"man/man1/{NAME}.1": manual(), **scripts}


def _autoloaded(script: str) -> str:
    """zsh runs such a file at the first Tab, in place of the function that it defines: that Tab wants its answer."""
    last = f"compdef _{NAME}_completion {NAME}"
    assert script.rstrip().endswith(last)
    return script.rstrip().removesuffix(last) + (
        f'if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n  _{NAME}_completion "$@"\nelse\n  {last}\nfi\n'
    )


def manual() -> str:
    """The page in the language of man(7)."""
    root: Any = get_command(app)
    lines = [
        f'.TH {NAME.upper()} 1 "" "{NAME} {__version__}" "User Commands"',
        ".SH NAME",
        f"{NAME} \\- {_roff(root.help[0].lower() + root.help[1:]).rstrip('.')}",
        ".SH SYNOPSIS",
    ]
    for command in root.commands.values():
        lines += [f".B {NAME} {command.name}", _usage(command), ".br"]
    lines += [".SH DESCRIPTION", _roff(root.help), ".SH COMMANDS"]
    for command in root.commands.values():
        lines += [f".SS {command.name}", _roff(_one_line(command.help))]
        for one in command.params:
            if getattr(one, "hidden", False):
                continue
            lines += [".TP", _names(one), _roff(_one_line(getattr(one, "help", "") or ""))]
    lines.append(".SH EXIT STATUS")
    for code, says in _EXITS.items():
        lines += [".TP", f".B {code}", _roff(says)]
    lines += [
        ".SH ENVIRONMENT",
        ".TP", ".B NO_COLOR", "Switches colour off.",
        ".TP", ".B NIXPYDOCTOR_TRACEBACK", "Shows where the tool itself failed.",
        ".SH SEE ALSO",
        ".BR ld.so (8), ldd (1), nix-shell (1)",
    ]  # fmt: skip
    return "\n".join(line for line in lines if line) + "\n"


def _usage(command: Any) -> str:
    words = ["[options]"] if any(one.param_type_name == "option" for one in command.params) else []
    words += [_roff(one.metavar or one.name.upper()) for one in command.params if one.param_type_name == "argument"]
    return f".I {' '.join(words)}" if words else ""


def _names(one: Any) -> str:
    if one.param_type_name == "argument":
        return f".I {_roff(one.metavar or one.name.upper())}"
    names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in (*one.opts, *one.secondary_opts))
    value = "" if one.is_flag or one.count else f" \\fI{_roff(one.metavar or 'VALUE')}\\fR"
    return names + value


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\f", " ")).strip()


def _roff(text: str) -> str:
    """Text in which groff sees no command and no hyphen that it may change into a dash."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text[:1] in (".", "'") else text


def main() -> None:
    """Write every file."""
    for place, text in files().items():
        target = SHARE / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        typer.echo(target.relative_to(SHARE.parent))


if __name__ == "__main__":
    main()
