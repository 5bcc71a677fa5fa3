# A wheel that a lock names, as arguments of buildPythonPackage: among its files the first that fits this Python.
#
# nixpkgs has no such function. The lab's stand-ins for readers of locks are built on it (`tests/lab/inputs`), and it gives
# a wheel no library: what an override does not bring, autoPatchelfHook misses.
{ pkgs, python }:
{
  pname,
  version,
  files, # [ { file; hash; } ]
}:
let
  minor = builtins.replaceStrings [ "." ] [ "" ] python.pythonVersion;
  tags = "(cp${minor}-cp${minor}|cp3[0-9]*-abi3|py3-none|py2.py3-none)-(any|[^-]*manylinux[^-]*x86_64[^-]*)";
  fitting = builtins.filter (one: builtins.match ".*-${tags}\\.whl" one.file != null) files;
  found = if fitting == [ ] then throw "${pname} ${version}: no wheel of the lock fits ${python.name}" else builtins.head fitting;
in
{
  inherit pname version;
  format = "wheel";
  src = python.pkgs.fetchPypi { inherit pname version; inherit (found) file hash; };
  nativeBuildInputs = [ pkgs.autoPatchelfHook ];
  buildInputs = [ ];
}
