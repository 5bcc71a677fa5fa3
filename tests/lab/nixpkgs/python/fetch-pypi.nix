# fetchPypi: one file of the registry, fixed by its hash. pip fetches it, so the registry is whatever pip is set up for.
{
  lib,
  pkgs,
  python,
}:
let
  inherit (python) pythonVersion;
  interpreter = python;
in
{
  pname,
  version,
  hash ? "",
  sha256 ? "",
  format ? "setuptools",
  extension ? "tar.gz",
  python ? "py2.py3",
  abi ? "none",
  platform ? "any",
  file ?
    if format == "wheel" then "${pname}-${version}-${python}-${abi}-${platform}.whl" else "${pname}-${version}.${extension}",
  ...
}:
pkgs.build file "source ${./fetch-pypi.sh}" {
  inherit pname version file;
  python = interpreter;
  minor = pythonVersion;
  outputHashMode = "flat";
  outputHashAlgo = "sha256";
  outputHash = if hash != "" then hash else if sha256 != "" then sha256 else lib.fakeHash;
  impureEnvVars = [
    "http_proxy"
    "https_proxy"
    "no_proxy"
    "PIP_CERT"
    "PIP_INDEX_URL"
    "PIP_EXTRA_INDEX_URL"
    "PIP_TRUSTED_HOST"
    "PIP_DEFAULT_TIMEOUT"
    "PIP_CONFIG_FILE"
    "SSL_CERT_FILE"
  ];
}
