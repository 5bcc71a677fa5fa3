{ pkgs ? import <nixpkgs> { } }:
let
  base = @base@;
  libraries = @libraries@;
in
# The loader gets the list as an argument. No variable is set, so what Python starts knows nothing of it.
pkgs.runCommandLocal "python-with-libraries" { } ''
  mkdir -p $out/bin
  ln -s ${base}/lib ${base}/include $out/
  cat >$out/bin/python3 <<'END'
  #!${pkgs.bash}/bin/bash
  exec ${pkgs.stdenv.cc.bintools.dynamicLinker} --argv0 "$0" --library-path "''${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}${libraries}" ${base}/bin/@python@ "$@"
  END
  chmod +x $out/bin/python3
  ln -s python3 $out/bin/python
  ln -s python3 $out/bin/@python@
''
