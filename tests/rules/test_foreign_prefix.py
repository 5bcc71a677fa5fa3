"""NPD603 speaks where the store and another package manager lean on each other, and works."""

from __future__ import annotations

from a_mac import a_mac, a_mac_dist, an_extension, an_image
from nixpydoctor.case import Case
from nixpydoctor.findings import Severity
from nixpydoctor.rules.foreign_prefix import foreign_prefix

EXT = "psycopg2.cpython-312-darwin.so"
STORE = "/nix/store/5pqaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-postgresql-16-lib/lib/libpq.5.dylib"
BREW = "/opt/homebrew/opt/openssl@3/lib/libssl.3.dylib"


def test_a_store_file_that_takes_homebrews_library() -> None:
    images = [an_extension(EXT, STORE), an_image(STORE, BREW), an_image(BREW)]
    (finding,) = foreign_prefix.check(Case(a_mac(a_mac_dist("psycopg2", EXT), images=images)))
    assert (finding.severity, finding.detail) == (Severity.WARNING, BREW)
    assert "brew upgrade" in finding.message


def test_homebrews_file_that_takes_a_library_of_the_store() -> None:
    images = [an_extension(EXT, BREW), an_image(BREW, STORE), an_image(STORE)]
    (finding,) = foreign_prefix.check(Case(a_mac(a_mac_dist("psycopg2", EXT), images=images)))
    assert finding.detail == STORE
    assert "a garbage collection may remove" in finding.message


def test_silent_where_a_venvs_file_takes_one_of_either() -> None:
    images = [an_extension(EXT, STORE, BREW), an_image(STORE), an_image(BREW)]
    assert not list(foreign_prefix.check(Case(a_mac(a_mac_dist("psycopg2", EXT), images=images))))
