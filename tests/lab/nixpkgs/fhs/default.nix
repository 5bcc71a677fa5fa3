# buildFHSEnv: a program that starts another one in a root with the usual folders, made by bubblewrap as nixpkgs does it.
{
  lib,
  pkgs,
}:
{
  # What every such environment has: the C library, the compilers' runtime, a shell and the usual small programs.
  buildFHSEnv =
    {
      name ? "${given.pname}-${given.version}",
      targetPkgs ? (_: [ ]),
      multiPkgs ? (_: [ ]),
      runScript ? "bash",
      profile ? "",
      extraBwrapArgs ? [ ],
      extraBuildCommands ? "",
      ...
    }@given:
    let
      base = [ pkgs.glibc pkgs.stdenv.cc.cc.lib pkgs.bash pkgs.busybox pkgs.xz pkgs.bzip2 ];
      multi = if multiPkgs == null then [ ] else multiPkgs pkgs;
      rootfs = pkgs.build "${name}-fhsenv-rootfs" "source ${./rootfs.sh}" {
        inherit profile extraBuildCommands;
        paths = map lib.getLib (targetPkgs pkgs ++ multi) ++ targetPkgs pkgs ++ multi ++ base;
        inherit (pkgs) glibc;
      };
      init = pkgs.writeShellScript "${name}-init" ''
        ${pkgs.glibc}/sbin/ldconfig -f /etc/ld.so.conf -C /etc/ld.so.cache 2>/dev/null
        source /etc/profile
        exec ${runScript} "$@"
      '';
      program = pkgs.build name "source ${./program.sh}" {
        inherit rootfs init name;
        script = ./enter.sh;
        inherit (pkgs) bash glibc;
        inherit extraBwrapArgs;
      };
    in
    program
    // {
      # For nix-shell: the shell becomes the environment.
      env = pkgs.build "${name}-shell-env" "echo >&2 'this is for nix-shell alone'; exit 1" {
        shellHook = "exec ${program}/bin/${name}";
      };
      fhsenv = rootfs;
      meta.mainProgram = name;
    };
}
