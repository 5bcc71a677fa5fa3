"""What `site` adds in a host, where no real one is needed to see it; tests/oracle and the lab judge the rest."""

from __future__ import annotations

from nixpydoctor.disk import Disk
from nixpydoctor.embedding import Build, Outlook, Start, Surroundings, predict
from nixpydoctor.facts import FsPath

PREFIX = "/nix/store/1pyaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3-3.12.1"
SITE = f"{PREFIX}/lib/python3.12/site-packages"
PACKAGE = "/nix/store/2npaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-python3.12-numpy-2.2.6/lib/python3.12/site-packages"
WRAPPED = {"NIX_PYTHONPATH": PACKAGE, "NIX_PYTHONPREFIX": "/env", "NIX_PYTHONEXECUTABLE": "/env/bin/python3"}


def outlook(sitecustomize: str) -> Outlook:
    files = {
        f"{PREFIX}/lib/python3.12/os.py": "",
        f"{SITE}/sitecustomize.py": sitecustomize,
        f"{PACKAGE}/numpy/__init__.py": "",
    }
    disk = Disk.closed(texts={FsPath(path): text for path, text in files.items()})
    return predict(Build((3, 12), PREFIX), Start(), Surroundings(WRAPPED, "/", "/home/ada"), disk)


def test_the_start_up_file_of_nixpkgs_takes_the_variables_of_a_wrapper() -> None:
    seen = outlook('folders = os.environ.pop("NIX_PYTHONPATH", None)\n')
    assert seen.path[-1].path == PACKAGE
    assert (seen.prefix, seen.executable) == ("/env", "/env/bin/python3")


def test_any_other_python_leaves_them_alone() -> None:
    seen = outlook("import warnings\n")
    assert seen.path[-1].path == SITE
    assert (seen.prefix, seen.executable) == (PREFIX, "")
