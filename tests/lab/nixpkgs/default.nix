# A nixpkgs of the lab: the attributes that the tool's snippets use, backed by derivations that build in seconds.
#
# `attributes.json` beside it (written by `lab/nixpkgs.py` from the tool's own knowledge) says which soname each
# attribute must hold. A library of this machine is taken where there is one; otherwise an empty one of that soname.
{
  system ? builtins.currentSystem,
  ...
}:
let
  data = builtins.fromJSON (builtins.readFile ./attributes.json);

  build =
    name: script: attrs:
    derivation (
      {
        inherit name system;
        builder = "/bin/bash";
        # A last command that bash replaces itself with may close the log before it ends, which Nix takes for a hang.
        args = [ "-euo" "pipefail" "-c" "${script}\n:" ];
        PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
      }
      // attrs
    );

  library =
    attr:
    { folder, sonames }:
    let
      built = build "lab-${builtins.replaceStrings [ "." "_" ] [ "-" "-" ] attr}" ''
        mkdir -p $out/$folder
        for soname in $sonames; do
          from=$(ldconfig -p | awk -v want=$soname '$1 == want && /x86-64/ && !seen { print $NF; seen = 1 }')
          if [ -n "$from" ]; then
            cp -L $from $out/$folder/$soname
            chmod u+w $out/$folder/$soname
            patchelf --set-rpath $out/$folder:$glibc/lib $out/$folder/$soname
          else
            gcc -shared -nostdlib -x c /dev/null -o $out/$folder/$soname -Wl,-soname,$soname
          fi
        done
      '' { inherit folder sonames; glibc = data.glibc; };
    in
    built // { lib = built; };

  lib = rec {
    getLib = package: package.lib or package.out or package;
    makeLibraryPath = packages: builtins.concatStringsSep ":" (map (package: "${getLib package}/lib") packages);
    makeBinPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/bin") packages);
    optionals = condition: list: if condition then list else [ ];
    optionalString = condition: text: if condition then text else "";
    mkForce = value: value;
    setAttrByPath = path: value:
      if path == [ ] then value else { ${builtins.head path} = setAttrByPath (builtins.tail path) value; };
    recursiveUpdate = old: new:
      old
      // builtins.mapAttrs (
        name: value:
        if builtins.isAttrs value && builtins.isAttrs (old.${name} or null) && !(value ? drvPath) then
          recursiveUpdate old.${name} value
        else
          value
      ) new;
  };

  libraries = builtins.foldl' lib.recursiveUpdate { } (
    map (
      attr: lib.setAttrByPath (builtins.filter builtins.isString (builtins.split "\\." attr)) (library attr data.libraries.${attr})
    ) (builtins.attrNames data.libraries)
  );

  # What nix-shell and nix develop source first.
  setup = build "lab-stdenv" ''
    mkdir $out
    cat >$out/setup <<'END'
    for input in ''${buildInputs-} ''${nativeBuildInputs-} ''${packages-}; do
      if [ -d "$input/bin" ]; then PATH="$input/bin:$PATH"; fi
    done
    export PATH
    runHook() { if [ -n "''${!1-}" ]; then eval "''${!1}"; fi; }
    END
  '' { };

  linked = name: path: build name "ln -s ${path} $out" { };
in
libraries
// {
  inherit lib system;
  stdenv = libraries.stdenv or { } // {
    outPath = setup.outPath;
    isLinux = true;
    hostPlatform = { inherit system; };
  };
  mkShell =
    attrs:
    build "nix-shell" "export >$out" ({ stdenv = setup; } // builtins.removeAttrs attrs [ "passthru" "meta" ]);
  mkShellNoCC = attrs: build "nix-shell" "export >$out" ({ stdenv = setup; } // attrs);
  runCommandLocal = name: attrs: script: build name script attrs;
  bashInteractive = build "bash-interactive" "mkdir -p $out/bin; ln -s /bin/bash $out/bin/bash" { };
  python312 = linked "python3-lab" data.pythons."3.12";
  python3 = linked "python3-lab" data.pythons."3.12";
  python311 = linked "python3-lab" data.pythons."3.11";
}
