"""The reference pages agree with the program: `pytest --update-golden` writes what can be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from nixpydoctor import cli, config, gate, settings
from nixpydoctor.report import as_json, explanation_json

DOCS = Path(__file__).parents[1] / "docs" / "reference"

HEAD = """# Command line

<!-- Written by `pytest tests/test_reference.py --update-golden` from what `--help` shows. -->
"""


def reference() -> str:
    """The page about the command line: every command with its arguments and options, in the order of `--help`."""
    group: Any = typer.main.get_command(cli.app)
    parts = [HEAD, f"\n{group.help}\n", *_table(group)]
    for name, command in group.commands.items():
        takes = [_name(param) for param in command.params if param.param_type_name == "argument"]
        usage = " ".join([f"nixpydoctor {name}", "[OPTIONS]", *takes])
        parts += [f"\n## {name}\n", f"\n{command.help}\n", f"\n```text\n{usage}\n```\n", *_table(command)]
    return "".join(parts)


def _table(command: Any) -> Iterator[str]:
    rows = [f"| `{_name(param)}` | {param.help}{_default(param)} |\n" for param in command.params if param.help]
    if rows:
        yield "\n| | |\n|---|---|\n"
        yield from rows


def _name(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"[{param.metavar}]" if not param.required else str(param.metavar)
    return ", ".join(sorted(param.opts, key=len)) + (f" {param.metavar}".replace("|", "\\|") if param.metavar else "")


def _default(param: Any) -> str:
    value = getattr(param.default, "value", param.default)
    return f" Default: `{value}`." if isinstance(value, str) and value else ""


def test_the_page_about_the_command_line_is_what_help_shows(update_golden: bool) -> None:
    if update_golden:
        (DOCS / "cli.md").write_text(reference(), encoding="utf-8")
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == reference()


def test_every_option_is_explained() -> None:
    group: Any = typer.main.get_command(cli.app)
    commands = [group, *group.commands.values()]
    hidden = {"--install-completion", "--show-completion"}
    assert [
        param.name for command in commands for param in command.params if not param.help and param.opts[0] not in hidden
    ] == []


def test_every_exit_code_is_on_its_page() -> None:
    rows = re.findall(r"^\| (\d+) \|", (DOCS / "exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE)
    codes = [gate.PASSED, gate.FINDINGS, gate.USAGE, gate.NOTHING_EXAMINED, gate.FAULT, 130]
    assert [int(row) for row in rows] == codes


def test_every_field_of_the_json_report_is_on_its_page() -> None:
    words = set(re.findall(r"[a-z_-]+", (DOCS / "json-v1.md").read_text(encoding="utf-8")))
    schema = as_json.schema()
    shapes = [schema, *(schema["$defs"][name] for name in ("finding", "offer", "unread", "attempt", "named"))]
    shapes += schema["$defs"]["evidence"]["oneOf"]
    for shape in shapes:
        assert set(shape["properties"]) <= words
        kind = shape["properties"].get("kind", {}).get("const")
        assert kind is None or kind in words


def test_every_field_of_the_json_explanation_is_on_its_page() -> None:
    words = set(re.findall(r"[a-z_-]+", (DOCS / "explanation-json.md").read_text(encoding="utf-8")))
    schema = explanation_json.schema()
    shapes = [schema, *schema["oneOf"], *schema["$defs"].values(), *_objects(schema["oneOf"][1]["properties"].values())]
    for shape in shapes:
        assert set(shape["properties"]) <= words, set(shape["properties"]) - words


def _objects(shapes: Any) -> Iterator[dict[str, Any]]:
    """The objects that stand in place, wherever they stand."""
    for shape in shapes:
        inner = [shape, shape.get("items", {}), *shape.get("oneOf", ())] if isinstance(shape, dict) else []
        yield from (one for one in inner if "properties" in one)


def test_every_setting_is_on_its_page() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", (DOCS / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [key for row in rows for key in re.findall(r"`([a-z-]+)`", row)] == list(settings.DEFAULTS)


def test_the_settings_on_their_page_are_understood(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / "settings.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(text)
    told = config.load({}, {}, str(tmp_path))
    assert (told["fail-on"], len(told.ignores)) == ("warning", 3)
