"""Starts the tool: first out of the patient's reach, then into the command line."""

from typing import NoReturn

from nixpydoctor.isolation import isolate


def main() -> NoReturn:
    """The console script and `python -m nixpydoctor`."""
    isolate()
    from nixpydoctor.cli import main as run

    run()


if __name__ == "__main__":
    main()
