"""Rasa's command line without the deprecation warnings of its dependencies.

Importing Sanic or pyparsing turns them on, whatever PYTHONWARNINGS says.
"""

import warnings

# First, so that their filters lie below ours.
import pyparsing  # noqa: F401
import sanic  # noqa: F401


def main() -> None:
    """Run Rasa's command line."""
    warnings.simplefilter("ignore")
    import rasa.__main__

    rasa.__main__.main()


if __name__ == "__main__":
    main()
