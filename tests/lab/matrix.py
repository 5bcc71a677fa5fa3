"""The matrix: what each remedy does in each situation, as the tool computes it and as it turns out when it is done.

Every remedy here is carried out in every situation, offered or not: in another root, with other variables, or with
another Python and the same wheels. The disease is then run again; 0 is a cure.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import nixpkgs, scenario
from lab.accuracy import check
from lab.judgement import Environment
from lab.machine import REPOSITORY
from lab.roots import Root
from lab.store import Store
from lab.wheels import interpreters

PAGE = REPOSITORY / "docs" / "explanation" / "remedies-matrix.md"
SITUATIONS = {
    "a_wheel_in_cpp_finds_no_libstdcxx_on_a_nix_python": "Nix Python, a library is missing",
    "a_wheel_finds_no_libz_on_a_nix_python": "Nix Python on NixOS, a library is missing",
    "a_standalone_python_meets_no_loader_on_nixos": "uv's Python on NixOS, no loader",
    "a_standalone_python_meets_stub_ld_on_nixos": "uv's Python on NixOS, stub-ld",
    "nix_ld_has_too_few_libraries": "uv's Python on NixOS, nix-ld with few libraries",
    "wheels_of_another_minor_stand_on_pythonpath": "another minor on PYTHONPATH",
    "the_base_of_a_venv_was_garbage_collected": "the venv's base is gone",
    "a_user_sites_wheel_hides_what_nix_built": "the user site hides Nix's",
    "a_store_library_wants_a_newer_c_library": "a library wants a newer glibc",
    "a_wheel_for_a_graphics_card_does_not_find_the_driver_of_nixos": "the driver is not found",
}


@dataclass(frozen=True)
class Cell:
    """One remedy in one situation."""

    offered: bool
    why: str
    """Why it is not offered."""
    cured: bool | None
    """None where it cannot be carried out here."""

    @property
    def broken(self) -> bool:
        """Offered and no cure, or a cure that was called useless."""
        if self.cured is None:
            return False
        return self.offered != self.cured and (self.offered or "cures nothing" in self.why)

    @property
    def sign(self) -> str:
        """As the page shows it."""
        if self.broken:
            return "**wrong**"
        if self.cured is None:
            return "offered" if self.offered else "·"
        return ("cures" if self.offered else "would work") if self.cured else "–"


def _code(patient: scenario.Patient, command: Sequence[str], root: Root, env: dict[str, str]) -> bool:
    return root.run(command, env, home=patient.work / "home").code == 0


def _disease(patient: scenario.Patient) -> list[str]:
    return [patient.fill(word) for word in scenario.load(patient.work.name)["disease"]["run"]]


def _with(patient: scenario.Patient, folders: str) -> dict[str, str]:
    had = patient.env.get("LD_LIBRARY_PATH")
    return {**patient.env, "LD_LIBRARY_PATH": f"{had}:{folders}" if had else folders}


def _library_path(patient: scenario.Patient) -> bool | None:
    folders = patient.fill("{gccLib}/lib:{zlib}/lib")
    return _code(patient, _disease(patient), patient.root, _with(patient, folders))


def _driver_libs(patient: scenario.Patient) -> bool | None:
    return _code(patient, _disease(patient), patient.root, _with(patient, "/run/opengl-driver/lib"))


def _clean_path(patient: scenario.Patient) -> bool | None:
    env = {name: value for name, value in patient.env.items() if name != "PYTHONPATH"}
    return _code(patient, _disease(patient), patient.root, {**env, "PYTHONNOUSERSITE": "1"})


def _nix_ld(patient: scenario.Patient) -> bool | None:
    if not patient.root.name.startswith("nixos"):
        return None
    root = Root("nixos-nix-ld", patient.store, patient.root.files)
    return _code(patient, _disease(patient), root, patient.env)


def _fhs_env(patient: scenario.Patient) -> bool | None:
    if str(patient.bench.python) not in " ".join(_disease(patient)):
        return None  # a program of the scenario's own, which that root cannot start
    root = Root("fhs-env", patient.store, patient.root.files)
    return _code(patient, _disease(patient), root, patient.env)


def _venv(patient: scenario.Patient, name: str) -> list[str]:
    """The disease in a venv made anew from a Python, with the same wheels."""
    again = patient.work / "again"
    shutil.rmtree(again, ignore_errors=True)
    python = interpreters(patient.store)[name]
    made = patient.root.run([python, "-m", "venv", "--without-pip", again], home=patient.work)
    if made.code:
        return ["false"]
    site = again / patient.site_packages.relative_to(patient.bench.path)
    shutil.rmtree(site)
    shutil.copytree(patient.site_packages, site)
    return [word.replace(str(patient.bench.path), str(again)) for word in _disease(patient)]


def _rebuild_venv(patient: scenario.Patient) -> bool | None:
    name = scenario.load(patient.work.name)["python"]
    if str(patient.bench.python) not in " ".join(_disease(patient)) or name.startswith("standalone"):
        return None
    return _code(patient, _venv(patient, name), patient.root, patient.env)


def _nix_python(patient: scenario.Patient) -> bool | None:
    packages = nixpkgs.assemble(patient.store)
    wheels = [wheel.partition("==")[0] for wheel in scenario.load(patient.work.name).get("wheels", ())]
    if wheels != ["kiwisolver"]:
        return None  # what the lab's nixpkgs has
    text = "(import <nixpkgs> { }).python312.withPackages (ps: [ ps.kiwisolver ])"
    out = patient.work / ".nix-python"
    built = nixpkgs.nix(packages, "nix-build", "--expr", text, "--out-link", out, cwd=patient.work)
    if built.returncode:
        return None
    return _code(patient, [str(out / "bin/python3"), "-c", "import kiwisolver"], patient.root, patient.env)


REMEDIES: dict[str, Callable[[scenario.Patient], bool | None]] = {
    "library-path": _library_path,
    "clean-path": _clean_path,
    "driver-libs": _driver_libs,
    "nix-ld": _nix_ld,
    "fhs-env": _fhs_env,
    "rebuild-venv": _rebuild_venv,
    "nix-python": _nix_python,
}


def row(name: str, store: Store) -> dict[str, Cell]:
    """Every remedy in one situation."""
    patient = scenario.make(name, scenario.load(name), store)
    try:
        (patient.work / "home").mkdir(exist_ok=True)
        place = Environment(name, name, patient.root, "", patient.env)
        report, _ = check(store, Path(patient.target), place, home=patient.work / "home")
        return {remedy: _cell(report, remedy, done, patient) for remedy, done in REMEDIES.items()}
    finally:
        scenario.discard(patient.work)


def _cell(
    report: dict[str, Any], remedy: str, done: Callable[[scenario.Patient], bool | None], patient: scenario.Patient
) -> Cell:
    offered = any(offer["remedy"] == remedy for offer in report["offers"])
    why = next((one["why"] for one in report["not_offered"] if one["remedy"] == remedy), "")
    return Cell(offered, why, done(patient))


def page(rows: dict[str, dict[str, Cell]]) -> str:
    """The page of the documentation."""
    cells = [cell for row in rows.values() for cell in row.values()]
    measured = sum(cell.cured is not None for cell in cells)
    out = [
        "# Remedies and situations",
        "",
        "This page is generated: `make lab ARGS=matrix`.",
        "",
        "Each remedy was carried out in each situation in the lab, whether the tool offers it there or not, and what",
        "had failed was run again. **cures**: offered, and it does. **–**: not offered, and it does not.",
        "**would work**: it cures, and is not offered for a reason that the report gives. **offered** and **·**:",
        "offered or not, and the lab cannot carry it out there. **wrong** would be an offer without a cure, or a cure",
        "that was called useless.",
        "",
        f"Measured: {measured} of {len(cells)}. Wrong: {sum(cell.broken for cell in cells)}.",
        "",
        "| | " + " | ".join(f"[{name}](../remedies/{name.replace('-', '_')}.md)" for name in REMEDIES) + " |",
        "|---|" + "---|" * len(REMEDIES),
    ]
    for name, row_ in rows.items():
        out.append(f"| {SITUATIONS[name]} | " + " | ".join(cell.sign for cell in row_.values()) + " |")
    return "\n".join(out) + "\n"


def matrix(store: Store) -> int:
    """Measures, writes the page, and says what is wrong."""
    rows = {name: row(name, store) for name in SITUATIONS}
    text = page(rows)
    print(text)
    wrong = [f"{name}: {remedy}: {cell}" for name, row_ in rows.items() for remedy, cell in row_.items() if cell.broken]
    for line in wrong:
        print(line)
    if not wrong:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if wrong else 0
