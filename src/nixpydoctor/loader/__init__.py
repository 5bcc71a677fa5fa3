"""What a loader does with a program and with the objects it opens: all that other layers see of the model."""

from nixpydoctor.loader.closures import Closures, Fate, dlopen, start

__all__ = ["Closures", "Fate", "dlopen", "start"]
