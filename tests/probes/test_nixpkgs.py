"""Which distributions the nixpkgs of this machine has: found by lock, NIX_PATH, registry or channel, and read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nixpydoctor.files import HERE
from nixpydoctor.probes import nixpkgs
from nixpydoctor.probes.nixpkgs import NAMES, Nixpkgs, source

TEXT = """self: super: with self; {
  bootstrap = lib.recurseIntoAttrs {
    inner = callPackage ../x { };
  };

  numpy = callPackage ../development/python-modules/numpy { };

  "4suite" = throw "gone";

  inherit (x) hidden;
}
"""


def a_nixpkgs(folder: Path, text: str = TEXT) -> Path:
    """A folder that holds the names."""
    file = folder / NAMES
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return folder


def test_names_are_those_at_the_head_of_a_line(tmp_path: Path) -> None:
    found = Nixpkgs({"NIX_PATH": f"nixos-config=/x:nixpkgs={a_nixpkgs(tmp_path)}"})
    assert found.attribute("numpy")
    assert found.attribute("4suite")
    assert found.attribute("inner") is False
    assert found.attribute("hidden") is False


@pytest.mark.parametrize(
    "environ",
    [{}, {"NIX_PATH": "nixpkgs=flake:nixpkgs:https://x/y.tar.gz:"}, {"NIX_PATH": "nixpkgs=/nowhere", "HOME": "x"}],
)
def test_without_a_nixpkgs_nobody_knows(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(nixpkgs, "_PROFILE", str(tmp_path / "none"))
    monkeypatch.setattr(nixpkgs, "_REGISTRIES", ())
    assert Nixpkgs(environ).attribute("numpy") is None


def test_a_folder_of_nix_path_and_a_channel_are_looked_into(tmp_path: Path) -> None:
    a_nixpkgs(tmp_path / "path/nixpkgs")
    assert Nixpkgs({"NIX_PATH": str(tmp_path / "path")}).attribute("numpy")
    a_nixpkgs(tmp_path / "home/.nix-defexpr/channels/nixpkgs")
    assert Nixpkgs({"HOME": str(tmp_path / "home")}).attribute("numpy")


def test_the_machines_registry_names_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = {"type": "path", "path": str(a_nixpkgs(tmp_path / "pinned"))}
    registry = tmp_path / "registry.json"
    registry.write_text(json.dumps({"flakes": [{"from": {"id": "nixpkgs", "type": "indirect"}, "to": target}]}))
    monkeypatch.setattr(nixpkgs, "_REGISTRIES", (str(registry),))
    assert Nixpkgs({}).attribute("numpy")
    registry.write_text('{"flakes": [7, {"from": {"id": "nixpkgs"}, "to": 3}, {"from": {"id": "nixpkgs"}, "to": {}}]}')
    assert not any(nixpkgs._registered(HERE))


def test_a_locked_input_stands_where_its_hash_says() -> None:
    """The store path that Nix 2.8 gave a flake of this hash."""
    assert (
        source("sha256-8SFyOdmcG6Nsh/JzlH812lTI/v+ur06fpQhj/acNn8k=")
        == "/nix/store/0bj0vkgq6rh04bq07zg20a0nj7m16zxf-source"
    )


@pytest.mark.parametrize("said", ["", "sha256-", "sha256-?", "sha256-eA==", "sha512-eA==", "md5"])
def test_what_is_no_hash_leads_nowhere(said: str) -> None:
    assert source(said) is None


def test_the_lock_of_the_project_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nixpkgs, "source", lambda digest: str(tmp_path / digest))
    a_nixpkgs(tmp_path / "mine", TEXT.replace("numpy", "mine"))
    a_nixpkgs(tmp_path / "theirs", TEXT.replace("numpy", "theirs"))
    nodes = {
        "root": {"inputs": {"nixpkgs": "nixpkgs_2", "other": "other"}},
        "nixpkgs": {"locked": {"narHash": "theirs"}},
        "nixpkgs_2": {"locked": {"narHash": "mine"}},
    }
    (tmp_path / "flake.lock").write_text(json.dumps({"nodes": nodes, "version": 7}))
    environ = {"NIX_PATH": f"nixpkgs={tmp_path / 'theirs'}"}
    assert Nixpkgs(environ, str(tmp_path)).attribute("mine")
    (tmp_path / "flake.lock").write_text("{")
    assert Nixpkgs(environ, str(tmp_path)).attribute("theirs")
