"""library-path cures a store Python that lacks libraries, and is not offered where it would not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from build import FHS_INTERP, GLIBC, SITE, STORE_PYTHON, a_dist, a_glibc, a_library, an_object, facts, fhs_loader
from nixpydoctor.disk import Disk
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, Process, Project, Venv
from nixpydoctor.treatments import Reach

EXT = "numpy/_multiarray.cpython-312-x86_64-linux-gnu.so"
SOURCES = {"numpy/__init__.py": "from . import _multiarray\n"}


def lacking(*sonames: str, store: bool = True) -> Facts:
    return facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", *sonames)],
        sources=SOURCES,
        store=store,
        fhs=None if store else fhs_loader(),
    )


def test_it_cures_and_names_exactly_the_libraries_that_are_missing() -> None:
    diagnosis = diagnose(lacking("libstdc++.so.6", "libz.so.1"))
    offer = diagnosis.offers[0]
    assert offer.treatment.remedy.name == "library-path"
    assert [finding.detail for finding in offer.cured] == ["libstdc++.so.6", "libz.so.1"]
    assert offer.cures_all_errors
    assert not offer.caused
    (snippet,) = offer.treatment.files
    assert "pkgs.stdenv.cc.cc.lib" in snippet.text
    assert "pkgs.zlib" in snippet.text
    assert "glibc" not in snippet.text


def test_what_the_variable_holds_already_is_kept_in_front() -> None:
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libz.so.1")],
        sources=SOURCES,
        env={"LD_LIBRARY_PATH": "/mine"},
    )
    after = diagnose(world).offers[0].treatment.after
    assert after.main.process.env["LD_LIBRARY_PATH"].split(":")[0] == "/mine"


def test_not_offered_to_a_python_on_the_distributions_own_c_library() -> None:
    diagnosis = diagnose(lacking("libstdc++.so.6", store=False))
    assert all(offer.treatment.remedy.name != "library-path" for offer in diagnosis.offers)
    assert any("C library" in refusal.why for refusal in diagnosis.not_offered)


def test_not_offered_for_a_library_that_no_package_may_supply() -> None:
    diagnosis = diagnose(lacking("libcuda.so.1"))
    assert diagnosis.findings
    assert all(offer.treatment.remedy.name != "library-path" for offer in diagnosis.offers)
    (why,) = [refused.why for refused in diagnosis.not_offered if refused.remedy.name == "library-path"]
    assert "no library is missing that nixpkgs could supply" in why


# ── by a variable, or as an argument ─────────────────────────────────────────────────────────────────────────────────


def both(world: Facts) -> tuple[Trial, Trial]:
    """The form that sets the variable and the one that does not."""
    diagnosis = diagnose(world)
    assert not diagnosis.faults
    trials = [trial for trial in diagnosis.trials if trial.treatment.remedy.name == "library-path"]
    variable, argument = sorted(trials, key=lambda trial: trial.treatment.reach)
    assert (variable.treatment.reach, argument.treatment.reach) == (Reach.SHELL, Reach.PROJECT)
    return variable, argument


def env(trial: Trial) -> Process:
    return trial.treatment.after.main.process


def test_the_second_form_cures_the_same_and_sets_no_variable() -> None:
    variable, argument = both(lacking("libstdc++.so.6", "libz.so.1"))
    assert argument.cures_all_errors
    assert argument.cured == variable.cured
    assert "LD_LIBRARY_PATH" in env(variable).env
    assert "LD_LIBRARY_PATH" not in env(argument).env
    (snippet,) = argument.treatment.files
    assert snippet.name == "python-with-libraries.nix"
    for part in ("--argv0", "--library-path", "pkgs.python312", "pkgs.stdenv.cc.cc.lib", "bin/python3.12"):
        assert part in snippet.text


def beside_debians_node() -> Facts:
    """A Python of glibc 2.40 that lacks libstdc++, beside Debian's node on glibc 2.36, which has its own."""
    world = lacking("libstdc++.so.6")
    node = an_object("/usr/bin/node", "libstdc++.so.6", "libc.so.6", interp=FHS_INTERP)
    held = [found[0] for found in world.disk.recorded().objects.values() if isinstance(found, tuple)]
    objects = [node, a_library("/usr/lib/libstdc++.so.6", "libc.so.6"), *held]
    disk = Disk.closed(objects, sources=world.disk.recorded().imports, programs={"node": node.path})  # type: ignore[arg-type]
    return replace(world, disk=disk, fhs_loader=fhs_loader())


def test_the_variable_brings_harm_to_a_named_program_and_the_argument_brings_none() -> None:
    variable, argument = both(beside_debians_node())
    (harm,) = variable.caused
    assert (harm.rule.id, harm.detail) == ("NPD507", "node")
    assert "GLIBC_2.38" in harm.message
    assert not argument.caused
    assert diagnose(beside_debians_node()).offers[0].treatment.reach is Reach.PROJECT


def harmful() -> Facts:
    """A variable that an extension needs, one folder of which keeps Debian's perl from starting."""
    perl = an_object("/usr/bin/perl", "libcrypt.so.1", "libc.so.6", interp=FHS_INTERP, wants=[("libcrypt.so.1", "X_2")])
    return facts(
        a_dist(extensions=[EXT]),
        objects=[
            an_object(f"{SITE}/{EXT}", "libz.so.1"),
            perl,
            a_library("/usr/lib/libcrypt.so.1", "libc.so.6", defines=("X_2",)),
            a_library("/nix/store/z-zlib/lib/libz.so.1", "libc.so.6"),
            a_library("/nix/store/z-zlib/lib/libcrypt.so.1", "libc.so.6", defines=("X_1",)),
        ],
        sources=SOURCES,
        env={"LD_LIBRARY_PATH": f'/nix/store/z-zlib/lib:/odd"$/lib:{GLIBC}/lib'},
        fhs=fhs_loader(),
        programs={"perl": perl.path},
    )


def test_a_variable_that_harms_others_gives_its_folders_to_this_python_alone_but_for_a_c_library() -> None:
    (offer,) = [offer for offer in diagnose(harmful()).offers if offer.treatment.remedy.name == "library-path"]
    assert [finding.rule.id for finding in offer.cured] == ["NPD507"]
    loader = env(offer).loader
    assert loader is not None
    assert loader.library_path == '/nix/store/z-zlib/lib:/odd"$/lib'
    (snippet,) = offer.treatment.files
    assert 'builtins.storePath "/nix/store/z-zlib" + "/lib" + ":" + "/odd\\"$/lib"' in snippet.text
    assert "Take `LD_LIBRARY_PATH` out of the shell" in offer.treatment.instructions


def test_the_venv_is_made_again_by_the_tool_that_made_it() -> None:
    world = lacking("libz.so.1")
    for creator, command in (("uv", "uv venv --clear --python .nix-python"), ("venv", "python3 -m venv --clear .venv")):
        venv = Venv(FsPath("/home/ada/app/.venv"), FsPath(STORE_PYTHON), "3.12", creator, False)  # type: ignore[arg-type]
        _, argument = both(replace(world, main=replace(world.main, venv=venv)))
        assert command in argument.treatment.instructions


def test_a_python_that_nix_ld_starts_gets_no_second_form() -> None:
    loader = replace(fhs_loader(), shim="nix-ld")
    world = facts(
        a_dist(extensions=[EXT]),
        objects=[an_object(f"{SITE}/{EXT}", "libz.so.1")],
        sources=SOURCES,
        store=False,
        loader=loader,
        fhs=loader,
    )
    found = [offer.treatment for offer in diagnose(world).offers if offer.treatment.remedy.name == "library-path"]
    assert [treatment.reach for treatment in found] == [Reach.SHELL]
    assert a_glibc(GLIBC)


def forms_of(world: Facts) -> list[Reach]:
    trials = [trial for trial in diagnose(world).trials if trial.treatment.remedy.name == "library-path"]
    return [trial.treatment.reach for trial in trials]


def test_no_second_form_where_it_could_not_take_this_pythons_place() -> None:
    world = lacking("libz.so.1")
    main, python, loader = world.main, world.main.python, world.main.process.loader
    assert python is not None
    assert loader is not None
    assert forms_of(world) == [Reach.SHELL, Reach.PROJECT]
    from_an_environment = replace(a_dist("requests"), location=FsPath("/nix/store/e-env/lib/python3.12/site-packages"))
    for other in (
        replace(main, python=replace(python, implementation="pypy")),
        replace(main, python=replace(python, soabi="cpython-313t-x86_64-linux-gnu")),
        replace(main, process=replace(main.process, loader=replace(loader, version="2.32"))),
        replace(main, dists=(*main.dists, from_an_environment)),
    ):
        assert forms_of(replace(world, main=other)) == [Reach.SHELL]


# ── the project's own files ──────────────────────────────────────────────────────────────────────────────────────────


def within(*files: str, envrc: str = "", **variables: str) -> Trial:
    """The first form for a project that has these files."""
    world = lacking("libz.so.1")
    root = FsPath("/home/ada/app")
    recorded = world.disk.recorded()
    held = [found[0] for found in recorded.objects.values() if isinstance(found, tuple)]
    disk = Disk.closed(held, sources=recorded.imports, texts={FsPath(f"{root}/.envrc"): envrc})  # type: ignore[arg-type]
    main = replace(world.main, process=replace(world.main.process, env=variables))
    return both(replace(world, main=main, disk=disk, project=Project(root, files)))[0]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ((), ["shell.nix"]),
        (("pyproject.toml", "flake.nix"), ["flake.nix"]),
        (("shell.nix", "flake.nix"), ["flake.nix", "shell.nix"]),
        (("devenv.nix",), ["devenv.nix"]),
        (("devbox.json",), ["devbox.json"]),
        ((".envrc",), ["shell.nix", ".envrc"]),
    ],
)
def test_each_file_that_the_project_has_gets_its_lines(files: tuple[str, ...], names: list[str]) -> None:
    treatment = within(*files).treatment
    assert [file.name for file in treatment.files] == names
    assert names[0] in treatment.instructions.splitlines()[0]


def test_the_file_in_use_comes_first() -> None:
    files = ("flake.nix", "shell.nix", "devenv.nix", "devbox.json", ".envrc")
    assert within(*files, envrc="use nix\n").treatment.files[0].name == "shell.nix"
    assert within(*files, envrc="source_url x\nuse flake\n").treatment.files[0].name == "flake.nix"
    assert within(*files, DEVENV_ROOT="/home/ada/app").treatment.files[0].name == "devenv.nix"
    assert within(*files, DEVBOX_PROJECT_ROOT="/home/ada/app").treatment.files[0].name == "devbox.json"


def test_devbox_gets_json_that_names_the_packages() -> None:
    (file,) = within("devbox.json").treatment.files
    assert json.loads(file.text)["packages"] == ["zlib"]
