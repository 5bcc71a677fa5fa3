"""Every scenario: the disease is real, and the report says what it must."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import scenario
from lab.accuracy import check
from lab.judgement import Environment
from lab.machine import cache
from lab.store import Store
from lab.wheels import tool
from nixpydoctor.explain.answer import explain
from nixpydoctor.rules import RULES
from nixpydoctor.symptoms import read
from symptoms.mangling import MANGLINGS, last_line


@pytest.fixture
def patient(store: Store, request: pytest.FixtureRequest) -> Iterator[scenario.Patient]:
    """The disease of one scenario, made; everything of it is gone afterwards."""
    name = request.param
    made = scenario.make(name, scenario.load(name), store)
    yield made
    scenario.discard(made.work)


@pytest.mark.parametrize("patient", scenario.names(), indirect=True)
def test_scenario(patient: scenario.Patient) -> None:
    """The disease is proved first; then the check reports it."""
    name = patient.work.name
    plan = scenario.load(name)
    said = prove(patient, plan["disease"])
    place = Environment(name, name, patient.root, plan["python"], patient.env)
    report, exit_code = examined(patient, place)
    assert not report["tool"]["faults"], report["tool"]["faults"]
    if "awaits" not in plan:
        compare(plan, report, exit_code, patient)
        recognised(plan, said)
        explained(plan, said, patient, place)
        cured(plan, report, patient)
        return
    with pytest.raises(AssertionError):  # when it no longer fails, the line has to go
        compare(plan, report, exit_code, patient)
    pytest.xfail(plan["awaits"])


def prove(patient: scenario.Patient, disease: dict[str, Any]) -> str:
    """Runs what must happen and looks at how it ended; returns what was printed."""
    home = patient.work / "home"
    home.mkdir(exist_ok=True)
    ended = patient.root.run([patient.fill(word) for word in disease["run"]], patient.env, home=home, seconds=120)
    said = ended.out + ended.err
    assert ended.code == disease["exit"], said
    for pattern in disease.get("says", ()):
        assert re.search(pattern, said), said
    return said


def examined(patient: scenario.Patient, place: Environment) -> tuple[dict[str, Any], int]:
    """The report of one check in the scenario's root, and the exit code."""
    home = patient.work / "home"
    return check(patient.store, Path(patient.target), place, home=home)


def compare(plan: dict[str, Any], report: dict[str, Any], exit_code: int, patient: scenario.Patient) -> None:
    """Every promise of the plan against the report."""
    findings = report["findings"]
    shown = "\n".join(
        f"{f['severity']} {f['rule']} {f['dist']} {f['detail']} {f['breaks']} {f['subject']}" for f in findings
    )
    for wanted in plan.get("report", ()):
        filled = {key: patient.fill(value) if isinstance(value, str) else value for key, value in wanted.items()}
        assert not scenario.unmet(filled, findings), f"no finding {filled} among\n{shown}"
    whole = plan.get("whole", {})
    silent = whole.get("silent", [])
    if "loud" in silent:
        assert [f for f in findings if f["severity"] != "note"] == [], shown
    assert not {f["rule"] for f in findings} & set(silent), shown
    offered = [offer["remedy"] for offer in report["offers"]]
    assert set(whole.get("offers", ())) <= set(offered), offered
    assert not set(whole.get("not_offered", ())) & set(offered), offered
    assert exit_code == whole.get("exit", exit_code), shown


def explained(plan: dict[str, Any], said: str, patient: scenario.Patient, place: Environment) -> None:
    """`explain` confirms a rule that is reported: from what was printed, and from its last line alone.

    What a paste does to the text changes nothing about what it is taken for.
    """
    wanted = {rule["rule"] for rule in plan.get("report", ()) if "rule" in rule}
    explains = plan.get("explains", "all")
    if plan["disease"]["exit"] == 0 or not wanted or explains == "nothing":
        return
    for text in (said, last_line(said)) if explains == "all" else (said,):
        answer = answered(text, patient, place)
        first = answer["causes"][0] if answer["causes"] else {}
        assert (first.get("rule"), first.get("state")) in {(rule, "confirmed") for rule in wanted}, answer
    for name, mangled in MANGLINGS.items():
        assert likeliest(mangled(said)) == likeliest(said), f"{name}: {mangled(said)}"


def answered(text: str, patient: scenario.Patient, place: Environment) -> dict[str, Any]:
    """What `explain` says of a text where it was printed."""
    file = patient.work / "said.txt"
    file.write_text(text)
    compiled = f"pycache_prefix={cache() / 'compiled'}"
    command = [str(tool(patient.store).python), "-X", compiled, "-m", "nixpydoctor", "explain", "--format", "json"]
    target = Path(patient.target)
    if target.is_dir() and not (target / "bin").exists():  # a project: who asks stands in it
        start = ["/bin/sh", "-c", f'cd "{target}" && exec "$@"', "sh"]
        command = [*start, *command, "--file", str(file)]
    else:
        command = [*command, "--file", str(file), "--python", str(target)]
    ended = place.root.run(command, place.env, home=patient.work / "home", seconds=600)
    assert ended.code == 0, ended.err
    plain: dict[str, Any] = json.loads(ended.out)
    return plain


def likeliest(text: str) -> str:
    """The first rule that the text alone speaks of."""
    return next((cause.rule.id for cause in explain(read(text, RULES), RULES).causes), "")


def cured(plan: dict[str, Any], report: dict[str, Any], patient: scenario.Patient) -> None:
    """What the report says to do is done in a shell, and what failed there before now ends as the plan says."""
    cures = plan.get("cure", [])
    for cure in cures if isinstance(cures, list) else [cures]:
        carried_out(cure, plan, report, patient)


def carried_out(cure: dict[str, Any], plan: dict[str, Any], report: dict[str, Any], patient: scenario.Patient) -> None:
    """One remedy: the files that come with it written, the lines for a manifest added to it, the commands run."""
    if "folder" in cure:
        folder = Path(patient.fill(cure["folder"]))
        (offer,) = (offer for offer in report["offers"] if offer["remedy"] == cure["remedy"])
        for file in offer["files"]:
            (folder / file["name"]).write_text(file["text"])
        with open(folder / "Cargo.toml", "a") as manifest:
            manifest.write("\n" + "\n".join(re.findall(r"```toml\n(.*?)```", offer["instructions"], re.DOTALL)))
    texts = [offer["instructions"] for offer in report["offers"] if offer["remedy"] == cure["remedy"]]
    assert len(texts) == cure.get("forms", 1), texts
    for text in texts:
        block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
        assert block is not None, text
        run = list(map(patient.fill, cure.get("run", plan["disease"]["run"])))
        script = f'{block[1]}\nexec "$@"' if "arguments" not in cure else f"{block[1].rstrip()} {cure['arguments']}"
        command = ["/bin/sh", "-ec", patient.fill(cure.get("before", "")) + script, "sh", *run]
        ended = patient.root.run(command, patient.env, home=patient.work / "home", seconds=300)
        assert ended.code == cure["exit"], ended.out + ended.err


def recognised(plan: dict[str, Any], said: str) -> None:
    """Each rule that is reported aloud knows the real message: as a symptom, by what it means, or its page shows it."""
    by_id = {rule.id: rule for rule in RULES}
    for wanted in plan.get("report", ()):
        rule = by_id.get(wanted.get("rule", ""))
        if rule is None or not rule.symptoms or wanted.get("severity") == "note":
            continue
        page = " ".join(rule.page.split())
        known = any(re.search(symptom, said) for symptom in rule.symptoms)
        shown = any(re.search(pattern, page) for pattern in plan["disease"]["says"])
        meant = rule.id in {cause.rule.id for cause in explain(read(said, RULES), RULES).causes}
        assert known or shown or meant, f"{rule.id} does not know: {said}"
