{ pkgs ? import <nixpkgs> { } }:
let
  python = pkgs.@python@;
  ps = python.pkgs;
@own@  env = python.withPackages (_: [
@packages@
  ]);
in
pkgs.mkShell {
  packages = [ env@tools@ ];
@variable@  shellHook = "unset PYTHONPATH PYTHONHOME; export PYTHONNOUSERSITE=1";
}
