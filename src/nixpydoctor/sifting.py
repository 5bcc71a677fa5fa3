"""Reads and writes the baseline, and says what became of ignores; only imported where there are any of these."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from nixpydoctor import baseline, console, gate, named_file
from nixpydoctor.fingerprints import Key, steady
from nixpydoctor.report.words import count, escape
from nixpydoctor.target import UsageError

if TYPE_CHECKING:
    from nixpydoctor.config import Settings
    from nixpydoctor.doctor import Diagnosis

_LARGEST = 64 * 1024 * 1024
"""Bytes of a baseline."""


def accepted(file: str | None, fresh: str | None, cwd: str) -> frozenset[Key] | None:
    """What the baseline accepts; None where there is none. A baseline that is written anew need not be readable."""
    if fresh is not None and not os.path.isdir(os.path.dirname(os.path.join(cwd, fresh))):
        raise UsageError(f"The baseline cannot be written to {fresh}: there is no such folder.")
    if file is None or (fresh is not None and os.path.realpath(fresh) == os.path.realpath(os.path.join(cwd, file))):
        return None
    try:
        data = named_file.read(os.path.join(cwd, file), _LARGEST)
        if len(data) > _LARGEST:
            raise baseline.BaselineError(f"it is larger than {_LARGEST // 2**20} MiB")
        return baseline.load(data)
    except OSError as error:
        told = f"The baseline {file} cannot be read: {error.strerror}"
    except baseline.BaselineError as error:
        told = f"{file} is no baseline that can be used: {error}"
    raise UsageError(f"{told}. --write-baseline {file} makes it anew.")


def sifted(
    diagnosis: Diagnosis, settings: Settings, known: frozenset[Key] | None, fresh: str | None, cwd: str
) -> Diagnosis:
    """What counts, with a word about ignores that are over and about what the baseline holds in vain."""
    terms = gate.Terms(settings.select, settings.ignores, known or frozenset())
    told = gate.sift(diagnosis, terms, date.today())
    for one in told.expired:
        why = f" ({escape(one.reason)})" if one.reason else ""
        console.complain(f"The ignore of {escape(one.word)}{why} ended on {one.until}: its findings count again.")
    if fresh is None:
        if told.fixed:
            console.complain(
                f"The baseline holds {count(told.fixed, 'finding')} that {'is' if told.fixed == 1 else 'are'} "
                f"gone: --write-baseline {escape(settings['baseline'])} prunes it."
            )
        return told.diagnosis
    if diagnosis.faults:
        return told.diagnosis  # not everything was examined, so what is missing need not be gone
    kept = (*told.diagnosis.findings, *told.diagnosis.accepted)
    root = diagnosis.facts.project.root if diagnosis.facts.project is not None else None
    _written(os.path.join(cwd, fresh), baseline.dump(kept, root), fresh)
    console.complain(f"The baseline {escape(fresh)} accepts {count(len(kept), 'finding')}.")
    anew = gate.Terms(settings.select, settings.ignores, frozenset(steady(one, root) for one in kept))
    return gate.sift(diagnosis, anew, date.today()).diagnosis


def _written(path: str, text: str, said: str) -> None:
    """All of it or nothing: a baseline that is half written would let everything pass or fail."""
    beside = f"{path}.{os.getpid()}.new"
    try:
        with open(beside, "x", encoding="ascii") as file:
            file.write(text)
        os.replace(beside, os.path.realpath(path))
    except OSError as error:
        with suppress(OSError):
            os.unlink(beside)
        raise UsageError(f"The baseline cannot be written to {said}: {error.strerror}.") from error
