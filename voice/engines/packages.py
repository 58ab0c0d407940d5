"""Packages that only those install who choose an engine."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from voice.asr import RecognizerError


def needed(module: str, engine: str) -> Any:
    """Imports a package.

    Raises:
        RecognizerError: It is not installed, or cannot be loaded.
    """
    package = module.replace("_", "-")
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise RecognizerError(
            f"{engine} is not installed: uv pip install {package} (it needs {error.name})."
        ) from error
    except (ImportError, OSError) as error:
        raise RecognizerError(f"{engine} cannot be loaded: {error}") from error


def leave_tensorflow_out() -> None:
    """Before transformers is imported, which would load TensorFlow: 360 MB, for nothing."""
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("USE_TF", "0")
