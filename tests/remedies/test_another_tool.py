"""another-tool answers each library that a distribution lacks, or is silent about it."""

from __future__ import annotations

from build import SITE, a_dist, an_object, facts
from nixpydoctor.doctor import Trial, diagnose
from nixpydoctor.facts import Facts

EXT = "cv2/cv2.abi3.so"


def world(name: str, *sonames: str) -> Facts:
    return facts(
        a_dist(name, "4.10", extensions=[EXT], top_level=("cv2",)),
        objects=[an_object(f"{SITE}/{EXT}", *sonames)],
        sources={"cv2/__init__.py": "from . import cv2\n"},
    )


def trial(made: Facts) -> Trial:
    (found,) = [one for one in diagnose(made).offers if one.treatment.remedy.name == "another-tool"]
    return found


def test_the_headless_one_needs_no_graphics() -> None:
    (found,) = [
        one
        for one in diagnose(world("opencv-python", "libGL.so.1")).offers
        if one.treatment.remedy.name == "another-tool"
    ]
    assert found.cures_all_errors
    assert found.treatment.basis == "assumed"
    assert "opencv-python-headless" in found.treatment.instructions
    assert "cv2.imshow" in found.treatment.instructions


def test_a_program_may_do_the_same() -> None:
    (found,) = [
        one
        for one in diagnose(world("openai-whisper", "libz.so.1")).offers
        if one.treatment.remedy.name == "another-tool"
    ]
    assert "nix-shell -p whisper-cpp" in found.treatment.instructions


def test_one_library_that_it_does_not_answer_is_enough() -> None:
    for made in (world("opencv-python", "libGL.so.1", "libstdc++.so.6"), world("numpy", "libGL.so.1")):
        (why,) = [one.why for one in diagnose(made).not_offered if one.remedy.name == "another-tool"]
        assert "no tool is known" in why
