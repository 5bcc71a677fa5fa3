"""Does what the runners of GitHub and GitLab do with the YAML of this repository, as far as that needs no platform.

A composite action (docs: "Metadata syntax", `runs.using: composite`): inputs take their defaults, `${{ inputs.NAME }}`
and `${{ github.action_path }}` are filled in, each `run` is a script for the shell that it names (docs: "Workflow
syntax", `jobs.<job_id>.steps[*].shell`), and outputs come from the file that GITHUB_OUTPUT names. A job of GitLab
(docs: "CI/CD YAML syntax"): its `script` is one script of the lines, with `variables` in the environment.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
SHELLS = {
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"],  # where a step says `shell: bash`
    None: ["bash", "-e"],  # where it says nothing
}
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


@dataclass(frozen=True)
class Annotation:
    """A workflow command that the platform shows at a line of a file."""

    level: str
    properties: Mapping[str, str]
    message: str


@dataclass
class Ended:
    """What became of a step that calls an action, or of a job."""

    code: int
    out: str
    err: str
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def annotations(self) -> list[Annotation]:
        """What the platform takes out of the log: it reads both streams."""
        found = [_COMMAND.fullmatch(line) for line in f"{self.out}\n{self.err}".splitlines()]
        return [Annotation(one[1], _properties(one[2]), _plain(one[3])) for one in found if one is not None]


def document(place: str) -> Any:
    """A YAML file of this repository, parsed. `on:` stays a text, as the platform reads it."""
    return yaml.load((ROOT / place).read_text(encoding="utf-8"), Loader=_Texts)


class _Texts(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML comes without types
    """YAML 1.2's idea of a boolean, which is the platform's: `on` is a word."""


_Texts.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not (tag.endswith(":bool") and first not in "tTfF")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def use(action: Mapping[str, Any], inputs: Mapping[str, str], workspace: Path, scratch: Path, **env: str) -> Ended:
    """A step that says `uses:` with these inputs, in a job whose checkout is `workspace`.

    Raises `KeyError` for an expression that the platform would not know.
    """
    declared = action["inputs"]
    assert set(inputs) <= set(declared), (
        f"the platform warns of inputs that do not exist: {set(inputs) - set(declared)}"
    )
    values = {f"inputs.{name}": inputs.get(name, one.get("default", "")) for name, one in declared.items()}
    values["github.action_path"] = str(ROOT)
    given = platform(workspace, scratch, **env)
    ended = Ended(0, "", "")
    for step in action["runs"]["steps"]:
        ended = run(step, values, given, workspace)
        told = _outputs(Path(given["GITHUB_OUTPUT"]).read_text())
        values |= {f"steps.{step['id']}.outputs.{name}": value for name, value in told.items() if "id" in step}
        if ended.code:
            break
    ended.summary = Path(given["GITHUB_STEP_SUMMARY"]).read_text()
    for name, one in action.get("outputs", {}).items():
        ended.outputs[name] = fill(one["value"], {**values, **dict.fromkeys(_names(one["value"]) - set(values), "")})
    return ended


def run(step: Mapping[str, Any], values: Mapping[str, str], env: Mapping[str, str], workspace: Path) -> Ended:
    """One step that says `run:`."""
    script = Path(env["RUNNER_TEMP"]) / "step.sh"
    script.write_text(fill(step["run"], values))
    more = {name: fill(str(value), values) for name, value in step.get("env", {}).items()}
    command = [*SHELLS[step.get("shell")], str(script)]
    told = subprocess.run(command, cwd=workspace, env={**env, **more}, capture_output=True, text=True, check=False)
    return Ended(told.returncode, told.stdout, told.stderr)


def platform(workspace: Path, scratch: Path, **env: str) -> dict[str, str]:
    """The variables that a runner sets (docs: "Store information in variables"), beside those of this machine."""
    scratch.mkdir(exist_ok=True)
    names = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")
    files = {name: scratch / name.lower() for name in names}
    for file in files.values():
        file.touch()
    return {
        **_machine(),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_EVENT_NAME": "push",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(scratch),
        **{name: str(file) for name, file in files.items()},
        **env,
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its expressions filled in. Raises `KeyError` for one that nobody knows."""
    return _EXPRESSION.sub(lambda match: values[match[1]], text)


def job(text: Mapping[str, Any], workspace: Path, **variables: str) -> Ended:
    """A job of GitLab, with these variables of the project over its own."""
    env = {**_machine(), "CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(workspace)}
    env |= {name: str(value) for name, value in text["variables"].items()} | variables
    script = "\n".join(text["script"])
    told = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=workspace, env=env, capture_output=True, text=True, check=False
    )
    return Ended(told.returncode, told.stdout, told.stderr)


def _machine() -> dict[str, str]:
    """What a job inherits: programs, and how pip reaches its registry."""
    return {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "PATH", "HOME"))}


def _names(text: str) -> set[str]:
    return set(_EXPRESSION.findall(text))


def _outputs(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _properties(text: str) -> dict[str, str]:
    parts = dict(part.split("=", 1) for part in text.split(","))
    return {name: _plain(value.replace("%3A", ":").replace("%2C", ",")) for name, value in parts.items()}


def _plain(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
