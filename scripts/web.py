"""The chat page alone: `make serve CHANNELS=web` that shows the page when it can be used."""

import os
import sys

from scripts import serve


def main() -> int:
    """Serve the page until stopped."""
    os.environ["CHANNELS"] = "web"
    return serve.main(show_page=True)


if __name__ == "__main__":
    sys.exit(main())
