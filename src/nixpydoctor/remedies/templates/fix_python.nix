# Read with the nixpkgs that your Python comes from. No C library: every loader brings its own.
let
  pkgs = import <nixpkgs> { };
in
[
@libraries@
]
