"""NPD606 speaks where a file names a newer macOS than this one as its oldest."""

from __future__ import annotations

from a_mac import SITE, a_mac, a_mac_dist, an_extension
from macho_bytes import version
from nixpydoctor.case import Case
from nixpydoctor.darwin import X86_64
from nixpydoctor.facts import join
from nixpydoctor.findings import Severity
from nixpydoctor.rules.newer_macos import newer_macos

ONE, TWO = "mlx_a.cpython-312-darwin.so", "mlx_b.cpython-312-darwin.so"


def test_once_for_a_distribution_and_for_the_newest() -> None:
    images = [an_extension(ONE, minos=version("16.0")), an_extension(TWO, minos=version("26.0"))]
    (finding,) = newer_macos.check(Case(a_mac(a_mac_dist("mlx", ONE, TWO), images=images)))
    assert (finding.subject, finding.severity, finding.detail) == (join(SITE, TWO), Severity.WARNING, "macOS 26.0")
    assert finding.message == "mlx 1.0 was built for macOS 26.0 and newer; this is macOS 15.4"


def test_silent_where_it_is_old_enough_or_of_another_processor() -> None:
    fits = an_extension(ONE, minos=version("15.4"))
    other = an_extension(ONE, minos=version("26.0"), arch=X86_64)
    assert not list(newer_macos.check(Case(a_mac(a_mac_dist("mlx", ONE), images=[fits, other]))))
