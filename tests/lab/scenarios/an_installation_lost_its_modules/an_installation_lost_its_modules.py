"""Files of three distributions are gone: a module, and two compiled modules, beside folders of the same name or not."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    site = patient.site_packages
    for pattern in ("six.py", "pydantic_core/_pydantic_core.*.so", "numpy/_core/_multiarray_umath.*.so"):
        for path in site.glob(pattern):
            path.unlink()
