"""NPD510 finds variables that name no certificates, and machines that have none."""

from __future__ import annotations

from build import SITE, a_dist, an_object, facts
from nixpydoctor.case import Case
from nixpydoctor.facts import Facts, FsPath, Unread
from nixpydoctor.rules.certificates_gone import certificates_gone

BUNDLE = FsPath("/etc/ssl/certs")
SSL = "_ssl.cpython-312-x86_64-linux-gnu.so"


def world(env: dict[str, str], *held: str, store: bool = True, ssl: bool = True) -> Facts:
    there = [Unread(FsPath(path), "invalid ELF header", True) for path in held]
    dists = [a_dist("python", extensions=[SSL])] if ssl else []
    return facts(*dists, objects=[an_object(f"{SITE}/{SSL}"), *there], env=env, store=store)


def test_each_variable_that_names_nothing_is_told() -> None:
    env = {"SSL_CERT_FILE": "/no-cert-file.crt", "NIX_SSL_CERT_FILE": "/there.crt", "SSL_CERT_DIR": "/there:/gone"}
    findings = list(certificates_gone.check(Case(world(env, "/there.crt", "/there"))))
    assert [finding.detail for finding in findings] == ["SSL_CERT_FILE", "SSL_CERT_DIR"]
    assert "SSL_CERT_FILE=/no-cert-file.crt names nothing" in findings[0].message


def test_a_machine_without_any_is_told_once() -> None:
    (finding,) = certificates_gone.check(Case(world({})))
    assert finding.detail == "no bundle"


def test_silent_where_they_are_and_where_nobody_asks() -> None:
    assert not list(certificates_gone.check(Case(world({}, BUNDLE))))
    assert not list(certificates_gone.check(Case(world({"SSL_CERT_FILE": "/a.crt"}, "/a.crt"))))
    assert not list(certificates_gone.check(Case(world({}, ssl=False))))
    assert not list(certificates_gone.check(Case(world({}, store=False))))
