"""Settings: who says what, which file is found, and a sentence for everything that cannot be meant."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nixpydoctor import config
from nixpydoctor.settings import DEFAULTS
from nixpydoctor.target import UsageError
from test_cli import broken, healthy, run, saved


def load(folder: Path, text: str = "", *, said: Mapping[str, Any] | None = None, **env: str) -> config.Settings:
    """The settings in a repository whose `nixpydoctor.toml` has this text."""
    (folder / ".git").mkdir(exist_ok=True)
    if text:
        (folder / "nixpydoctor.toml").write_text(text, encoding="utf-8")
    return config.load(said or {}, env, str(folder))


# ── who says it ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_nearest_voice_wins(tmp_path: Path) -> None:
    text = 'fail-on = "note"\nexit-zero = true\nbaseline = "b.json"\n'
    told = load(tmp_path, text, said={"fail-on": "error"}, NIXPYDOCTOR_FAIL_ON="warning", NIXPYDOCTOR_EXIT_ZERO="0")
    assert (told["fail-on"], told.origins["fail-on"]) == ("error", "--fail-on")
    assert (told["exit-zero"], told.origins["exit-zero"]) == (False, "NIXPYDOCTOR_EXIT_ZERO")
    assert (told["baseline"], told.origins["baseline"]) == (f"{tmp_path}/b.json", f"{tmp_path}/nixpydoctor.toml")
    assert told["imports"] is False
    assert "imports" not in told.origins


def test_ignores_of_all_places_add_up(tmp_path: Path) -> None:
    told = load(
        tmp_path, 'ignore = ["NPD102"]', said={"ignore": ("NPD101",)}, NIXPYDOCTOR_IGNORE="NPD2, missing-library"
    )
    assert [one.word for one in told.ignores] == ["NPD101", "NPD2", "missing-library", "NPD102"]
    assert told.ignores[1].rules > {"NPD201"}
    assert all(rule.startswith("NPD2") for rule in told.ignores[1].rules)
    assert told.ignores[2].rules == {"NPD101"}


def test_an_ignore_has_a_scope_a_reason_and_an_end(tmp_path: Path) -> None:
    text = """
        require-reason = true
        ignore = [{ rule = "NPD101", detail = "libcuda.so.*", reason = "no GPU here", until = 2030-12-31 }]
        [per-dist-ignores]
        "Foo.Bar" = [{ rule = "NPD1", reason = "unused" }]
    """
    one, other = load(tmp_path, text).ignores
    assert (one.detail, one.reason, one.until, one.dist) == ("libcuda.so.*", "no GPU here", date(2030, 12, 31), None)
    assert other.dist == "foo-bar"


def test_a_report_file_of_the_settings_goes_with_their_formats(tmp_path: Path) -> None:
    text = 'format = ["sarif=out.sarif", "json"]\noutput = "report.json"\n'
    told = load(tmp_path, text)
    assert told["format"] == (f"sarif={tmp_path}/out.sarif", "json")
    assert told["output"] == f"{tmp_path}/report.json"
    assert load(tmp_path, text, said={"format": ("full",)})["output"] is None


@pytest.mark.parametrize("isolated", [True, False])
def test_isolated_hears_the_command_line_alone(tmp_path: Path, isolated: bool) -> None:
    (tmp_path / "nixpydoctor.toml").write_text('fail-on = "note"')
    told = config.load({}, {"NIXPYDOCTOR_EXIT_ZERO": "1"}, str(tmp_path), isolated=isolated)
    assert (told["fail-on"], told["exit-zero"]) == (("error", False) if isolated else ("note", True))


# ── which file ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_search_goes_up_to_the_repository_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "nixpydoctor.toml").write_text('fail-on = "note"')
    deep = tmp_path / "wörk tree" / "src" / "deep"
    deep.mkdir(parents=True)
    assert config.load({}, {}, str(deep))["fail-on"] == "note"
    (tmp_path / "wörk tree" / ".git").write_text("gitdir: /elsewhere/.git/worktrees/x\n")
    assert config.load({}, {}, str(deep))["fail-on"] == "error"
    (tmp_path / "wörk tree" / "pyproject.toml").write_text('[tool.nixpydoctor]\nfail-on = "warning"\n')
    assert config.load({}, {}, str(deep))["fail-on"] == "warning"


def test_a_project_file_without_our_table_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.nixpydoctor]\nfail-on = "note"\n')
    inner = tmp_path / "inner"
    inner.mkdir()
    for text in ('[project]\ndependencies = ["nixpydoctor"]\n', "broken = \n[[", "[tool]\nruff = 1\n"):
        (inner / "pyproject.toml").write_text(text)
        assert config.load({}, {}, str(inner))["fail-on"] == "note"


@pytest.mark.parametrize(
    "text",
    [
        "[tool.nixpydoctor]\nfail-on = 'note'",
        "[ tool . nixpydoctor ]\nfail-on = 'note'",
        "['tool'.\"nixpydoctor\"]\nfail-on = 'note'",
        "tool.nixpydoctor.fail-on = 'note'",
        "tool\t.\t'nixpydoctor' = { fail-on = 'note' }",
        "[tool]\nnixpydoctor.fail-on = 'note'",
        "[\t'tool'\t]\n[tool.ruff]\n[tool.'nixpydoctor']\nfail-on = 'note'",
        "tool = { ruff = {}, nixpydoctor = { fail-on = 'note' } }",
        '["t\\u006Fol".nixpydoctor]\nfail-on = "note"',
        '["\\U00000074ool"]\nnixpydoctor = { fail-on = "note" }',
    ],
)
def test_our_table_is_found_however_toml_lets_it_be_written(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(text)
    assert config.load({}, {}, str(tmp_path))["fail-on"] == "note"


def test_the_target_s_project_comes_before_the_current_folder(tmp_path: Path) -> None:
    for name, level in (("here", "note"), ("there", "warning")):
        (tmp_path / name / ".venv").mkdir(parents=True)
        (tmp_path / name / "nixpydoctor.toml").write_text(f'fail-on = "{level}"')
    here = str(tmp_path / "here")
    assert config.load({}, {}, here, target="../there/.venv")["fail-on"] == "warning"
    assert config.load({}, {}, here, target=".venv")["fail-on"] == "note"
    assert config.load({}, {}, here, target="no/such")["fail-on"] == "note"


# ── what cannot be meant ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fail-om = 1", "fail-om, which does not exist: did you mean fail-on?"),
        ("x-y-z = 1", "x-y-z, which does not exist."),
        ('fail-on = "never"', "fail-on must be error, warning or note"),
        ("fail-on = []", "fail-on must be"),
        ("exit-zero = 1", "exit-zero must be true or false"),
        ('ignore = "NPD101"', "ignore must be a list"),
        ("select = [1]", "select must be a list"),
        ("baseline = ''", "baseline must be a name"),
        ('python = "a\\u0000b"', "python must be a name"),
        ('ignore = ["missing-libary"]', "names the rule missing-libary, which does not exist: did you mean missing-"),
        ('select = ["NPD"]', "names the rule NPD, which"),
        ('select = ["NPD8"]', "names the rule NPD8, which"),
        ("ignore = [1]", "an ignore must be a rule"),
        ('ignore = [{ reason = "x" }]', "an ignore must be a rule"),
        ('ignore = [{ rule = "NPD101", untl = 1 }]', "untl, which does not exist: did you mean until?"),
        ('ignore = [{ rule = "NPD101", reason = 1 }]', "reason of an ignore must be a text"),
        ('ignore = [{ rule = "NPD101", until = "soon" }]', "must end on a day"),
        ('ignore = [{ rule = "NPD101", until = 1 }]', "must end on a day"),
        ("per-dist-ignores = 1", "must be a table"),
        ('per-dist-ignores = { torch = "NPD101" }', "per-dist-ignores.torch must be a list"),
        ('require-reason = true\nignore = ["NPD101"]', "The ignore of NPD101 has no reason"),
        ('require-reason = true\nignore = [{ rule = "NPD101", reason = " " }]', "The ignore of NPD101 has no reason"),
        ("broken = ", "are no TOML"),
        ("[tool.nixpydoctor]\nfail-on = 'note'", "stand at the top: leave out [tool.nixpydoctor]"),
        ("a = " + "[" * 5000, "are no TOML"),
        ("# " + "x" * 5_000_000, "larger than 4 MiB"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, text)
    assert told in str(caught.value)


def test_a_file_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "nixpydoctor.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(UsageError, match="no TOML: byte 0 is no UTF-8"):
        load(tmp_path)


def test_a_broken_project_file_with_our_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nixpydoctor]\nfail-on = \n")
    with pytest.raises(UsageError, match=r"pyproject\.toml are no TOML"):
        load(tmp_path)


def test_a_reason_cannot_be_given_on_a_command_line_that_must_have_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no reason"):
        load(tmp_path, "require-reason = true", said={"ignore": ("NPD101",)})


def test_a_variable_that_is_no_flag_is_a_sentence_and_an_unknown_one_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NIXPYDOCTOR_EXIT_ZERO is maybe: give 1 or 0"):
        load(tmp_path, NIXPYDOCTOR_EXIT_ZERO="maybe")
    told = load(tmp_path, NIXPYDOCTOR_FAIL_OM="note", NIXPYDOCTOR_TRACEBACK="1", NIXPYDOCTOR_LAB="1")
    assert told.strangers == ("The variable NIXPYDOCTOR_FAIL_OM names no setting: did you mean fail-on?",)


def test_an_option_that_cannot_be_meant_is_called_by_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--output must be a name\.$"):
        load(tmp_path, said={"output": ""})
    with pytest.raises(UsageError, match=r"^NIXPYDOCTOR_FAIL_ON must be error, warning or note\.$"):
        load(tmp_path, NIXPYDOCTOR_FAIL_ON="never")


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        config.load({}, {}, str(tmp_path), file="x.toml")
    with pytest.raises(UsageError, match="leave out one"):
        config.load({}, {}, str(tmp_path), file="x.toml", isolated=True)


# ── the command line ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def sick(tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved(tmp_path_factory.mktemp("sick"), broken())


def test_settings_decide_and_the_last_line_counts(sick: str, tmp_path: Path) -> None:
    (tmp_path / "nixpydoctor.toml").write_text('ignore = [{ rule = "NPD101", reason = "known" }]')
    told = run("check", "--facts", sick, cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert "Nothing else is wrong: 1 ignored" in told.stdout
    assert told.stdout.endswith("0 errors, 0 warnings, 0 notes · 1 ignored · 0 unread\n")
    assert run("check", "--facts", sick, "--isolated", cwd=tmp_path).returncode == 1


def test_an_ignore_that_is_over_comes_back_with_a_word(sick: str, tmp_path: Path) -> None:
    (tmp_path / "nixpydoctor.toml").write_text('ignore = [{ rule = "NPD101", reason = "known", until = 2020-02-29 }]')
    told = run("check", "--facts", sick, "-f", "json", cwd=tmp_path)
    assert told.returncode == 1
    assert json.loads(told.stdout)["summary"]["ignored"] == 0
    assert told.stderr == "nixpydoctor: The ignore of NPD101 (known) ended on 2020-02-29: its findings count again.\n"


@pytest.mark.parametrize("form", ["json", "sarif", "gitlab", "junit", "github", "markdown", "concise"])
def test_what_is_ignored_stands_in_no_format(sick: str, tmp_path: Path, form: str) -> None:
    assert "libz.so.1" in run("check", "--facts", sick, "-f", form, cwd=tmp_path).stdout
    told = run("check", "--facts", sick, "-f", form, "--ignore", "NPD1", cwd=tmp_path)
    assert told.returncode == 0
    assert "libz.so.1" not in told.stdout


def test_a_baseline_is_written_used_and_pruned(sick: str, tmp_path: Path) -> None:
    wrote = run("check", "--facts", sick, "--write-baseline", "b ö.json", cwd=tmp_path)
    assert wrote.returncode == 0
    assert "accepts 1 finding" in wrote.stderr
    told = run("check", "--facts", sick, "--baseline", "b ö.json", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert "1 in the baseline · 0 unread" in told.stdout
    well = saved(tmp_path, healthy())
    told = run("check", "--facts", well, "--baseline", "b ö.json", cwd=tmp_path)
    assert told.returncode == 0
    assert "holds 1 finding that is gone: --write-baseline b ö.json prunes it" in told.stderr
    run("check", "--facts", well, "--baseline", "b ö.json", "--write-baseline", "b ö.json", cwd=tmp_path)
    assert json.loads((tmp_path / "b ö.json").read_text())["findings"] == []
    assert run("check", "--facts", sick, "--baseline", "b ö.json", cwd=tmp_path).returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b ö.json", "facts.json"]


def test_a_baseline_that_cannot_be_used_is_a_sentence_unless_it_is_written_anew(sick: str, tmp_path: Path) -> None:
    for text in ('{"baseline_version": 1, "find', '{"baseline_version": 7}', None):
        file = tmp_path / "b.json"
        file.write_text(text) if text is not None else file.unlink()
        told = run("check", "--facts", sick, "--baseline", "b.json", cwd=tmp_path)
        assert (told.returncode, told.stdout) == (2, "")
        assert "--write-baseline b.json makes it anew" in told.stderr
    (tmp_path / "b.json").write_text("{")
    told = run("check", "--facts", sick, "--baseline", "b.json", "--write-baseline", "b.json", cwd=tmp_path)
    assert told.returncode == 0


@pytest.mark.parametrize("place", ["no/such/b.json", "."])
def test_a_baseline_that_cannot_be_written_is_a_sentence(sick: str, tmp_path: Path, place: str) -> None:
    told = run("check", "--facts", sick, "--write-baseline", place, cwd=tmp_path)
    assert (told.returncode, told.stdout) == (2, "")
    assert f"cannot be written to {place}" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_config_shows_what_is_in_force_and_who_says_it(tmp_path: Path) -> None:
    (tmp_path / "nixpydoctor.toml").write_text(
        'fail-on = "warning"\nper-dist-ignores = { torch = [{ rule = "NPD101", reason = "\\u001b[2Jx" }] }\n'
    )
    told = run("config", cwd=tmp_path, env={"NIXPYDOCTOR_IMPORTS": "1"})
    assert (told.returncode, told.stderr) == (0, "")
    rows = {line.split()[0]: line for line in told.stdout.splitlines()}
    assert set(rows) == set(DEFAULTS)
    assert rows["fail-on"].split() == ["fail-on", "warning", f"{tmp_path}/nixpydoctor.toml"]
    assert rows["imports"].split() == ["imports", "true", "NIXPYDOCTOR_IMPORTS"]
    assert rows["format"].split() == ["format", "full", "default"]
    assert r"NPD101 of torch because \x1b[2Jx" in rows["per-dist-ignores"]


def test_config_shows_lists_from_variables(tmp_path: Path) -> None:
    env = {"NIXPYDOCTOR_OUTPUT_FORMAT": "concise,json=x.json", "NIXPYDOCTOR_SELECT": "NPD1"}
    told = run("config", cwd=tmp_path, env=env)
    assert (told.returncode, told.stderr) == (0, "")
    rows = [line.split() for line in told.stdout.splitlines()]
    assert ["format", "concise", "NIXPYDOCTOR_FORMAT"] in rows
    assert ["format", "json=x.json", "NIXPYDOCTOR_FORMAT"] in rows
    assert ["select", "NPD1", "NIXPYDOCTOR_SELECT"] in rows


def test_the_report_says_who_named_the_python(tmp_path: Path) -> None:
    settings = tmp_path / "nixpydoctor.toml"
    settings.write_text('python = "gone/bin/python"')
    told = run("check", cwd=tmp_path)
    assert told.returncode == 2
    assert f"gone/bin/python ({settings} names it) does not exist" in told.stderr
    settings.write_text(f"python = {json.dumps(sys.executable)}")
    assert run("check", "--no-exec", cwd=tmp_path).stdout.startswith(f"{sys.executable}: {settings} names it")


def test_a_check_without_settings_imports_nothing_for_them(tmp_path: Path) -> None:
    code = "import os, sys; end, sys.argv[0] = os._exit, 'x'\n"
    code += "os._exit = lambda code: (print(*sys.modules, file=sys.stderr, flush=True), end(code))\n"
    told = run(
        "check",
        "--facts",
        saved(tmp_path, healthy()),
        code=f"{code}from nixpydoctor.__main__ import main; main()",
        cwd=tmp_path,
    )
    modules = set(told.stderr.split())
    assert "nixpydoctor.config" in modules
    heavy = {"nixpydoctor.sifting", "nixpydoctor.baseline", "tomllib", "hashlib", "difflib", "typer"}
    assert modules.isdisjoint(heavy), modules & heavy
