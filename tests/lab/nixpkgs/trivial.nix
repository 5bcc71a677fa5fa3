# How everything here is built, the shells, and the small builders of nixpkgs.
{
  system,
  lib,
  pkgs,
  data,
}:
let
  # What nix-shell and nix develop source first, and what every builder here begins with.
  setup = raw "lab-stdenv" ''
    mkdir $out
    cp $script $out/setup
  '' { script = ./stdenv/setup.sh; };

  raw =
    name: script: attrs:
    derivation (
      {
        inherit name system;
        builder = "/bin/bash";
        outputs = [ "out" ]; # nix develop reads the variable
        # A last command that bash replaces itself with may close the log before it ends, which Nix takes for a hang.
        args = [ "-euo" "pipefail" "-c" "${script}\n:" ];
        PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
      }
      // attrs
    );

  build = name: script: attrs: raw name "source ${setup}/setup\n${script}" ({ stdenv = setup; } // attrs);

  # A store path that the lab has built already, as the derivation that it came from.
  external =
    { name, out, drv }:
    let
      known = builtins.appendContext out { ${drv} = { outputs = [ "out" ]; }; };
      self = {
        type = "derivation";
        inherit name system;
        outPath = known;
        drvPath = builtins.appendContext drv { ${drv} = { path = true; }; };
        outputName = "out";
        outputs = [ "out" ];
        out = self;
        all = [ self ];
      };
    in
    self;

  write =
    name: mode: destination: content:
    build name ''
      target=$out$destination
      mkdir -p "$(dirname "$target")"
      printf %s "$content" >"$target"
      chmod $mode "$target"
    '' { inherit mode destination content; };

  # Programs of this machine under the names that a shell may list.
  program = name: commands: build name ''
    mkdir -p $out/bin
    for command in $commands; do ln -s "$(command -v $command)" $out/bin/$command; done
  '' { inherit commands; };

  # The compilers of every shell, as nixpkgs wraps them: what they link names the folders of the inputs, and of libstdc++.
  wrappedCompilers = build "gcc-wrapper" ''
    mkdir -p $out/bin $out/nix-support
    cp $hook $out/nix-support/setup-hook
    for name in gcc g++ cc c++; do
      printf '#!%s\nexec %s $NIX_CFLAGS_COMPILE "$@" -L%s -Wl,-rpath,%s $NIX_CFLAGS_LINK\n' \
        $bash/bin/bash "$(command -v $name)" $runtime/lib $runtime/lib >$out/bin/$name
    done
    chmod +x $out/bin/*
  '' { hook = ./stdenv/compilers.sh; runtime = pkgs.stdenv.cc.cc.lib; inherit (pkgs) bash; };

  inputs = [ "buildInputs" "nativeBuildInputs" "propagatedBuildInputs" "propagatedNativeBuildInputs" ];
  shellWith =
    compilers:
    {
      name ? "nix-shell",
      packages ? [ ],
      inputsFrom ? [ ],
      shellHook ? "",
      env ? { },
      ...
    }@given:
    let
      rest = builtins.removeAttrs given ([ "name" "packages" "inputsFrom" "shellHook" "env" "passthru" "meta" ] ++ inputs);
      merged = kind:
        (given.${kind} or [ ])
        ++ lib.optionals (kind == "nativeBuildInputs") (packages ++ compilers)
        ++ builtins.concatMap (from: from.${kind} or [ ]) inputsFrom;
      hooks = map (from: from.shellHook or "") inputsFrom ++ [ shellHook ];
    in
    build name "export >$out" (
      rest
      // env
      // lib.genAttrs inputs merged
      // { shellHook = lib.concatStringsSep "\n" (builtins.filter (hook: hook != "") hooks); }
    );
in
{
  inherit build external;
  mkShell = shellWith [ wrappedCompilers ];
  mkShellNoCC = shellWith [ ];
  stdenvWith = cc: {
    inherit system;
    outPath = setup.outPath;
    isLinux = true;
    isDarwin = false;
    hostPlatform = { inherit system; isLinux = true; };
    cc = cc // {
      bintools.dynamicLinker = "${pkgs.glibc}/lib/ld-linux-x86-64.so.2";
      libc = pkgs.glibc;
    };
  };
  glibc = external data.glibc;
  busybox = external data.busybox;
  bash = external data.bash;
  bashInteractive = external data.bash;

  runCommand = name: attrs: script: build name script attrs;
  runCommandCC = name: attrs: script: build name script attrs;
  runCommandLocal = name: attrs: script: build name script attrs;
  writeText = name: content: write name "644" "" content;
  writeTextFile =
    { name, text, executable ? false, destination ? "", ... }@given:
    write name (if executable then "755" else "644") destination given.text;
  writeScript = name: content: write name "755" "" content;
  writeShellScript = name: content: write name "755" "" "#!${pkgs.bash}/bin/bash\n${content}";
  writeShellScriptBin =
    name: content: write name "755" "/bin/${name}" "#!${pkgs.bash}/bin/bash\n${content}" // { meta.mainProgram = name; };
  writeShellApplication =
    { name, text, runtimeInputs ? [ ], ... }@given:
    pkgs.writeShellScriptBin name ''
      set -o errexit -o nounset -o pipefail
      export PATH="${lib.makeBinPath runtimeInputs}:$PATH"
      ${given.text}
    '';
  symlinkJoin =
    { name, paths, postBuild ? "", nativeBuildInputs ? [ ], ... }@given:
    build name ''
      mkdir -p $out
      for path in $paths; do cp -rsf --no-preserve=mode $path/. $out/; done
      ${postBuild}
    '' (builtins.removeAttrs given [ "name" "postBuild" "meta" "passthru" ]);
  buildEnv =
    { name, paths, pathsToLink ? [ "/" ], postBuild ? "", ... }:
    build name ''
      mkdir -p $out
      for path in $paths; do
        for part in $pathsToLink; do
          [ ! -d $path$part ] || { mkdir -p $out$part; cp -rsf --no-preserve=mode $path$part/. $out$part/; }
        done
      done
      rm -rf $out/nix-support
      ${postBuild}
    '' { inherit paths pathsToLink; };
  makeWrapper = build "make-wrapper-hook" ''
    mkdir -p $out/nix-support
    cp $script $out/nix-support/setup-hook
  '' { script = ./stdenv/make-wrapper.sh; };
  autoPatchelfHook = build "auto-patchelf-hook" ''
    mkdir -p $out/nix-support
    cp $script $out/nix-support/setup-hook
  '' { script = ./stdenv/auto-patchelf.sh; };

  bubblewrap = program "bubblewrap" [ "bwrap" ];
  coreutils = program "coreutils" [ "cat" "chmod" "cp" "env" "ls" "mkdir" "rm" "true" ];
  patchelf = program "patchelf" [ "patchelf" ];
  gcc = program "gcc" [ "gcc" "g++" ];
  nixfmt-tree = build "nixfmt-tree" "echo 'the lab has no formatter' >&2; exit 1" { };
  gnumake = program "gnumake" [ "make" ];
}
