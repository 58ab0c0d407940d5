"""Runs a module that ends when the process that started it ends, however that was.

`python -m scripts.tether DESCRIPTOR MODULE [ARGUMENT …]`: the descriptor is the reading
end of a pipe whose writing end only the parent holds. When the parent dies, even killed
outright, the pipe closes and this process ends itself.
"""

import os
import runpy
import signal
import sys
import threading
import time

GRACE_SECONDS = 5
"""How long the module has to end by itself after SIGTERM."""


def end_with(descriptor: int) -> None:
    """Watch a pipe in the background and end this process once it closes."""

    def watch() -> None:
        while os.read(descriptor, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="tether", daemon=True).start()


def main() -> None:
    """Tie this process to its parent and become the module."""
    descriptor, module, *arguments = sys.argv[1:]
    end_with(int(descriptor))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
