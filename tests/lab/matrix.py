"""The matrix: what each remedy does in each situation, as the tool computes it and as it turns out when it is done.

Every remedy that `carrying_out` knows is carried out in every situation, offered or not, and what had failed is run
again. Where the lab cannot do it, the page says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import scenario
from lab.accuracy import check
from lab.attempt import NOT_YET, NOTHING_TO_DO, Answer, Attempt
from lab.carrying_out import DONE, in_project
from lab.judgement import Environment
from lab.machine import REPOSITORY
from lab.store import Store

PAGE = REPOSITORY / "docs" / "explanation" / "remedies-matrix.md"
SITUATIONS = {
    "a_wheel_in_cpp_finds_no_libstdcxx_on_a_nix_python": "Nix Python, a library is missing",
    "a_wheel_finds_no_libz_on_a_nix_python": "Nix Python on NixOS, a library is missing",
    "a_standalone_python_meets_no_loader_on_nixos": "uv's Python on NixOS, no loader",
    "a_standalone_python_meets_stub_ld_on_nixos": "uv's Python on NixOS, stub-ld",
    "nix_ld_has_too_few_libraries": "uv's Python on NixOS, nix-ld with few libraries",
    "a_module_lacks_a_library_that_debian_has_not_installed": "uv's Python on Debian, a library is missing",
    "wheels_of_another_minor_stand_on_pythonpath": "another minor on PYTHONPATH",
    "a_newer_c_library_on_the_path_stops_a_nix_python": "a C library on LD_LIBRARY_PATH",
    "the_base_of_a_venv_was_garbage_collected": "the venv's base is gone",
    "nothing_keeps_the_base_of_a_venv": "nothing keeps the venv's base",
    "a_user_sites_wheel_hides_what_nix_built": "the user site hides Nix's",
    "a_store_library_wants_a_newer_c_library": "a library wants a newer glibc",
    "a_wheel_for_a_graphics_card_does_not_find_the_driver_of_nixos": "the driver is not found",
}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_HEAD = """# Remedies and situations

This page is generated: `make lab ARGS=matrix`.

Each remedy was carried out in each situation in the lab, whether the tool offers it there or not, and what
had failed was run again. **cures**: offered, and it does. **–**: not offered, and it does not.
**would work**: it cures, and is not offered for a reason that the report gives. **offered** and **·** with a number:
offered or not, and the lab cannot carry it out there, for the reason below. **wrong** would be an offer without a cure,
or a cure that was called useless.
"""
_REST = """
No engine for containers runs in the lab: for `container` the parts of its image are put together on Debian 12 itself, a
Python in a folder of its own, the same wheels, and the libraries of the packages that its file names.

Not in the table: `poetry2nix` and `dream2nix` are for projects that use them already; what is printed for such a
project is built in the first situation, and cures. `another-tool` advises a change of the program itself. The remedies
for programs that embed Python have [stories of their own](../how-to/embedded-python.md).
"""


@dataclass(frozen=True)
class Cell:
    """One remedy in one situation."""

    offered: bool
    why: str
    """Why it is not offered."""
    cured: Answer
    """A text says why it cannot be carried out here."""

    @property
    def broken(self) -> bool:
        """Offered and no cure, or a cure that was called useless."""
        if isinstance(self.cured, str):
            return False
        return self.offered != self.cured and (self.offered or "cures nothing" in self.why)

    @property
    def sign(self) -> str:
        """As the page shows it."""
        if self.broken:
            return "**wrong**"
        if isinstance(self.cured, str):
            return "offered" if self.offered else "·"
        return ("cures" if self.offered else "would work") if self.cured else "–"


def row(name: str, store: Store) -> dict[str, Cell]:
    """Every remedy in one situation."""
    plan = scenario.load(name)
    patient = scenario.make(name, plan, store)
    try:
        (patient.work / "home").mkdir(exist_ok=True)
        place = Environment(name, name, patient.root, "", patient.env)
        report, _ = check(store, Path(patient.target), place, home=patient.work / "home")
        attempt = Attempt(patient, plan, report)
        return {remedy: _cell(attempt, remedy) for remedy in DONE}
    finally:
        scenario.discard(patient.work)


def _cell(attempt: Attempt, remedy: str) -> Cell:
    if remedy == "uv2nix":
        attempt = in_project(attempt)
    refused: list[dict[str, Any]] = attempt.report["not_offered"]
    why = next((one["why"] for one in refused if one["remedy"] == remedy), "")
    warned = attempt.plan["disease"]["exit"] == 0 and remedy != "gc-root"
    return Cell(attempt.offer(remedy) is not None, why, NOT_YET if warned else DONE[remedy](attempt))


def page(rows: dict[str, dict[str, Cell]]) -> str:
    """The page of the documentation."""
    cells = [cell for row in rows.values() for cell in row.values()]
    reasons = list(dict.fromkeys(cell.cured for cell in cells if isinstance(cell.cured, str)))
    notes = {reason: str(number).translate(_RAISED) for number, reason in enumerate(reasons, 1)}
    measured = sum(isinstance(cell.cured, bool) for cell in cells)
    idle = sum(cell.cured in NOTHING_TO_DO for cell in cells)
    wrong = sum(cell.broken for cell in cells)
    out = [
        _HEAD,
        f"Measured: {measured} of {len(cells)}; in {idle} there is nothing to do. Wrong: {wrong}.",
        "",
        "| | " + " | ".join(f"[{name}](../remedies/{name.replace('-', '_')}.md)" for name in DONE) + " |",
        "|---|" + "---|" * len(DONE),
    ]
    for name, row_ in rows.items():
        shown = [cell.sign + (notes[cell.cured] if isinstance(cell.cured, str) else "") for cell in row_.values()]
        out.append(f"| {SITUATIONS[name]} | " + " | ".join(shown) + " |")
    out += ["", *(f"{note} {reason[0].upper()}{reason[1:]}.  " for reason, note in notes.items())]
    return "\n".join(out) + "\n" + _REST


def matrix(store: Store, narrowed: Sequence[str]) -> int:
    """Measures, writes the page unless narrowed to some situations, and says what is wrong."""
    rows = {name: row(name, store) for name in narrowed or SITUATIONS}
    text = page(rows)
    print(text)
    wrong = [f"{name}: {remedy}: {cell}" for name, row_ in rows.items() for remedy, cell in row_.items() if cell.broken]
    for line in wrong:
        print(line)
    if not wrong and not narrowed:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if wrong else 0
