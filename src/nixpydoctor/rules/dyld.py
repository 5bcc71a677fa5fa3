"""What the rules about macOS share: which searches of dyld failed, and over what it had in its hands."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath
from nixpydoctor.findings import Finding, Place, Rule, Severity
from nixpydoctor.light import NamedTuple
from nixpydoctor.loader.trace import Attempt, Resolution, Verdict
from nixpydoctor.rules.common import severity

SCRUBBED = f"/nix/store/{'e' * 32}-"
"""What Nix's tools write over a reference that a package shall not keep."""
BUILD_FOLDERS = ("/tmp/nix-build-", "/private/tmp/nix-build-", "/nix/var/nix/builds/", "/build/")  # noqa: S108
FOREIGN = ("/opt/homebrew/", "/usr/local/", "/opt/local/", "/sw/", "/opt/sw/")
"""Where other package managers of macOS install."""
STORE = "/nix/store/"
SIGNING = {
    "code signature invalid": "was changed after it had been signed",
    "not signed": "is not signed, and Apple's processors run only what is",
}
"""dyld's reasons of which NPD604 speaks, and what they say of a file."""
COMMANDS = ("duplicate LC_RPATH", "duplicate linked dylib", "missing LC_", "MH_DYLIB is missing", "found LC_ID_DYLIB")
"""The beginnings of those of which NPD605 speaks; NPD106 speaks of those about the architecture."""


class Refused(NamedTuple):
    """A file that is there and that dyld does not take."""

    subject: FsPath
    """What cannot be loaded because of it: often itself."""
    file: FsPath
    reason: str
    """dyld's words."""
    search: Resolution | None
    """The search that came upon it; None where it is what was to be opened."""


def failed(case: Case) -> Iterator[tuple[FsPath, Resolution]]:
    """Every search that leads to nothing, and for whom: the program's own first."""
    if not case.dyld:
        return
    for search in case.image.missing:
        yield case.process.executable, search
    for path in case.unloadable:
        for search in case.missing(path):
            if search.needed != path:
                yield path, search


def refused(case: Case) -> Iterator[Refused]:
    """Files that dyld found and did not take, once for each subject."""
    if not case.dyld:
        return
    for path in case.unloadable:
        failure = case.fate(path).failure
        if failure is not None and case.unusable(path) is None and case.disk.slices(path) is not None:
            yield Refused(path, path, failure.reason, None)
    for path, search in failed(case):
        attempt = taken_and_left(search)
        if attempt is not None:
            yield Refused(path, attempt.path, attempt.reason, search)


def about(found: Refused, rule: Rule, case: Case, message: str, says: str = "") -> Finding:
    """The finding of a rule about a refused file. A program that cannot start is an error, whoever imports what."""
    subject = found.subject
    return rule.finding(
        subject,
        message,
        Place(found.file, says or found.reason),
        *([found.search] if found.search is not None else []),
        dist=case.owner(subject),
        severity=severity(case, subject) if subject != case.process.executable else Severity.ERROR,
        breaks=case.breaks(subject),
        undecided=case.undecided(subject),
        detail=found.file,
        loads=False,
    )


def no_library(reason: str) -> bool:
    """Whether a reason is about what kind of file it is: no library of macOS at all, or one for something else."""
    return reason not in SIGNING and not reason.startswith(COMMANDS) and "architecture" not in reason


def taken_and_left(search: Resolution) -> Attempt | None:
    """The first candidate of a failed search that is there and cannot be used."""
    odd = (Verdict.INVALID, Verdict.WRONG_MACHINE)
    return next((attempt for attempt in search.attempts if attempt.verdict in odd), None)


def odd_name(name: str) -> str:
    """Why no machine has a library by that name; empty where one may."""
    if name.startswith(SCRUBBED):
        return "a reference to the Nix store that was made unusable on purpose"
    if name.startswith(BUILD_FOLDERS):
        return "a path in a folder that existed only while something was built"
    return "" if name.startswith(("/", "@")) else "a bare name, for which dyld searches no library folder"


def is_elsewhere(case: Case, search: Resolution) -> bool:
    """Whether a rule for macOS alone speaks of this search, and the general one need not."""
    if not case.dyld:
        return False
    name = search.needed
    return name.startswith(STORE) or bool(odd_name(name)) or taken_and_left(search) is not None
