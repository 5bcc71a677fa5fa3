{ pkgs ? import <nixpkgs> { } }:
pkgs.mkShell {
  NIX_LD_LIBRARY_PATH = @libraries@;
}
