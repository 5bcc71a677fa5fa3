"""NPD510: no file with certificates is where TLS of this process looks for one."""

from __future__ import annotations

from collections.abc import Iterator

from nixpydoctor.case import Case
from nixpydoctor.facts import FsPath, in_store, leaf
from nixpydoctor.findings import Finding, Place, Severity, rule

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_USUAL = ("/etc/ssl/certs", "/etc/ssl/cert.pem", "/usr/lib/ssl/cert.pem", "/etc/pki/tls/certs/ca-bundle.crt")
"""Where builds of OpenSSL look when no variable is set; the first is a folder that holds a bundle."""


@rule(
    "NPD510",
    Severity.NOTE,
    "no certificates where TLS looks for them",
    symptoms=(
        r"CERTIFICATE_VERIFY_FAILED\] certificate verify failed: unable to get local issuer certificate",
        r"Could not find a suitable TLS CA certificate bundle, invalid path: (?P<path>\S+)",
        r"invalid peer certificate: UnknownIssuer",
    ),
)
def certificates_gone(case: Case) -> Iterator[Finding]:
    """One finding per variable that names nothing; one where none is set and no usual place has any."""
    env = case.process.env
    given = {name: FsPath(path) for name in _VARIABLES if (path := env.get(name))}
    for name, path in given.items():
        for part in path.split(":") if name == "SSL_CERT_DIR" else [path]:
            if part.startswith("/") and not case.there(FsPath(part)):
                yield certificates_gone.finding(
                    FsPath(part),
                    f"{name}={path} names nothing, so encrypted connections that rely on it are refused",
                    Place(FsPath(part), "does not exist"),
                    detail=name,
                )
    if (
        given
        or not in_store(case.process.interp or "")
        or not any(leaf(p).startswith("_ssl.") for p in case.extensions)
    ):
        return
    if not any(case.there(FsPath(place)) for place in _USUAL):
        yield certificates_gone.finding(
            FsPath(_USUAL[0]),
            "no certificates are installed on this machine and no variable names any: https of the ssl module fails",
            *(Place(FsPath(place), "does not exist") for place in _USUAL[:1]),
            detail="no bundle",
        )
