# The libraries that the tool knows: one of this machine where there is one (what it needs lies in a
# folder of its own, where nobody else finds it), otherwise an empty one of that soname.
{
  lib,
  pkgs,
  data,
}:
let
  library =
    attr:
    { folder, sonames }:
    let
      built = pkgs.build "lab-${builtins.replaceStrings [ "." "_" ] [ "-" "-" ] attr}" ''
        source $library
        mkdir -p $out/$folder
        for soname in $sonames; do
          from=$(host_library $soname)
          if [ -n "$from" ]; then
            cp -L $from $out/$folder/$soname
            chmod u+w $out/$folder/$soname
            gather $out/needed $out/needed:$glibc/lib $(patchelf --print-needed $out/$folder/$soname)
            patchelf --set-rpath $out/$folder:$out/needed:$glibc/lib $out/$folder/$soname
          else
            gcc -shared -nostdlib -x c /dev/null -o $out/$folder/$soname -Wl,-soname,$soname
          fi
        done
      '' { inherit folder sonames; inherit (pkgs) glibc; library = ./store/library.sh; };
    in
    built // { lib = built; };

  parts = attr: builtins.filter builtins.isString (builtins.split "\\." attr);

  tree = builtins.foldl' lib.recursiveUpdate { } (
    map (attr: lib.setAttrByPath (parts attr) (library attr data.libraries.${attr})) (builtins.attrNames data.libraries)
  );
in
tree
// {
  # The compilers' packages are named with and without the output that holds the libraries.
  stdenv = pkgs.stdenvWith (tree.stdenv.cc // { cc = tree.stdenv.cc.cc.lib; });
  gfortran = tree.gfortran // { cc = tree.gfortran.cc.lib; };
}
