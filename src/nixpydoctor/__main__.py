"""Starts the tool: first out of the patient's reach, then into the command line."""

import gc
import sys
from typing import NoReturn

from nixpydoctor.isolation import isolate


def main() -> NoReturn:
    """The console script and `python -m nixpydoctor`."""
    isolate()
    # A run is short and leaves hardly any cycles: looking for them as often as usual takes a tenth of it.
    gc.set_threshold(400_000, 20, 20)
    from nixpydoctor import checking_console, console, quick

    asked = quick.read(sys.argv[1:])
    if asked is not None:
        console.leave(console.outcome(lambda: checking_console.check(asked)))
    from nixpydoctor.cli import main as run

    run()


if __name__ == "__main__":
    main()
