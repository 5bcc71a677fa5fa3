"""Makes the venv that `run.py` measures: distributions with more than a thousand shared objects between them.

python benchmarks/make_venv.py FOLDER [--python PYTHON]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

DISTRIBUTIONS = [
    "aiohttp", "av", "cryptography", "duckdb", "fiona", "gevent", "grpcio", "h5py", "imageio", "lxml", "matplotlib",
    "msgpack", "netcdf4", "numba", "numexpr", "numpy", "onnxruntime", "opencv-python-headless", "orjson", "pandas",
    "pillow", "polars", "psycopg2-binary", "pyarrow", "pydantic", "pyproj", "pyside6", "pyzmq", "rasterio",
    "scikit-image", "scikit-learn", "scipy", "shapely", "soundfile", "statsmodels", "tables",
]  # fmt: skip


def make(folder: Path, python: str = sys.executable) -> None:
    """Install everything as wheels; raises `CalledProcessError` where pip fails."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--only-binary", ":all:", *DISTRIBUTIONS], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    make(given.folder, given.python)
