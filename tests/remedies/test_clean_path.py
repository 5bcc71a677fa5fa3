"""clean-path cures what stands in front, and is not offered where what goes is missed."""

from __future__ import annotations

from build import SITE, a_dist, an_object
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts, FsPath, PathEntry
from nixpydoctor.light import replace
from paths import FROM_SHELL, OLD_FROM_SHELL, OLD_SITE, STORE_SITE, USER_SITE, USERS, at, world

TAGGED = "numpy/_core.cpython-311-x86_64-linux-gnu.so"
CODE = "from numpy import _core\n"
FOREIGN = at(OLD_SITE, a_dist("numpy", "1.26.4", foreign=[TAGGED]))
OWN = a_dist("numpy", "2.3.2", extensions=["numpy/_core.abi3.so"])
FILES = {
    f"{OLD_SITE}/numpy/__init__.py": CODE,
    f"{OLD_SITE}/{TAGGED}": "",
    f"{SITE}/numpy/__init__.py": CODE,
    f"{SITE}/numpy/_core.abi3.so": "",
}


def offer(facts: Facts) -> Trial | None:
    return next((trial for trial in diagnose(facts).offers if trial.treatment.remedy.name == "clean-path"), None)


def refusal(facts: Facts) -> str:
    return next((no.why for no in diagnose(facts).not_offered if no.remedy.name == "clean-path"), "")


def test_another_minor_goes_and_the_venvs_own_is_imported() -> None:
    found = offer(world(FOREIGN, before=[OLD_FROM_SHELL], hidden=(OWN,), files=FILES))
    assert found is not None
    assert found.cures_all_errors
    assert "unset PYTHONPATH" in found.treatment.instructions
    assert "dontAddPythonPath" in found.treatment.instructions
    assert [dist.version for dist in found.treatment.after.main.dists] == ["2.3.2"]


def test_an_entry_of_ones_own_stays() -> None:
    mine = PathEntry(FsPath("/home/ada/src"), "project", "PYTHONPATH")
    found = offer(world(FOREIGN, before=[mine, OLD_FROM_SHELL], hidden=(OWN,), files=FILES))
    assert found is not None
    assert "export PYTHONPATH=/home/ada/src" in found.treatment.instructions
    assert found.treatment.after.main.process.env == {"PYTHONPATH": "/home/ada/src"}


def test_what_goes_for_good_is_said() -> None:
    alone = at(OLD_SITE, a_dist("toolz", "1.0"))
    found = offer(world(FOREIGN, alone, before=[OLD_FROM_SHELL], hidden=(OWN,), files=FILES))
    assert found is not None
    assert "only that provided it: toolz" in found.treatment.instructions


def test_not_where_nothing_else_provides_the_module() -> None:
    assert "nothing else on sys.path provides numpy" in refusal(world(FOREIGN, before=[OLD_FROM_SHELL], files=FILES))


def test_not_where_somebody_needs_what_would_go() -> None:
    toolz = at(OLD_SITE, a_dist("toolz", "1.0"))
    dask = a_dist("dask", "2025.1", requires=("toolz",))
    sick = world(FOREIGN, toolz, dask, before=[OLD_FROM_SHELL], hidden=(OWN,), files=FILES)
    assert "dask 2025.1 needs toolz" in refusal(sick)


def test_the_user_site_goes_where_its_wheel_lacks_a_library() -> None:
    """The wheel in front cannot be loaded, the one of Nix behind it can."""
    nix = PathEntry(STORE_SITE, "nix-env")
    wheel = at(USER_SITE, a_dist("numpy", "2.3.2", extensions=["numpy/_core.abi3.so"]))
    built = at(STORE_SITE, a_dist("numpy", "2.3.2", extensions=["numpy/_core.abi3.so"]))
    files = {f"{USER_SITE}/numpy/__init__.py": CODE, f"{STORE_SITE}/numpy/__init__.py": CODE}
    files |= {f"{STORE_SITE}/numpy/_core.abi3.so": ""}
    sick = world(wheel, after=[USERS, nix], hidden=(built,), files=files, venv=None)
    lacking = an_object(f"{USER_SITE}/numpy/_core.abi3.so", "libstdc++.so.6", "libc.so.6")
    disk = sick.disk.overlay({lacking.path: (lacking,)})
    found = offer(replace(sick, disk=disk))
    assert found is not None
    assert "export PYTHONNOUSERSITE=1" in found.treatment.instructions


def test_not_where_neither_variable_nor_user_site_is_to_blame() -> None:
    lacking = an_object(f"{SITE}/numpy/_core.abi3.so", "libz.so.1", "libc.so.6")
    sick = world(OWN, before=[FROM_SHELL], files={f"{SITE}/numpy/__init__.py": CODE})
    assert "nothing that a variable" in refusal(replace(sick, disk=sick.disk.overlay({lacking.path: (lacking,)})))


def test_a_stray_file_can_also_be_renamed() -> None:
    """The rest of its folder stays on the path."""
    notes = PathEntry(FsPath("/home/ada/notes"), "project", "PYTHONPATH")
    files = FILES | {"/home/ada/notes/numpy.py": "x = 1\n", "/home/ada/notes/more.py": ""}
    sick = world(OWN, before=[notes], files=files)
    offers = [trial.treatment for trial in diagnose(sick).offers if trial.treatment.remedy.name == "clean-path"]
    assert [one.instructions.splitlines()[3] for one in offers] == [
        "unset PYTHONPATH",
        "mv /home/ada/notes/numpy.py /home/ada/notes/numpy_aside.py",
    ]
    assert offers[1].after.main.python == sick.main.python


def test_one_broken_distribution_of_the_user_site_can_also_be_uninstalled() -> None:
    """What works there stays."""
    nix = PathEntry(STORE_SITE, "nix-env")
    wheel = at(USER_SITE, a_dist("numpy", "2.3.2", extensions=["numpy/_core.abi3.so"]))
    built = at(STORE_SITE, a_dist("numpy", "2.3.2", extensions=["numpy/_core.abi3.so"]))
    fine = at(USER_SITE, a_dist("toolz", "1.0"))
    files = {f"{site}/numpy/__init__.py": CODE for site in (USER_SITE, STORE_SITE)}
    files |= {f"{STORE_SITE}/numpy/_core.abi3.so": "", f"{USER_SITE}/toolz/__init__.py": ""}
    sick = world(wheel, fine, after=[USERS, nix], hidden=(built,), files=files, venv=None)
    lacking = an_object(f"{USER_SITE}/numpy/_core.abi3.so", "libstdc++.so.6", "libc.so.6")
    sick = replace(sick, disk=sick.disk.overlay({lacking.path: (lacking,)}))
    offers = [trial for trial in diagnose(sick).offers if trial.treatment.remedy.name == "clean-path"]
    last = offers[-1].treatment
    assert offers[-1].cures_all_errors
    assert "pip uninstall --break-system-packages numpy" in last.instructions
    assert [(dist.name, dist.location) for dist in last.after.main.dists] == [
        ("toolz", USER_SITE),
        ("numpy", STORE_SITE),
    ]


def test_trouble_that_was_hidden_is_told_and_does_not_speak_against_it() -> None:
    """The venv's own numpy lacks a library: that is the next step, not a harm."""
    sick = world(FOREIGN, before=[OLD_FROM_SHELL], hidden=(OWN,), files=FILES)
    lacking = an_object(f"{SITE}/numpy/_core.abi3.so", "libz.so.1", "libc.so.6")
    found = offer(replace(sick, disk=sick.disk.overlay({lacking.path: (lacking,)})))
    assert found is not None
    assert [finding.rule.id for finding in found.cured] == ["NPD203"]
    assert [(finding.rule.id, finding.breaks) for finding in found.revealed] == [("NPD101", ("numpy",))]
    assert (found.caused, found.cures_all_errors) == ((), False)


def test_trouble_of_an_import_that_worked_speaks_against_it() -> None:
    store = at(STORE_SITE, a_dist("toolz", "1.0"))
    broken = a_dist("toolz", "2.0", extensions=["toolz/_fast.abi3.so"])
    files = FILES | {f"{STORE_SITE}/toolz/__init__.py": "", f"{SITE}/toolz/__init__.py": "from toolz import _fast\n"}
    sick = world(FOREIGN, store, before=[OLD_FROM_SHELL, FROM_SHELL], hidden=(OWN, broken), files=files)
    lacking = an_object(f"{SITE}/toolz/_fast.abi3.so", "libz.so.1", "libc.so.6")
    sick = replace(sick, disk=sick.disk.overlay({lacking.path: (lacking,)}))
    assert offer(sick) is None
    assert "would cause as much as it cures" in refusal(sick)


def test_it_is_refused_where_a_program_then_lacks_what_its_shell_imports() -> None:
    """The Python inside is of another minor: without the folder its import fails for want of the distribution."""
    facts = world(FOREIGN, before=[OLD_FROM_SHELL], hidden=(OWN,), files=FILES)
    shell = replace(facts.main, dists=(*facts.main.dists, at(OLD_SITE, a_dist("pandas", "2.2.0"))))
    alone = replace(facts, main=replace(facts.main, dists=shell.dists), beside=shell)
    assert "no longer find pandas, which this shell's Python imports" in refusal(alone)
