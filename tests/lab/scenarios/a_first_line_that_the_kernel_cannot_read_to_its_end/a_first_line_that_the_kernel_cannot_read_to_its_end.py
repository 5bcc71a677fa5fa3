"""A console script whose first line names the venv's own Python, by a path that is longer than the kernel reads."""

from lab.scenario import Patient


def prepare(patient: Patient) -> None:
    deep = patient.work / ("deep" * 60) / "bin"
    deep.mkdir(parents=True)
    (deep / "python").symlink_to(patient.bench.python)
    script = patient.bench.path / "bin" / "labtool"
    script.write_text(f"#!{deep}/python\nprint('started')\n")
    script.chmod(0o755)
