{ pkgs ? import <nixpkgs> { } }:
(pkgs.@builder@ {
  name = "fhs";
  targetPkgs = pkgs: [
@packages@
  ];
  runScript = "bash";
}).env
