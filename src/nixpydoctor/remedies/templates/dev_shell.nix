{ pkgs ? import <nixpkgs> { } }:
pkgs.mkShell {
  packages = [
    (pkgs.@python@.withPackages (ps: [
@packages@
    ]))
@tools@  ];
  # The environment's Python sees its packages by itself; these would reach every other Python as well.
  shellHook = "unset PYTHONPATH _PYTHON_SYSCONFIGDATA_NAME _PYTHON_HOST_PLATFORM";
}
