# A derivation that succeeds where a Python is healthy, for the `checks` of a flake or for `nix-build`.
#
#   python   what is examined: `pkgs.python3.withPackages (…)`, a virtual environment in the store, a program
#   failOn   the least severity that fails: "error", "warning" or "note"
#   args     more words for `nixpydoctor check`
{
  lib,
  runCommand,
  nixpydoctor,
}:
{
  python,
  name ? "python",
  failOn ? "error",
  args ? [ ],
}:
runCommand "nixpydoctor-${name}" { nativeBuildInputs = [ nixpydoctor ]; } ''
  target=${python}
  # An environment of nixpkgs is examined as the Python that it is, a virtual environment as the folder.
  if [ ! -e $target/pyvenv.cfg ] && [ -x $target/bin/python3 ]; then target=$target/bin/python3; fi
  ${lib.getExe nixpydoctor} check $target --fail-on ${failOn} ${lib.escapeShellArgs args} | tee $out
''
