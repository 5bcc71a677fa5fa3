"""rebuild-venv: the commands of the tool that made the venv, from a Python that stays, with what was in it."""

from __future__ import annotations

import pytest

from build import SITE, STORE_PYTHON, a_dist, a_library, an_object, facts
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, Project, Venv, parent
from nixpydoctor.light import replace

ROOT = FsPath("/home/ada/app/.venv")
PYENV = FsPath("/home/ada/.pyenv/versions/3.12.1/bin/python3.12")
HELD = "/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1"


def moved(venv: Venv, *files: str, texts: dict[str, str] | None = None) -> Facts:
    """A venv that was moved, in a project with these files, with numpy and a local distribution in it."""
    venv = replace(
        venv,
        activates=FsPath("/home/ada/old/.venv"),
        scripts={FsPath(f"{ROOT}/bin/f2py"): "#!/home/ada/old/.venv/bin/python"},
    )
    dists = (a_dist("numpy", "2.3.2"), a_dist("my-app", "1.0"), a_dist("pip", "24.0"))
    told = facts(*dists, venv=venv, project=Project(FsPath("/home/ada/app"), files))
    disk = Disk.closed(
        [an_object(told.main.process.executable)],
        texts={FsPath(f"{SITE}/{path}"): text for path, text in (texts or {}).items()},
    )
    return replace(told, disk=disk)


def a_venv(
    base: FsPath = PYENV, *, creator: str = "venv", root: FsPath = ROOT, exists: bool = True, system_site: bool = False
) -> Venv:
    return Venv(root, parent(base), "3.12.1", creator, system_site, base=base, base_exists=exists, links=(base,))  # type: ignore[arg-type]


def offer(told: Facts) -> Trial:
    return next(trial for trial in diagnose(told).offers if trial.treatment.remedy.name == "rebuild-venv")


def steps(told: Facts) -> list[str]:
    return [line[2:] for line in offer(told).treatment.instructions.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize(
    ("creator", "files", "wanted"),
    [
        ("venv", ("requirements.txt",), [f"{PYENV} -m venv --clear {ROOT}",
                                         f"{ROOT}/bin/python -m pip install -r /home/ada/app/requirements.txt"]),
        ("uv", ("uv.lock",), [f"uv venv --clear --python {PYENV} {ROOT}", "uv sync"]),
        ("uv", ("requirements.txt",), [f"uv venv --clear --python {PYENV} {ROOT}",
                                       f"uv pip install --python {ROOT}/bin/python -r /home/ada/app/requirements.txt"]),
        ("virtualenv", ("poetry.lock",), [f"rm -r {ROOT}", f"poetry env use {PYENV}", "poetry install"]),
        ("virtualenv", ("pdm.lock",), [f"rm -r {ROOT}", f"pdm use --first {PYENV}", "pdm sync"]),
        ("virtualenv", ("Pipfile",), ["pipenv --rm", f"pipenv --python {PYENV}", "pipenv sync"]),
        ("virtualenv", ("requirements.txt",), [f"virtualenv --clear --python {PYENV} {ROOT}",
                                               f"{ROOT}/bin/python -m pip install -r /home/ada/app/requirements.txt"]),
    ],
)  # fmt: skip
def test_each_tool_has_its_own_commands(creator: str, files: tuple[str, ...], wanted: list[str]) -> None:
    assert steps(moved(a_venv(creator=creator), *files)) == wanted


@pytest.mark.parametrize(
    ("root", "first"),
    [
        ("/home/ada/.cache/pypoetry/virtualenvs/app-x-py3.12", "rm -r"),
        ("/home/ada/.local/share/hatch/env/virtual/app/x/app", "hatch env prune"),
        ("/home/ada/.local/share/pipx/venvs/black", "pipx reinstall"),
        ("/home/ada/.local/share/uv/tools/black", "uv tool install --reinstall"),
        ("/home/ada/app/.devenv/state/venv", "rm -r"),
        ("/home/ada/app/.direnv/python-3.12", "rm -r"),
    ],
)
def test_a_venv_that_a_tool_keeps_somewhere_is_that_tools(root: str, first: str) -> None:
    assert steps(moved(a_venv(creator="virtualenv", root=FsPath(root))))[0].startswith(first)


def test_a_venv_of_uv_outside_of_its_place_is_named_to_uv() -> None:
    told = moved(a_venv(creator="uv", root=FsPath("/home/ada/envs/app")), "uv.lock")
    assert steps(told)[-1] == "UV_PROJECT_ENVIRONMENT=/home/ada/envs/app uv sync"


def test_system_site_packages_stay_visible() -> None:
    assert "--system-site-packages" in steps(moved(a_venv(system_site=True), "requirements.txt"))[0]


def test_without_a_lock_what_is_installed_is_listed_with_its_origin() -> None:
    said = '{"url": "file:///home/ada/app", "dir_info": {"editable": true}}'
    infos = ("my_app-1.0.dist-info/METADATA", "numpy-2.3.2.dist-info/METADATA", "pip-24.0.dist-info/METADATA")
    texts = {"my_app-1.0.dist-info/direct_url.json": said, **dict.fromkeys(infos, "")}
    found = offer(moved(a_venv(), texts=texts)).treatment
    (snippet,) = found.files
    assert snippet.text == "-e /home/ada/app\nnumpy==2.3.2\n", "pip comes with the venv"
    assert f"pip install -r {snippet.name}" in found.instructions
    assert snippet.text in found.instructions


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ('{"url": "https://x/y.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}', "my_app @ git+https://x/y.git@abc"),
        ('{"url": "https://x/y.whl", "archive_info": {}}', "my_app @ https://x/y.whl"),
        ('{"url": 7}', "my-app==1.0"),
        ('{"url": "https://x", "vcs_info": {"vcs": "git", "commit_id": "a\\n-r /x"}}', "my-app==1.0"),
        ("[]", "my-app==1.0"),
        ("{", "my-app==1.0"),
        ('{"url": "https://x\\n-r /etc/passwd"}', "my-app==1.0"),
    ],
)  # fmt: skip
def test_where_a_distribution_came_from(said: str, line: str) -> None:
    told = moved(a_venv(), texts={"my_app-1.0.dist-info/direct_url.json": said})
    assert offer(told).treatment.files[0].text.splitlines()[0] == line


def test_a_store_python_is_kept_before_the_venv_is_made_from_it() -> None:
    first, second, _ = steps(moved(a_venv(STORE_PYTHON), "requirements.txt"))
    assert first == f"nix-store --realise {HELD} --add-root /home/ada/app/.nix-python --indirect"
    assert second == f"/home/ada/app/.nix-python/bin/python3.12 -m venv --clear {ROOT}"


def test_a_collected_python_is_fetched_from_nixpkgs() -> None:
    told = facts(
        venv=a_venv(STORE_PYTHON, exists=False), project=Project(FsPath("/home/ada/app"), ("requirements.txt",))
    )
    first, second, _ = steps(told)
    assert first.startswith("nix build --out-link /home/ada/app/.nix-python nixpkgs#python312")
    assert second == f"/home/ada/app/.nix-python/bin/python3.12 -m venv --clear {ROOT}"
    assert {finding.rule.id for finding in offer(told).cured} == {"NPD301"}


def test_a_removed_pyenv_python_is_installed_again() -> None:
    told = facts(venv=a_venv(exists=False), project=Project(FsPath("/home/ada/app"), ("requirements.txt",)))
    assert steps(told)[:2] == ["pyenv install --skip-existing 3.12.1", f"{PYENV} -m venv --clear {ROOT}"]


def test_it_is_expected_and_never_proved() -> None:
    found = offer(moved(a_venv(), "requirements.txt"))
    assert found.treatment.basis == "assumed"
    assert found.treatment.assumes
    assert {finding.rule.id for finding in found.cured} == {"NPD302"}


def test_not_offered_for_missing_libraries_nor_without_a_venv() -> None:
    ext = "numpy/_x.cpython-312-x86_64-linux-gnu.so"
    broken = facts(
        a_dist(extensions=[ext]),
        objects=[an_object(f"{SITE}/{ext}", "libstdc++.so.6", "libc.so.6")],
        sources={"numpy/__init__.py": "from . import _x\n"},
        venv=a_venv(STORE_PYTHON),
    )
    for world in (broken, replace(broken, main=replace(broken.main, venv=None))):
        diagnosis = diagnose(world)
        assert "NPD101" in {finding.rule.id for finding in diagnosis.findings}
        assert "rebuild-venv" not in {trial.treatment.remedy.name for trial in diagnosis.offers}


def test_a_venv_of_another_minor_is_listed_from_its_old_folder() -> None:
    folder = f"{ROOT}/lib/python3.11/site-packages"
    venv = replace(a_venv(PYENV), version="3.11.7")
    texts = {FsPath(f"{folder}/six-1.17.0.dist-info/METADATA"): ""}
    disk = Disk.closed([an_object(PYENV), a_library(f"{folder}/six.py")], texts=texts)
    found = offer(replace(facts(store=False, venv=venv), disk=disk))
    assert {finding.rule.id for finding in found.cured} == {"NPD304"}
    assert found.treatment.files[0].text == "six==1.17.0\n"


def test_a_folder_with_the_name_of_an_option_is_no_requirement() -> None:
    names = (
        "x-1.0\n--index-url=https://y.dist-info",
        "-e.dist-info",
        "z-1 ; y.dist-info",
        "--x-1.dist-info",
        "zope-event-5.0.dist-info",
    )
    told = moved(a_venv(), texts={f"{name}/METADATA": "" for name in names if "/" not in name})
    assert offer(told).treatment.files[0].text == "zope-event==5.0\n"
