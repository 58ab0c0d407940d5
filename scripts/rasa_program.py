"""Rasa's command line without the deprecation warnings of its dependencies.

They warn of each other, and several turn such warnings on as they are imported, whatever
PYTHONWARNINGS says. So they are not filtered but left unsaid.
"""

import warnings
from typing import Any

_UNSAID = (DeprecationWarning, PendingDeprecationWarning)


def main() -> None:
    """Run Rasa's command line."""
    say = warnings.showwarning

    def say_what_matters(
        message: Warning | str, category: type[Warning], *where: Any, **more: Any
    ) -> None:
        if not issubclass(category, _UNSAID):
            say(message, category, *where, **more)

    warnings.showwarning = say_what_matters
    import rasa.__main__

    rasa.__main__.main()


if __name__ == "__main__":
    main()
