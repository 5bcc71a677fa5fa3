{ pkgs ? import <nixpkgs> { } }:
pkgs.mkShell {
  nativeBuildInputs = [
    pkgs.@python@
@tools@
  ];
  buildInputs = [
@inputs@
  ];
}
