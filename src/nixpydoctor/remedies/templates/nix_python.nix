{ pkgs ? import <nixpkgs> { } }:
let
  python = pkgs.@python@;
  ps = python.pkgs;
@own@in
python.withPackages (_: [
@packages@
])
